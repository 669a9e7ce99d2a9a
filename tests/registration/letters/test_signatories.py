"""The pictures of signatures: what is taken, what is refused, and what is kept."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from retreat.registration.letters import signatories
from retreat.registration.letters.signatories import BadSignature, picture_of
from tests.registration.letters.making import ink


def opened(content):
    return Image.open(io.BytesIO(content))


def png_that_claims(width, height):
    """A small file whose pixels would fill the machine."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    pixels = zlib.compress(b"\x00" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\x00" * 1_000_000)
    return out.getvalue()


def test_a_transparent_png_stays_transparent_and_loses_its_margin():
    kept = opened(picture_of(ink(size=(400, 400))))
    assert kept.format == "PNG"
    assert kept.size[1] < 130
    alpha = kept.convert("RGBA").getchannel("A")
    assert alpha.getextrema() == (0, 255)


def test_a_scan_loses_its_paper_and_its_margin():
    kept = opened(picture_of(ink(size=(400, 400), kind="JPEG")))
    assert (kept.format, kept.size[1] < 130) == ("PNG", True)
    shown = kept.convert("RGBA")
    assert shown.getpixel((shown.width - 2, 2))[3] == 0
    alpha = shown.getchannel("A").histogram()
    assert (alpha[0] > alpha[255] > 500, sum(alpha[1:20]) < 50) == (True, True)


def test_grey_paper_is_paper():
    grey = Image.new("RGB", (400, 160), (206, 204, 198))
    grey.paste(opened(ink()), mask=opened(ink()))
    out = io.BytesIO()
    grey.save(out, "JPEG")
    shown = opened(picture_of(out.getvalue())).convert("RGBA")
    assert shown.getpixel((shown.width - 2, 2))[3] == 0


def test_a_sheet_without_a_signature_is_refused():
    out = io.BytesIO()
    Image.new("RGB", (400, 160), "white").save(out, "PNG")
    with pytest.raises(BadSignature, match="nothing on it can be seen"):
        picture_of(out.getvalue())


def test_a_large_one_is_made_small():
    content = picture_of(ink(size=(3000, 2000)))
    assert max(opened(content).size) <= 900
    assert len(content) < 60_000


def test_what_stood_beside_the_pixels_is_not_kept():
    from PIL.PngImagePlugin import PngInfo

    said = PngInfo()
    said.add_text("Comment", "Barcelona, desk 4")
    out = io.BytesIO()
    opened(ink()).save(out, "PNG", pnginfo=said)
    assert b"Barcelona" in out.getvalue()
    assert b"Barcelona" not in picture_of(out.getvalue())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><p>x</p>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"%PDF-1.7\n",
        ink()[:200],
        png_that_claims(20_000, 20_000),
        png_that_claims(100_000, 100_000),
        zipped(),
        b"\x00" * (signatories.MOST_BYTES + 1),
    ],
    ids=["empty", "text", "svg", "html", "gif", "pdf", "cut", "bomb", "larger", "zip", "heavy"],
)
def test_anything_else_is_refused_with_a_sentence(content):
    with pytest.raises(BadSignature) as refusal:
        picture_of(content)
    assert str(refusal.value).endswith(".")


def test_a_picture_of_nothing_is_refused():
    out = io.BytesIO()
    Image.new("RGBA", (100, 40), (0, 0, 0, 0)).save(out, "PNG")
    with pytest.raises(BadSignature, match="nothing on it can be seen"):
        picture_of(out.getvalue())
