"""``make bench``: the project and the plain Channels tutorial, measured in one run."""
