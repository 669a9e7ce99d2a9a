"""The door to WeasyPrint: what it may read, and that it says what it lacks."""

import io
import os
import subprocess
import sys

import pypdf
import pytest

import config
from retreat.printing import ornaments, pdf
from tests.printing import paper


def page(body: str) -> str:
    return f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title></head><body>{body}</body>'


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "secret.txt"
    file.write_text("the secret of the machine")
    return file


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="{file}">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="https://example.org/x.png">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="mem:other.svg">',
        '<link rel="stylesheet" href="{file}">',
        '<link rel="attachment" href="{file}">',
        '<object data="{file}"></object>',
        '<embed src="{file}">',
        '<p style="background: url({file})">x</p>',
        "<style>@import url({file});</style>",
        "<style>@font-face {{ font-family: x; src: url({file}) }} p {{ font-family: x }}</style><p>x</p>",
    ],
)
def test_markup_that_reaches_outside_stops_the_rendering(markup, secret):
    with pytest.raises(pdf.ForbiddenAddress):
        pdf.render(page(markup.format(file=secret.as_uri())))


@pytest.mark.parametrize(
    "rule", ["@import url({file});", "p {{ background: url({file}) }}", "p::before {{ content: url({file}) }}"]
)
def test_a_style_sheet_that_reaches_outside_stops_the_rendering(rule, secret):
    with pytest.raises(pdf.ForbiddenAddress):
        pdf.render(page("<p>x</p>"), stylesheets=(rule.format(file=secret.as_uri()),))


def test_a_picture_that_reaches_outside_brings_nothing_in(secret):
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image href="{secret.as_uri()}" width="9" height="9"/>'
        "<script>fetch('http://127.0.0.1:9')</script></svg>"
    )
    done = pdf.render(page('<img src="mem:picture.svg">'), resources={"picture.svg": picture.encode()})
    assert paper.text(done.content) == ""
    assert b"/Image" not in done.content


def test_named_bytes_are_served_from_memory():
    done = pdf.render(
        page('<img src="mem:code.svg" style="width:40mm;margin:10mm">'),
        resources={"code.svg": ornaments.code("TANGIER")},
    )
    assert paper.codes(done.content) == {"TANGIER"}


def test_the_same_input_gives_the_same_bytes():
    body = page("<h1>Ретрит</h1><p>مراكش 广州 İzmir</p>")
    assert pdf.render(body, ua=True) == pdf.render(body, ua=True)


def test_another_process_gives_the_same_bytes():
    program = "import sys; from retreat.printing import pdf; sys.stdout.buffer.write(pdf.render('<p>İzmir مراكش</p>').content)"
    done = subprocess.run([sys.executable, "-c", program], cwd=config.ROOT, capture_output=True, check=True)
    assert done.stdout == pdf.render("<p>İzmir مراكش</p>").content


def test_only_our_own_fonts_are_used():
    body = page('<p style="font-family:Arial, DejaVu Sans, monospace">Grüße Привет مرحبا 广州</p>')
    ours = ("Noto-Sans", "Amiri", "Cormorant-Garamond")
    found = paper.fonts(pdf.render(body).content)
    assert found
    assert all(face.startswith(ours) for face in found), found


def test_missing_glyphs_are_named():
    done = pdf.render(page("<p>Fanta ߝߊ Keita ႠႡ</p>"))
    assert done.missing == tuple(sorted("ߝߊႠႡ"))
    assert pdf.render(page("<p>Fanta Keita</p>")).missing == ()


def test_a_document_for_readers_is_tagged_and_titled():
    done = pdf.render(page("<h1>Agenda</h1>"), ua=True)
    reader = pypdf.PdfReader(io.BytesIO(done.content))
    catalogue = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert (reader.metadata.title, catalogue["/Lang"], catalogue["/MarkInfo"]["/Marked"]) == ("A page", "en", True)
    assert b"pdfuaid" in catalogue["/Metadata"].get_data()


def test_without_pango_printing_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pdf, "_can_load", lambda _library: False)
    assert pdf.available() == (
        "Printing needs system libraries that are not installed. "
        "On Debian or Ubuntu: apt install libpangoft2-1.0-0 libharfbuzz-subset0"
    )
    with pytest.raises(pdf.PrintingUnavailable):
        pdf.render(page("x"))


def test_without_fonts_printing_refuses_before_pango_kills_the_process(monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "FONTS", tmp_path)
    assert pdf.available() is not None
    with pytest.raises(pdf.PrintingUnavailable):
        pdf.render(page("x"))


def test_printing_works_here():
    assert pdf.available() is None


def test_weasyprint_is_not_imported_with_the_app():
    program = "import sys, config; from retreat import create_app; create_app(config.selected().values()); print([m for m in ('weasyprint', 'pypdf', 'segno', 'fontTools') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=config.ROOT,
        capture_output=True,
        check=True,
        env=dict(os.environ),
        text=True,
    )
    assert done.stdout.strip() == "[]"


def test_printing_does_not_make_pillow_take_pictures_that_were_cut_off():
    from PIL import ImageFile

    pdf.render("<!doctype html><html lang='en'><title>t</title><p>One</p>")
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
