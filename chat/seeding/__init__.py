"""A small world to look at: people, rooms, and what they say. For ``manage.py seed``."""
