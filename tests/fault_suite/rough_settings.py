"""The site's own settings, with a rough channel layer; ``ROUGH_LAYER`` names its orders' file."""

from __future__ import annotations

import os

from chatsite.settings import *  # noqa: F403 - settings are made so
from chatsite.settings import CHANNEL_LAYERS as SMOOTH

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "tests.fault_suite.rough_layer.RoughLayer",
        "CONFIG": {"over": SMOOTH["default"], "orders": os.environ["ROUGH_LAYER"]},
    }
}
