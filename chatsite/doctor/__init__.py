"""``manage.py doctor``: what is wrong with the set-up, in sentences, and what to do about it."""
