"""Which calendar program asked: its family's name, and nothing else of what it says of itself."""

import pytest

from retreat.calendars.programs import program_of
from retreat.calendars.service import LONGEST_PROGRAM


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("Google-Calendar-Importer", "Google Calendar"),
        ("iOS/17.5.1 (21F90) dataaccessd/1.0", "Apple Calendar"),
        ("macOS/14.5 (23F79) CalendarAgent/1003.3.1", "Apple Calendar"),
        ("Microsoft.Exchange/15.20 (Exchange-Ical-Reader)", "Outlook"),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17531; Pro)", "Outlook"),
        ("ICSx5/2.3 (2024/05/18; okhttp/4.12.0) Android/14 Nadia's phone", "ICSx5"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.1.0", "Thunderbird"),
        ("Nextcloud Webcal Service", "Nextcloud"),
        ("Evolution/3.52.3", "Evolution"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15", "Safari"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126",
            "Edge",
        ),
        ("curl/8.9.1", ""),
        ("Nadia's own reader on 10.0.0.7", ""),
        ("", ""),
        (None, ""),
        ("x" * 100_000, ""),
    ],
)
def test_a_program_is_known_by_its_family(called: str | None, name: str) -> None:
    assert program_of(called) == name
    assert len(name) <= LONGEST_PROGRAM
