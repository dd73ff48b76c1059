"""nginx before the site: templates, and what fills them in."""
