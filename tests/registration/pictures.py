"""Pictures as people hand them in, and as an attacker does."""

import struct
import zlib
from io import BytesIO

from PIL import Image


def halves(size=(900, 1200), mode="RGB"):
    """Red on the left, blue on the right: which part was kept, and which way up, can be read from it."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((30, 30, 200), (size[0] // 2, 0, *size))
    return image.convert(mode)


def saved(image, kind="JPEG", **how):
    target = BytesIO()
    image.save(target, kind, **how)
    return target.getvalue()


def photograph():
    return saved(halves(), quality=90)


def with_notes(orientation=1):
    """What a telephone writes: where it was, and how it was held."""
    image = halves((1200, 900))
    notes = Image.Exif()
    notes[0x0112] = orientation
    notes[0x010F] = "A telephone"
    notes.get_ifd(0x8825)[2] = (35.0, 46.0, 0.0)
    return saved(image, exif=notes, quality=90, comment=b"secret comment")


def huge_png(width=60_000, height=60_000):
    """A few bytes that promise thousands of millions of pixels."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def grey_sixteen():
    row = struct.pack("<H", 40_000) * 350 + b"\0\0" * 350
    return saved(Image.frombytes("I;16", (700, 900), row * 900), "PNG")
