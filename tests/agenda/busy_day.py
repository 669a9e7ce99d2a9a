"""A made-up day that is as full as a congress gets: 200 sessions in twelve halls, with every state a card can have.

    edition = week.edition()
    codes = busy_day.make(edition)          # the draft; 200 sessions on Tuesday 25 February 2020
    week.publish(edition)

The lengths of titles and names are those of real programmes; the same arguments make the same day.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from retreat.agenda import frame, service
from retreat.agenda.models import Access, Kind, PartRole, PartState, SessionStatus
from retreat.agenda.people import People
from retreat.agenda.values import Appearance
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition
from tests.agenda.week import AT, NADIA, TUESDAY

HALLS = (
    *("Grand Hall", "Ibn Battuta", "Cap Spartel", "Kasbah", "Malabata", "City Hall"),
    *("Achakar", "Hercules", "Medina", "Marshan", "Merkala", "Library"),
)
TRACKS = {
    "Campus": Translated(en="Campus", fr="Campus", es="Campus", ru="Кампус"),
    "Statutory bodies": Translated(
        en="Statutory bodies", fr="Instances statutaires", es="Órganos estatutarios", ru="Уставные органы"
    ),
    "Policy committees": Translated(
        en="Policy committees", fr="Commissions", es="Comisiones", ru="Тематические комитеты"
    ),
    "Partners": Translated(en="Partners", fr="Partenaires", es="Socios", ru="Партнёры"),
    "Host city": Translated(en="Host city", fr="Ville hôte", es="Ciudad anfitriona", ru="Город-хозяин"),
    "Learning": Translated(en="Learning", fr="Apprentissage", es="Aprendizaje", ru="Обучение"),
}
SUBJECTS = (
    Translated(en="Local finance", fr="Finances locales", es="Finanzas locales", ru="Местные финансы"),
    Translated(en="Equality and rights", fr="Égalité et droits", es="Igualdad y derechos", ru="Равенство и права"),
    Translated(en="Culture in cities", fr="La culture en ville", es="Cultura en las ciudades", ru="Культура в городах"),
    Translated(en="Safe public space", fr="Espace public sûr", es="Espacio público seguro", ru="Безопасные улицы"),
    Translated(en="Climate and coasts", fr="Climat et littoral", es="Clima y costas", ru="Климат и побережья"),
    Translated(en="Housing for all", fr="Un logement pour tous", es="Vivienda para todos", ru="Жильё для всех"),
    Translated(en="Open government", fr="Gouvernement ouvert", es="Gobierno abierto", ru="Открытое управление"),
)
FORMS = (
    Translated(en="learning lab", fr="atelier", es="taller", ru="лаборатория"),
    Translated(en="work plan 2020", fr="plan de travail 2020", es="plan de trabajo 2020", ru="план работы на 2020 год"),
    Translated(en="exchange of cities", fr="échange de villes", es="intercambio de ciudades", ru="обмен опытом"),
    Translated(en="preparatory meeting", fr="réunion préparatoire", es="reunión preparatoria", ru="подготовка"),
    Translated(en="conversation", fr="conversation", es="conversación", ru="беседа"),
)
SPEAKERS = ("Silvia Llorente", "Cemal Baş", "Madelaine Alfelor", "Octavi de la Varga", "Ильсур Метшин", "Emilia Saiz")
LANGUAGES = (["en", "fr", "es"], ["en"], ["en", "fr", "es", "ru"], ["en", "es"], ["fr", "ar"])
MINUTES = 30


def make(edition: Edition, *, sessions: int = 200, halls: int = 12, day: date = TUESDAY) -> list[str]:
    """The draft of that day, hall beside hall from 9:00 on without a gap; gives the codes in order of time.

    Every eighth session is for members or by invitation, every tenth tentative or cancelled, every ninth hybrid; some
    have a speaker to be confirmed. No clash: no hall is used twice, and a speaker appears once at an hour.
    """
    rooms = [
        editions.add_hall(
            edition,
            Translated(en=HALLS[number] if number < len(HALLS) else f"Hall {number + 1}"),
            capacity=40 + 20 * number,
            at=AT,
            by=NADIA,
        )
        for number in range(halls)
    ]
    tracks = [frame.add_track(edition, name, at=AT, by=NADIA) for name in TRACKS.values()]
    # One by one they would take as long as everything that is measured with them.
    codes, people = service.new_codes(edition, sessions), People(edition)
    for number in range(sessions):
        row, column = divmod(number, halls)
        starts = datetime.combine(day, time(9)) + timedelta(minutes=MINUTES * row)
        values: dict[str, Any] = {
            "title": _title(number),
            "date": day,
            "starts": starts.time(),
            "ends": (starts + timedelta(minutes=MINUTES)).time(),
            "hall": rooms[column],
            "track": tracks[(row + column) % len(tracks)],
            "languages": LANGUAGES[number % len(LANGUAGES)],
            **_states(number),
        }
        if column < len(SPEAKERS):
            state = PartState.TO_BE_CONFIRMED if number % 11 == 0 else PartState.CONFIRMED
            values["parts"] = [Appearance(PartRole.SPEAKER, SPEAKERS[column], state=state)]
        service.add_session(edition, {**values, "code": codes[number]}, at=AT, by=NADIA, people=people)  # type: ignore[typeddict-item]
    db.session.flush()
    return codes


def _title(number: int) -> Translated:
    subject, form = SUBJECTS[number % len(SUBJECTS)], FORMS[number // len(SUBJECTS) % len(FORMS)]
    return Translated({language: f"{words}: {form[language]} {number + 1}" for language, words in subject.items()})


def _states(number: int) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": (Kind.WORKSHOP, Kind.PANEL, Kind.COMMITTEE, Kind.CAMPUS)[number % 4]}
    if number % 8 == 3:
        values["access"] = Access.INVITED if number % 16 == 3 else Access.MEMBER
    if number % 10 == 7:
        values["status"] = SessionStatus.CANCELLED if number % 20 == 7 else SessionStatus.TENTATIVE
    if number % 9 == 4:
        values |= {"tags": ["hybrid"], "link": f"https://example.org/{number}" if number % 18 == 4 else ""}
    return values
