"""The tutorial's app, under a label that nothing of ours has."""

from django.apps import AppConfig


class TutorialConfig(AppConfig):
    name = "benchmarks.tutorial"
    label = "tutorial"
