"""What a run of badges costs: `python -m tests.benchmarks.badges [--count 100]`.

Each case runs in a process of its own, after WeasyPrint has been imported: CPU time of the rendering alone, the most
memory that the process ever held, and the size of the file. The names are in Latin, Cyrillic, Arabic and Chinese.
"""

import argparse
import multiprocessing
import resource
import sys
import time
from dataclasses import replace
from typing import NamedTuple

from retreat.printing import badges, pdf
from retreat.printing.badges import BadgeFacts, CategoryFacts, EventFacts, WeekDay, WeekRow
from retreat.printing.sheets import Sheet

EVENT = EventFacts(
    title="UCLG Retreat & Campus 2020",
    city="Tangier",
    dates="24–28 February",
    language="en",
    live_url="https://retreat.example.org/2020/agenda",
)
CATEGORIES = (
    CategoryFacts(name="Delegate", colour="#0b4a86", letter="D"),
    CategoryFacts(name="Elected official", colour="#7a1430", letter="E"),
    CategoryFacts(name="Secretariat", colour="#0f6b4f", letter="S"),
)
NAMES = (
    ("Ana Lucía", "Fernández-Villaverde", "", ""),
    ("Uğur İbrahim", "Yılmaz", "", ""),
    ("Rasikh", "Sagitov", "Расих Сагитов", "ru"),
    ("Fatima Zahra", "El Mansouri", "فاطمة الزهراء المنصوري", "ar"),
    ("Wenbo", "Ouyang", "欧阳文博", "zh"),
)


class Cost(NamedTuple):
    name: str
    cpu_ms: float
    wall_ms: float
    rss_mb: float
    kilobytes: float


def people(count: int) -> list[BadgeFacts]:
    made = []
    for number in range(count):
        given, family, native, language = NAMES[number % len(NAMES)]
        made.append(
            badges.facts(
                honorific="Ms",
                given_name=f"{given} {number}",
                family_name=family,
                badge_name="",
                native_name=native,
                native_language=language,
                position="Head of the International Relations Department",
                organisation="United Cities and Local Governments",
                city="Tangier",
                country="Morocco",
                code=f"R20-{number:04d}",
                token=f"K7QW2ERT{number:04d}",
                category=CATEGORIES[number % len(CATEGORIES)],
                event=EVENT,
            )
        )
    return made


def week() -> tuple[WeekDay, ...]:
    rows = tuple(
        WeekRow(time=f"{hour:02d}:00", title=f"Session at {hour}", place="Grand Hall") for hour in range(9, 14)
    )
    return tuple(WeekDay(label=f"Day {day}", rows=rows) for day in range(1, 6))


def measure(name: str, count: int, sheet: Sheet, back: str) -> Cost:
    run = people(count)
    if back:
        run = [replace(one, week=week(), is_own_week=back == "own") for one in run]
    pdf.render("<p>The libraries and the fonts are loaded now.</p>")
    wall, cpu = time.perf_counter(), time.process_time()
    book = badges.print_badges(run, sheet=sheet, double_sided=bool(back))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(name, cpu * 1000 / count, wall * 1000 / count, most, len(book.content) / 1024 / count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    count = parser.parse_args().count
    cases = (
        ("A6, one side", count, Sheet.A6, ""),
        ("A4 four up, one side", count, Sheet.A4_FOUR_UP, ""),
        ("A6, the edition's week on the back", count, Sheet.A6, "edition"),
        ("A6, each person's own week on the back", count, Sheet.A6, "own"),
        ("one badge", 1, Sheet.A6, ""),
    )
    print(f"{count} badges, per badge{'':18} {'CPU ms':>8} {'wall ms':>8} {'KB':>7} {'RSS MB':>7}")
    # A fresh process each: neither memory nor loaded fonts go from one case to the next.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for case in cases:
            cost = pool.apply(measure, case)
            print(f"{cost.name:38} {cost.cpu_ms:8.1f} {cost.wall_ms:8.1f} {cost.kilobytes:7.2f} {cost.rss_mb:7.0f}")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
