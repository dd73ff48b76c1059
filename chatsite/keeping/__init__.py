"""Backup and restore: a store and its files in one archive, and back."""
