"""What becomes of a picture, whatever it was."""

from io import BytesIO

import pytest
from PIL import Image, ImageFile

from retreat.registration import photo
from retreat.registration.photo import Box, PhotographRefused
from tests.registration import pictures
from tests.registration.pictures import halves, saved

pytestmark = pytest.mark.usefixtures("app_context")


def result(content, box=None):
    clean = photo.portrait(content, box)
    assert clean.startswith(b"\xff\xd8\xff")
    assert len(clean) <= 120 * 1024
    image = Image.open(BytesIO(clean))
    assert (image.format, image.size, image.mode, dict(image.getexif())) == ("JPEG", (600, 750), "RGB", {})
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    return image


def is_red(pixel):
    return pixel[0] > 120 > pixel[2]


def is_blue(pixel):
    return pixel[2] > 120 > pixel[0]


@pytest.mark.parametrize(
    "content",
    [
        saved(halves()),
        saved(halves(), progressive=True),
        saved(halves(mode="CMYK")),
        saved(halves(), "PNG"),
        saved(halves(), "WEBP"),
        saved(halves(mode="P"), "PNG"),
        saved(halves(mode="RGBA"), "PNG"),
        saved(halves(), "MPO", save_all=True, append_images=[Image.new("RGB", (300, 400))]),
    ],
    ids=["jpeg", "progressive", "cmyk", "png", "webp", "palette", "transparent", "with-a-depth-map"],
)
def test_every_usual_kind_becomes_the_same(content):
    image = result(content)
    assert is_red(image.getpixel((60, 375)))
    assert is_blue(image.getpixel((540, 375)))


def test_sixteen_bits_of_grey_are_not_all_white():
    image = result(pictures.grey_sixteen())
    assert abs(image.getpixel((60, 375))[0] - 156) < 12
    assert image.getpixel((560, 375))[0] < 12


def test_what_is_transparent_is_white():
    image = result(saved(Image.new("RGBA", (500, 700), (0, 0, 0, 0)), "PNG"))
    assert image.getpixel((300, 375)) == (255, 255, 255)


def test_a_picture_that_was_held_sideways_stands_upright():
    image = result(pictures.with_notes(orientation=6))  # turn clockwise: the left side comes to the top
    assert is_red(image.getpixel((300, 60)))
    assert is_blue(image.getpixel((300, 690)))


def test_where_it_was_taken_is_not_kept():
    content = pictures.with_notes()
    assert b"A telephone" in content
    clean = photo.portrait(content)
    assert b"A telephone" not in clean
    assert b"secret comment" not in clean
    assert b"Exif" not in clean


@pytest.mark.parametrize(
    ("box", "left", "right"),
    [
        (None, is_red, is_blue),
        (Box(0, 0, 0.45, 0.6), is_red, is_red),
        (Box(0.55, 0.1, 0.4, 0.5), is_blue, is_blue),
        (Box(-3, -3, 99, 99), is_red, is_blue),
        (Box(0.9, 0.9, 0, 0), is_blue, is_blue),
    ],
)
def test_the_chosen_part_is_kept(box, left, right):
    image = result(pictures.photograph(), box)
    assert left(image.getpixel((60, 375)))
    assert right(image.getpixel((540, 375)))


def test_a_part_of_a_picture_held_sideways_is_of_the_upright_one():
    image = result(pictures.with_notes(orientation=6), Box(0, 0, 1, 0.4))
    assert is_red(image.getpixel((60, 60)))
    assert is_red(image.getpixel((540, 690)))


def test_noise_is_small_enough_too():
    noise = Image.effect_noise((1500, 1500), 120).convert("RGB")
    result(saved(noise, quality=95))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no photograph that we can read"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "no photograph that we can read"),
        (b"<!doctype html><title>x</title>", "no photograph that we can read"),
        (b"%PDF-1.7\n", "no photograph that we can read"),
        (b"GIF89a" + b"\0" * 50, "no photograph that we can read"),
        (b"PK\x03\x04" + b"\0" * 50, "no photograph that we can read"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 50, "HEIC"),
        (b"\xff\xd8\xff" + b"\0" * 5000, "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 500, "damaged"),
        (pictures.photograph()[:3000], "damaged"),
        (saved(halves(), "PNG")[:2000], "damaged"),
        (pictures.huge_png(), "more than 64 million pixels"),
        (pictures.huge_png(10_000, 10_000), "more than 64 million pixels"),
        (pictures.huge_png(4_000, 4_000), "damaged"),
        (saved(halves((200, 900))), "too small to print: 200 × 900"),
        (
            saved(halves(), "PNG", save_all=True, append_images=[Image.new("RGB", (900, 1200))]),
            "This picture moves",
        ),
        (b"\xff\xd8\xff" + b"\0" * photo.MOST_BYTES, "larger than 15 MB"),
    ],
    ids=[
        *("nothing", "svg", "html", "pdf", "gif", "zip", "heic", "no-jpeg", "no-png", "half-a-jpeg", "half-a-png"),
        *("bomb", "larger", "lies", "small", "moves", "long"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(PhotographRefused) as refusal:
        photo.portrait(content)
    assert sentence in refusal.value.message


def test_half_a_picture_is_none_even_where_the_printer_would_take_it(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as importing WeasyPrint does
    with pytest.raises(PhotographRefused):
        photo.portrait(pictures.photograph()[:3000])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def test_a_bomb_costs_nothing():
    import time
    import tracemalloc

    content = pictures.huge_png()
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(PhotographRefused):
        photo.portrait(content)
    assert time.perf_counter() - began < 0.5
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
