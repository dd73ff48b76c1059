"""Pictures of people: whatever is uploaded, a small square without a past comes out."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from chat import pictures
from chat.errors import BadPictureError
from chat.models import User

FORM = {"display_name": "bob", "hue": "90", "language": "", "time_zone": "", "theme": ""}


def image(size: tuple[int, int] = (300, 200), kind: str = "PNG", mode: str = "RGB", **options):
    out = BytesIO()
    Image.new(mode, size, "teal" if mode != "P" else 3).save(out, kind, **options)
    return out.getvalue()


def huge_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is that large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def with_place() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"
    return image((60, 120), "JPEG", exif=exif)


@pytest.mark.parametrize(
    "data",
    [
        image(),
        image(kind="JPEG"),
        image(kind="WEBP"),
        image(kind="GIF", mode="P"),
        image(mode="RGBA"),
        image(mode="L"),
        image(mode="1"),
        image(mode="CMYK", kind="JPEG"),
        image((1, 1)),
        image((1, 3000)),
        with_place(),
    ],
    ids=["png", "jpeg", "webp", "gif", "alpha", "grey", "bits", "cmyk", "dot", "line", "exif"],
)
def test_every_picture_becomes_a_small_square_webp(data: bytes) -> None:
    made = Image.open(BytesIO(pictures.make_picture(BytesIO(data))))
    assert (made.format, made.size) == ("WEBP", (pictures.SIDE, pictures.SIDE))
    assert not made.getexif()
    assert "exif" not in made.info


BAD = {
    "empty": b"",
    "text": b"hello",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "truncated": image()[:60],
    "half": image((800, 800), "JPEG")[:500],
    "header alone": b"\x89PNG\r\n\x1a\n",
    "bmp": image(kind="BMP"),
    "tiff": image(kind="TIFF"),
    "pdf": b"%PDF-1.7\n",
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BadPictureError) as refused:
        pictures.make_picture(BytesIO(data))
    assert "cannot be read" in refused.value.text


@pytest.mark.parametrize("size", [(30_000, 30_000), (10_000, 9_000), (8_000, 5_001)])
def test_too_many_pixels_are_refused_by_the_header_alone(size: tuple[int, int]) -> None:
    with pytest.raises(BadPictureError) as refused:
        pictures.make_picture(BytesIO(huge_header(*size)))
    assert "40 million" in refused.value.text


def test_the_number_of_bytes_is_judged_at_the_limit_and_beyond() -> None:
    data = image()
    fits = data + b"\0" * (pictures.MAX_PICTURE_BYTES - len(data))
    pictures.make_picture(BytesIO(fits))
    with pytest.raises(BadPictureError) as refused:
        pictures.make_picture(BytesIO(fits + b"\0"))
    assert "10 MB" in refused.value.text


@pytest.mark.django_db
class TestOnTheProfile:
    @pytest.fixture(autouse=True)
    def folder(self, settings, tmp_path: Path) -> Path:
        settings.MEDIA_ROOT = tmp_path
        return tmp_path

    @pytest.fixture
    def page(self, client: Client, bob: User) -> Client:
        client.force_login(bob)
        return client

    def upload(self, page: Client, data: bytes, name: str = "me.png"):
        return page.post("/profile/", {**FORM, "picture": SimpleUploadedFile(name, data)})

    def test_bob_has_a_picture_that_the_signed_in_see(
        self, page: Client, bob: User, eve: User
    ) -> None:
        self.upload(page, image())
        bob.refresh_from_db()
        reader, stranger = Client(), Client()
        reader.force_login(eve)
        answer = reader.get(bob.picture.url)
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer.headers["Cache-Control"]
        assert stranger.get(bob.picture.url).status_code == 404

    def test_the_file_has_a_name_of_ours(self, page: Client, bob: User) -> None:
        self.upload(page, image(), '../../"<b>\u202egnp.svg')
        bob.refresh_from_db()
        assert bob.picture.name.startswith("pictures/")
        assert bob.picture.name.endswith(".webp")
        assert "<" not in bob.picture.name

    def test_the_old_file_goes_with_the_new_one(
        self, page: Client, bob: User, folder: Path, django_capture_on_commit_callbacks
    ) -> None:
        self.upload(page, image())
        with django_capture_on_commit_callbacks(execute=True):
            self.upload(page, image((50, 50)))
        assert len(list((folder / "pictures").iterdir())) == 1
        with django_capture_on_commit_callbacks(execute=True):
            page.post("/profile/", {**FORM, "remove_picture": "on"})
        assert not list((folder / "pictures").iterdir())
        bob.refresh_from_db()
        assert not bob.picture

    def test_a_refused_name_leaves_no_file(
        self, page: Client, bob: User, ada: User, folder: Path
    ) -> None:
        picture = SimpleUploadedFile("me.png", image())
        page.post("/profile/", {**FORM, "display_name": "Ada", "picture": picture})
        assert not list(folder.rglob("*.webp"))

    @pytest.mark.parametrize("data", BAD.values(), ids=BAD)
    def test_a_bad_file_says_so_on_the_form(self, page: Client, bob: User, data: bytes) -> None:
        answer = self.upload(page, data)
        assert answer.status_code == 200
        assert answer.context["form"].errors["picture"]

    @pytest.mark.parametrize("name", ["x.webp", "..%2f..%2fchat.sqlite3", "%00", "..", "a" * 300])
    def test_no_other_file_is_given_out(self, page: Client, name: str) -> None:
        assert page.get(f"/media/pictures/{name}").status_code in {400, 404}
