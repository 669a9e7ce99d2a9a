"""Files on their way in: judged by their bytes."""

import io

import pytest

from retreat.core import uploads
from retreat.core.uploads import UploadRefused, checked

pytestmark = pytest.mark.one_database


def test_five_megabytes_are_taken_and_a_byte_more_is_not(app):
    whole = b"%PDF-".ljust(uploads.LARGEST, b"x")
    assert checked(whole, "a.pdf")["size"] == uploads.LARGEST
    with app.test_request_context(), pytest.raises(UploadRefused) as refused:
        checked(whole + b"x", "a.pdf")
    assert str(refused.value) == "The file is too large: at most 5 MB can be sent."


def test_a_picture_that_fills_the_memory_once_unpacked_is_refused(app):
    from PIL import Image

    target = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(target, "PNG")
    with app.test_request_context(), pytest.raises(UploadRefused) as refused:
        checked(target.getvalue(), "bomb.png")
    assert str(refused.value) == "The picture has too many pixels: at most 40 million can be sent."


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("", "file.pdf"),
        ("...", "file.pdf"),
        ("C:\\Users\\ana\\cv.final.doc", "cv.final.pdf"),
        ("a" * 300 + ".pdf", "a" * 100 + ".pdf"),
        ("Лист.pdf", "Лист.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
    ],
)
def test_a_name_is_made_harmless(name, kept):
    assert checked(b"%PDF-1.4", name)["file_name"] == kept
