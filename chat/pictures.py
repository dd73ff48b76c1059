"""Pictures of people: judged from the header, decoded within bounds, made anew.

What is kept is a fresh square WebP of our own making: no metadata, no second
format hidden behind the first, no more pixels than are shown (OWASP ASVS 5, V5).
"""

from __future__ import annotations

import re
import secrets
import struct
from io import BytesIO
from typing import IO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from chat.errors import BadPictureError

MAX_PICTURE_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
TOO_MANY_PIXELS = _("This picture has too many pixels: 40 million is the limit.")
SIDE = 256
"""Pixels: the largest avatar is 72 CSS pixels, on screens with up to 3 dots for each."""
FILE_NAME = re.compile(r"[A-Za-z0-9_-]{22}\.webp")
"""What ``random_name`` makes."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")

# Pillow's own guard warns the terminal where ours refuses, so that ours stands alone:
# it is narrower, and asked before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

# What Pillow raises for a file that lies about itself or breaks off.
_BROKEN = (
    UnidentifiedImageError,
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    struct.error,
)


def make_picture(file: IO[bytes]) -> bytes:
    """Return ``file``, an uploaded image, as a square WebP of ``SIDE`` pixels.

    Raises BadPictureError with a sentence: not an image, too large, broken.
    """
    data = file.read(MAX_PICTURE_BYTES + 1)
    if len(data) > MAX_PICTURE_BYTES:
        raise BadPictureError(_("This picture is too large: 10 MB is the limit."))
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            _check_size(image)
            return _square(image)
    except _BROKEN as error:
        raise BadPictureError from error


def random_name() -> str:
    """A file name that tells nothing and cannot be guessed (128 bits)."""
    return f"{secrets.token_urlsafe(16)}.webp"


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise BadPictureError(TOO_MANY_PIXELS)


def _square(image: Image.Image) -> bytes:
    # For a JPEG this decodes at a half, a quarter or an eighth of the size.
    image.draft("RGB", (2 * SIDE, 2 * SIDE))
    upright = ImageOps.exif_transpose(image)
    # Palettes and greys to colours first: they cannot be made smaller smoothly.
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    square = ImageOps.fit(upright.convert(mode), (SIDE, SIDE), Image.Resampling.LANCZOS)
    square.info.clear()
    out = BytesIO()
    square.save(out, "WEBP", quality=88, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return out.getvalue()
