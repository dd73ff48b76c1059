"""One module for each fault or small group of faults; ``registry.py`` gathers them."""
