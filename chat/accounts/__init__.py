"""Signing up and in: what django-allauth asks of us."""
