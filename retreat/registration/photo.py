"""A portrait: from whatever was handed in to a small clean JPEG of one size. Pure.

What a browser claims is not believed: the first bytes say what it is, the dimensions are read before anything is
decoded, and what is kept is a picture of our own making, without a word of the camera's about where it was taken.
"""

import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageFile, ImageOps

from retreat.core.errors import RetreatError

WIDTH, HEIGHT = 600, 750
MEDIA_TYPE = "image/jpeg"
MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 64_000_000
"""More than telephones make; decoded, such a picture takes a quarter of a gigabyte for a moment."""
LEAST_WIDTH, LEAST_HEIGHT = 240, 300
"""Less is a stamp on a badge of 24 mm."""
LARGEST_RESULT = 120 * 1024

_QUALITIES = (88, 82, 75, 68, 60, 50, 40, 30, 20, 10)
_KINDS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
# What a decoder that meets nonsense may raise, besides its own errors.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, OverflowError, struct.error, zlib.error)
# Several large pictures at once would take the memory of a small machine.
_one_at_a_time = threading.Lock()


class PhotographRefused(RetreatError):
    """Why a picture cannot be taken; nothing has been changed."""


class Box(NamedTuple):
    """The part to keep, in fractions of the upright picture's width and height."""

    left: float
    top: float
    width: float
    height: float


def portrait(content: bytes, box: Box | None = None) -> bytes:
    """A JPEG of WIDTH × HEIGHT of what `box` chose, else of the middle. Raises PhotographRefused."""
    if len(content) > MOST_BYTES:
        raise PhotographRefused(too_large())
    kind = _kind(content)
    with _one_at_a_time, _whole_pictures_only():
        try:
            return _encoded(_cut(_opened(content, kind), box))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
            raise PhotographRefused(_too_many_pixels()) from bomb
        except _DAMAGED as error:
            raise PhotographRefused(_l("The picture is damaged or not complete. Choose the file once more.")) from error


@contextmanager
def _whole_pictures_only() -> Iterator[None]:
    """Whoever imports WeasyPrint has Pillow take half a picture for a whole one, everywhere in the process."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def too_large() -> object:
    return _l("The file is larger than %(most)s MB. Choose a smaller version of the picture.", most=MOST_BYTES >> 20)


def _too_many_pixels() -> object:
    return _l("The picture has more than %(most)s million pixels. Choose a smaller version.", most=MOST_PIXELS // 10**6)


def _kind(content: bytes) -> str:
    for start, kind in _KINDS.items():
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"avif"):
        raise PhotographRefused(_l("This is a HEIC picture, which not every printer reads. Save it as JPEG first."))
    raise PhotographRefused(_l("This is no photograph that we can read. Choose a JPEG, PNG or WebP file."))


def _opened(content: bytes, kind: str) -> Image.Image:
    """The header only; whoever lies about the size here meets the same limit when the rows are read."""
    image = Image.open(BytesIO(content), formats=[kind])
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise PhotographRefused(_too_many_pixels())
    if min(width, height) < LEAST_WIDTH or max(width, height) < LEAST_HEIGHT:
        raise PhotographRefused(
            _l(
                "The picture is too small to print: %(width)s × %(height)s pixels, where %(least)s are needed.",
                width=width,
                height=height,
                least=f"{LEAST_WIDTH} × {LEAST_HEIGHT}",
            )
        )
    # A telephone's JPEG may carry a second picture, of depth or of brightness: the first is the photograph.
    if kind != "JPEG" and getattr(image, "is_animated", False):
        raise PhotographRefused(_l("This picture moves. Choose one that stands still."))
    return image


def _cut(image: Image.Image, box: Box | None) -> Image.Image:
    share = min(box.width, box.height) if box else 1.0
    # A JPEG can be read at a half, a quarter or an eighth of its size, in as much less memory.
    wanted = int(max(WIDTH, HEIGHT) / max(share, 0.05))
    image.draft("RGB", (wanted, wanted))
    upright = ImageOps.exif_transpose(image)
    return _plain(upright).resize(
        (WIDTH, HEIGHT), Image.Resampling.LANCZOS, box=_pixels(upright.size, box), reducing_gap=3.0
    )


def _plain(image: Image.Image) -> Image.Image:
    """RGB on white, whatever it was: 16 bits, ink's four colours, a palette, transparent."""
    if image.mode.startswith("I"):
        # Sixteen bits of grey; a plain conversion would make all of it white.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        ground = Image.new("RGB", seen.size, "white")
        ground.paste(seen, mask=seen.getchannel("A"))
        return ground
    return image.convert("RGB")


def _pixels(size: tuple[int, int], box: Box | None) -> tuple[float, float, float, float]:
    """The largest upright rectangle of our shape in the middle of `box`, in pixels."""
    full_width, full_height = size
    left, top, width, height = 0.0, 0.0, float(full_width), float(full_height)
    if box is not None:
        left, top = _within(box.left) * full_width, _within(box.top) * full_height
        width = min(max(box.width, 0.05) * full_width, full_width - left)
        height = min(max(box.height, 0.05) * full_height, full_height - top)
    kept_width = min(width, height * WIDTH / HEIGHT)
    kept_height = kept_width * HEIGHT / WIDTH
    left, top = left + (width - kept_width) / 2, top + (height - kept_height) / 2
    return left, top, min(left + kept_width, full_width), min(top + kept_height, full_height)


def _within(fraction: float) -> float:
    return min(max(fraction, 0.0), 0.95)


def _encoded(image: Image.Image) -> bytes:
    """As good as fits; a picture of its own, so nothing of the old file's notes comes along."""
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    for quality in _QUALITIES:
        target = BytesIO()
        clean.save(target, "JPEG", quality=quality, optimize=True)
        if target.tell() <= LARGEST_RESULT:
            break
    return target.getvalue()
