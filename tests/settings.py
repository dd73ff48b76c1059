"""The site's settings under pytest: a data folder of its own, and passwords hashed quickly."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

if not os.environ.get("DATA_DIR"):
    # A developer's own data, and static files prepared from older sources, stay out of it.
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="chat-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from chatsite.settings import *  # noqa: F403

# Argon2 takes a tenth of a second by design, for each of the cast in each test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Processes that tests start are real sites, and run with the real settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
# WhiteNoise warns of a folder that is not there; without a manifest in it, it serves the sources.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405

# Real threads write in these tests, so the database is a file, not one connection's memory.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}  # noqa: F405

# Static files are looked up when asked for: each test client would otherwise list all of them.
WHITENOISE_AUTOREFRESH = True
