"""The one door to WeasyPrint: HTML and named bytes go in, a PDF comes out, and nothing else is read or fetched.

WeasyPrint's own fetcher opens local files and the network, for pages and for style sheets alike; markup with a
hostile name in it could read a file into the PDF. Here both get a fetcher that knows only what it was handed.
Fontconfig is pointed at our own fonts before WeasyPrint is imported, so that no machine's fonts can leak in and
every machine prints the same bytes.
"""

import ctypes
import ctypes.util
import logging
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
PACKAGES = "libpangoft2-1.0-0 libharfbuzz-subset0"
"""What Debian and Ubuntu call the libraries; no wheel ships them for Linux."""

_LIBRARIES = {"pangoft2-1.0": "libpangoft2-1.0.so.0", "harfbuzz-subset": "libharfbuzz-subset.so.0"}
_MISSING = re.compile(r"unsupported by fonts: \"(.)\" \(U\+[0-9A-F]+\)$", re.DOTALL)
_LAID_OUT = re.compile(r"Creating layout - Page (\d+)")

_TYPES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg"}

# Pango and Fontconfig are not safe in threads, and the log that names missing glyphs is one for the process.
_one_at_a_time = threading.RLock()
_cache_folder: Path | None = None
_is_set_up = False

Finisher = Callable[[Any, Any], None]
"""WeasyPrint's hook: changes the pydyf document before it is written."""
Progress = Callable[[int], None]
"""Told how many pages are laid out."""


class PrintingUnavailable(Exception):
    """The machine lacks what printing needs; the text says what to install."""


class ForbiddenAddress(Exception):
    """A document asked for something that it was not handed."""


@dataclass(frozen=True)
class Pdf:
    """A finished document, and the characters for which no print font has a glyph."""

    content: bytes
    pages: int
    missing: tuple[str, ...] = ()


def keep_font_cache_in(folder: Path) -> None:
    """Where Fontconfig may keep its list of faces (a private temporary folder otherwise). Before the first render."""
    global _cache_folder  # noqa: PLW0603 - one Fontconfig for the process, set up once
    _cache_folder = folder


def available() -> str | None:
    """None when printing works here, else a sentence that says what to do. Cheap: WeasyPrint is not imported."""
    if len(list(FONTS.glob("*.ttf"))) < 5:
        # Pango without a single font does not raise, it kills the process.
        return f"The print fonts are missing from {FONTS.name}/: restore static/fonts from the repository."
    for name, file in _LIBRARIES.items():
        if not _can_load(file) and not _can_load(ctypes.util.find_library(name)):
            return (
                f"Printing needs system libraries that are not installed. On Debian or Ubuntu: apt install {PACKAGES}"
            )
    return None


def _can_load(library: str | None) -> bool:
    if not library:
        return False
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def version() -> str:
    """WeasyPrint's version, a part of every cache key."""
    from importlib.metadata import version as installed

    return installed("weasyprint")


def render(
    html: str,
    *,
    stylesheets: tuple[str, ...] = (),
    resources: Mapping[str, bytes] | None = None,
    ua: bool = False,
    finisher: Finisher | None = None,
    progress: Progress | None = None,
) -> Pdf:
    """One HTML document as PDF. The same arguments give the same bytes.

    `resources` are served as `mem:NAME`; any other address stops the rendering with ForbiddenAddress. `ua` asks for
    PDF/UA-1: tagged, titled, with its language. `missing` of the result names each character without a glyph.
    """
    if sentence := available():
        raise PrintingUnavailable(sentence)
    with _one_at_a_time, _listening(progress) as missing, _refusals():
        weasyprint = _weasyprint()
        fetcher = _memory_fetcher(resources or {})
        fonts = _font_configuration()
        sheets = [
            weasyprint.CSS(string=text, url_fetcher=fetcher, base_url=None, font_config=fonts) for text in stylesheets
        ]
        page = weasyprint.HTML(string=html, url_fetcher=fetcher, base_url=None)
        options = {"pdf_variant": "pdf/ua-1"} if ua else {}
        document = page.render(stylesheets=sheets, font_config=fonts, **options)
        content = document.write_pdf(finisher=finisher, **options)
    return Pdf(content, len(document.pages), tuple(sorted(missing)))


@contextmanager
def _refusals() -> Iterator[None]:
    """WeasyPrint's fatal error is no Exception, so that nothing inside it goes on; outside it must not end a worker."""
    _weasyprint()
    from weasyprint.urls import FatalURLFetchingError

    try:
        yield
    except FatalURLFetchingError as refusal:
        raise ForbiddenAddress(str(refusal)) from refusal


def _weasyprint() -> Any:
    """Import it, after Fontconfig has been told which fonts there are."""
    global _is_set_up  # noqa: PLW0603 - Fontconfig reads the variable once, when it is loaded
    if not _is_set_up:
        os.environ["FONTCONFIG_FILE"] = str(_fontconfig_file())
        _is_set_up = True
    import weasyprint
    import weasyprint.images
    from PIL import ImageFile

    # WeasyPrint lets Pillow fill up pictures that were cut off, for the whole process; what people hand in is refused.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint


def _fontconfig_file() -> Path:
    folder = _cache_folder or Path(tempfile.mkdtemp(prefix="retreat-fonts-"))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "retreat-fonts.conf"
    partial = folder / f"retreat-fonts.{os.getpid()}.part"
    partial.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        f"<dir>{escape(str(FONTS))}</dir>\n<cachedir>{escape(str(folder))}</cachedir>\n"
        # The web's copies of the same faces lie beside them and would be chosen at random.
        "<selectfont><rejectfont><glob>*.woff*</glob></rejectfont></selectfont>\n</fontconfig>\n",
        encoding="utf-8",
    )
    partial.replace(file)
    return file


def _font_configuration() -> Any:
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


def _memory_fetcher(resources: Mapping[str, bytes]) -> "URLFetcher":
    """A fetcher that serves `mem:NAME` from `resources` and refuses the rest of the world."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class MemoryFetcher(URLFetcher):  # type: ignore[misc,unused-ignore]
        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
            name = url.removeprefix("mem:")
            if name == url or name not in resources:
                raise FatalURLFetchingError(f"A printed document may not fetch {url!r}.")
            kind = _TYPES[name.rpartition(".")[2]]
            return URLFetcherResponse(url, resources[name], {"Content-Type": kind})

    return MemoryFetcher()


@contextmanager
def _listening(progress: Progress | None) -> Iterator[set[str]]:
    """Collect what WeasyPrint only logs: missing glyphs, and how far the layout is."""
    missing: set[str] = set()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            sentence = record.getMessage()
            if found := _MISSING.search(sentence):
                missing.add(found[1])
            elif progress and (found := _LAID_OUT.search(sentence)):
                progress(int(found[1]))

    ear = Ear()
    main, steps = logging.getLogger("weasyprint"), logging.getLogger("weasyprint.progress")
    before = steps.level
    main.addHandler(ear)
    if progress:
        steps.setLevel(logging.INFO)
    try:
        yield missing
    finally:
        main.removeHandler(ear)
        steps.setLevel(before)
