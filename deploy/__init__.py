"""Everything that runs the site in public: images, units, nginx, and a rehearsal of it all."""
