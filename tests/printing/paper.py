"""Independent readers of what was printed, and badges to print."""

import io
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pypdf

from retreat.printing import badges
from retreat.printing.badges import BadgeFacts, CategoryFacts, EventFacts, WeekDay, WeekRow

POINTS_PER_MM = 72 / 25.4
DIRECTION_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")

DELEGATE = CategoryFacts(name="Delegate", colour="#0b4a86", letter="D")
ELECTED = CategoryFacts(name="Elected official", colour="#7a1430", letter="E")
PRESS = CategoryFacts(name="Press", colour="#ffd54a", letter="M")
TANGIER = EventFacts(
    title="UCLG Retreat & Campus 2020",
    city="Tangier",
    dates="24–28 February",
    language="en",
    live_url="https://retreat.example.org/2020/agenda",
)
WEEK = (
    WeekDay(label="Mon 24 February", rows=(WeekRow(time="09:30", title="Opening", place="Grand Hall", is_major=True),)),
    WeekDay(label="Tue 25 February", rows=(WeekRow(time="11:00", title="Local Finance", place="Ibn Battuta"),)),
)


def badge(number: int = 1, **given: Any) -> BadgeFacts:
    return badges.facts(
        **{
            "honorific": "Ms",
            "given_name": "Ana Lucía",
            "family_name": "Fernández",
            "badge_name": "",
            "native_name": "",
            "native_language": "",
            "position": "Mayor",
            "organisation": "City of Montevideo",
            "city": "Montevideo",
            "country": "Uruguay",
            "code": f"R20-{number:04d}",
            "token": f"K7QW2ERT{number:04d}".replace("0", "Z").replace("1", "Y"),
            "category": DELEGATE,
            "event": TANGIER,
            **given,
        }
    )


def program(name: str) -> str:
    found = shutil.which(name)
    assert found, (
        f"{name} is needed to read what was printed. On Debian or Ubuntu: apt install poppler-utils zbar-tools"
    )
    return found


def text(content: bytes, page: int | None = None) -> str:
    """What pdftotext reads, without direction marks, with single blanks and line ends."""
    pages = [] if page is None else ["-f", str(page), "-l", str(page)]
    done = subprocess.run([program("pdftotext"), *pages, "-", "-"], input=content, capture_output=True, check=True)
    lines = DIRECTION_MARKS.sub("", done.stdout.decode()).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


def words(content: bytes, page: int = 1) -> list[tuple[str, float, float, float, float]]:
    """Each word with left, top, right and bottom in millimetres."""
    done = subprocess.run(
        [program("pdftotext"), "-bbox", "-f", str(page), "-l", str(page), "-", "-"],
        input=content,
        capture_output=True,
        check=True,
    )
    box = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>')
    return [
        (said, *(float(edge) / POINTS_PER_MM for edge in edges))  # type: ignore[misc]
        for *edges, said in box.findall(done.stdout.decode())
    ]


def sizes_mm(content: bytes) -> list[tuple[int, int]]:
    """Width and height of each page, to the millimetre."""
    return [
        (round(float(page.mediabox.width) / POINTS_PER_MM), round(float(page.mediabox.height) / POINTS_PER_MM))
        for page in pypdf.PdfReader(io.BytesIO(content)).pages
    ]


def picture(content: bytes, page: int = 1, *, dots_per_inch: int = 150) -> Path:
    folder = Path(tempfile.mkdtemp())
    subprocess.run(
        [program("pdftoppm"), "-r", str(dots_per_inch), "-f", str(page), "-singlefile", "-png", "-", folder / "page"],
        input=content,
        capture_output=True,
        check=True,
    )
    return folder / "page.png"


def codes(content: bytes, page: int = 1) -> set[str]:
    """What a QR reader sees on the page."""
    done = subprocess.run(
        [program("zbarimg"), "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture(content, page)],
        capture_output=True,
        check=False,
    )
    return set(done.stdout.decode().split())


def fonts(content: bytes) -> set[str]:
    """The faces of a PDF, without the subset's tag."""
    done = subprocess.run([program("pdffonts"), "-"], input=content, capture_output=True, check=True)
    return {line.split()[0].partition("+")[2] for line in done.stdout.decode().splitlines()[2:]}
