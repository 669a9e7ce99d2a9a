"""Programme, diplomas, agenda and lists of an edition: from what is stored to the values that are printed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from babel import Locale
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from retreat.agenda import published
from retreat.agenda.cards import Reader, access_words
from retreat.agenda.labels import POINTS, ROLES
from retreat.agenda.models import Access, AgendaSession, PartRole, PartState, SessionStatus
from retreat.agenda.published import PublishedPart, PublishedPoint, PublishedSession
from retreat.ceremony import service as ceremonies
from retreat.ceremony.models import Award, RunningOrderItem
from retreat.core import clock, dates, files, zones
from retreat.core.errors import NotFound
from retreat.core.i18n import LANGUAGES, Translated
from retreat.editions.models import Edition
from retreat.printing import agendas, lists, pdf, programmes, typography
from retreat.printing.agendas import AgendaDay, AgendaFacts, AgendaPoint, AgendaRow
from retreat.printing.lists import ListFacts
from retreat.printing.pdf import Pdf
from retreat.printing.programmes import AwardFacts, CeremonyFacts, Step
from retreat.printing.service import NothingToPrint, check_available, event_facts
from retreat.registration import lists as registration_lists
from retreat.registration.filters import Filter
from retreat.registration.listing import chips
from retreat.registration.listing.table import columns_of, reader_of


class UnknownDay(NotFound):
    def __init__(self, day: date) -> None:
        super().__init__(_l("%(day)s is no day of this edition.", day=day.isoformat()))
        self.day = day


def make_programme(edition: Edition, code: str, *, language: str | None = None, with_results: bool = False) -> Pdf:
    """The ceremony's programme, by the ceremony's code or that of the meeting it is part of.

    Winners and recipients of results that are not announced are left out unless `with_results` is asked for,
    which is for those only who may know them.
    """
    _ready()
    session = ceremonies.ceremony_of(edition.id, code)
    spoken = language or edition.main_language
    steps = [
        _step(item, edition, spoken, with_results=with_results) for item in ceremonies.running_order_of(session.id)
    ]
    return programmes.print_programme(_ceremony(session, edition, spoken), steps)


def make_diplomas(edition: Edition, code: str, *, language: str | None = None) -> Pdf:
    """A diploma for each award that has a winner, in the order of the stage. For those who may know the results."""
    _ready()
    session = ceremonies.ceremony_of(edition.id, code)
    spoken = language or edition.main_language
    awards = [
        _award(award, edition, spoken, with_results=True)
        for award in ceremonies.awards_of(session.id)
        if _winner_name(award)
    ]
    if not awards:
        raise NothingToPrint(_l("No award of this ceremony has a winner yet, so there is no diploma to print."))
    return programmes.print_diplomas(_ceremony(session, edition, spoken), awards)


def make_agenda(edition: Edition, *, day: date | None = None, language: str | None = None) -> Pdf:
    """The published agenda of the week, or of one day: what a stranger may know of."""
    days = [one for one in edition.days if day is None or one.date == day]
    if day is not None and not days:
        raise UnknownDay(day)
    spoken = language or edition.main_language
    read = published.programme(edition)
    reader = Reader.of(edition, spoken, read.published_at or clock.now())
    sessions = published.listed(read)
    with force_locale(spoken):
        printed = [_day(one.date, one.title, sessions, reader) for one in days] if read.revision else []
    if day is None:
        printed = [one for one in printed if one.rows]
    return _printed(edition, read, spoken, printed)


def make_own_week(edition: Edition, sessions: tuple[PublishedSession, ...], *, owner: str, language: str) -> Pdf:
    """The same of one person's own week; what has no day yet stands at its end."""
    read = published.programme(edition)
    reader = Reader.of(edition, language, read.published_at or clock.now())
    titles = {one.date: one.title for one in edition.days}
    days = sorted({*titles, *(one.date for one in sessions if one.date)})
    with force_locale(language):
        printed = [_day(day, titles.get(day, Translated()), sessions, reader) for day in days]
        undated = [one for one in sessions if one.date is None]
        if undated:
            printed.append(AgendaDay(label=_("Day to be confirmed"), title="", rows=_rows(undated, reader)))
    return _printed(edition, read, language, [one for one in printed if one.rows], owner=owner)


def _printed(
    edition: Edition, read: published.Programme, spoken: str, printed: list[AgendaDay], *, owner: str = ""
) -> Pdf:
    _ready()
    event = event_facts(edition, spoken)
    return agendas.print_agenda(
        AgendaFacts(
            language=spoken,
            event=event.title,
            place=f"{edition.city}, {dates.date_range(edition.starts_on, edition.ends_on, spoken)}",
            edition_note=edition.note.text(spoken, edition.main_language),
            revision=read.revision,
            published=dates.moment(read.published_at, edition.zone, spoken) if read.published_at else "",
            live_url=event.live_url,
            owner=typography.clean(owner),
        ),
        printed,
    )


def make_list(
    edition: Edition,
    asked: Filter,
    *,
    language: str,
    may_read_private: bool,
    name: str = "",
    progress: pdf.Progress | None = None,
) -> Pdf:
    """Registrations of a filter in the columns that it names; `name` is that of a saved list."""
    _ready()
    table = columns_of(edition, asked.columns, language, may_read_private=may_read_private)
    found = registration_lists.all_of(edition, asked, loads=table.loads)
    if not found:
        raise NothingToPrint(_l("Nobody is in this list, so there is nothing to print."))
    with force_locale(language):
        shown = chips.said(edition, asked, language)
        reader = reader_of(edition, table.chosen, found, language)
        heads = [str(column.label) for column in table.chosen]
        rows = [[column.text(one, reader) for column in table.chosen] for one in found]
        facts = ListFacts(
            language=language,
            event=event_facts(edition, language).title,
            place=f"{edition.city}, {dates.date_range(edition.starts_on, edition.ends_on, language)}",
            name=name,
            filter=chips.in_words(shown.asked.words, shown.chips),
            people=len(found),
            printed=dates.moment(clock.now(), edition.zone, language),
        )
    return lists.print_list(facts, heads, rows, progress=progress)


def _ready() -> None:
    check_available()
    pdf.keep_font_cache_in(files.data_folder("fontconfig"))


def _ceremony(session: AgendaSession, edition: Edition, language: str) -> CeremonyFacts:
    hall = session.hall.name if session.hall else session.venue.name if session.venue else Translated()
    begins = session.start_utc.astimezone(zones.zone(session.zone)) if session.start_utc else None
    return CeremonyFacts(
        language=language,
        title=session.title.text(language, edition.main_language),
        other_titles=programmes.others(session.title, session.title.best(language, edition.main_language).text),
        event=event_facts(edition, language).title,
        city=(session.venue.city if session.venue else "") or edition.city,
        hall=hall.text(language, edition.main_language),
        day=session.date,
        begins=begins,
        about=session.description.text(language, edition.main_language),
        languages=tuple(own_name(code) for code in session.languages),
    )


def own_name(code: str) -> str:
    """A language's name in itself."""
    if code in LANGUAGES:
        return LANGUAGES[code]
    try:
        name = Locale.parse(code).get_display_name(code) or code
    except (ValueError, LookupError):
        return code
    return name[:1].upper() + name[1:]


def _step(item: RunningOrderItem, edition: Edition, language: str, *, with_results: bool) -> Step:
    main = edition.main_language
    award = _award(item.award, edition, language, with_results=with_results) if item.award else None
    is_sealed = award is not None and award.is_sealed
    return Step(
        minutes=item.minutes,
        title=item.title.text(language, main),
        # Who acts may tell who won.
        people="" if is_sealed else item.people.text(language, main),
        note="" if is_sealed else item.note.text(language, main),
        award=award,
    )


def _award(award: Award, edition: Edition, language: str, *, with_results: bool) -> AwardFacts:
    main = edition.main_language
    sealed = AwardFacts(
        prize=award.prize.text(language, main),
        amount=programmes.money(award.amount, award.currency, language),
        presenter=award.presenter_name,
        presenter_position=award.presenter_position.text(language, main) if award.presenter_name else "",
        is_sealed=True,
    )
    if not (with_results or award.is_announced(clock.now())):
        return sealed
    winner = _winner_name(award)
    shown = winner.text(language, main)
    return replace(
        sealed,
        is_sealed=False,
        place=award.place,
        winner=shown,
        other_winner_names=programmes.others(winner, shown),
        recipient=award.recipient_name,
        recipient_position=award.recipient_position.text(language, main) if award.recipient_name else "",
        citation=award.citation.text(language, main),
        number=award.diploma_number or "",
    )


def _winner_name(award: Award) -> Translated:
    return award.winner_name or (award.winner.name if award.winner else Translated())


def _day(day: date, title: Translated, sessions: Iterable[PublishedSession], reader: Reader) -> AgendaDay:
    return AgendaDay(
        label=dates.long_date(day, reader.language),
        title=reader.words(title).text,
        rows=_rows([session for session in sessions if session.date == day], reader),
    )


def _rows(sessions: list[PublishedSession], reader: Reader) -> tuple[AgendaRow, ...]:
    return tuple(_row(session, reader, is_part=is_part) for session, is_part in _parts_after_wholes(sessions))


def _parts_after_wholes(sessions: list[PublishedSession]) -> list[tuple[PublishedSession, bool]]:
    """In order of time, but what is a part of a session of the day right after it; whether each is such a part."""
    codes = {session.code for session in sessions}
    parts = {session.code: session.parent_code for session in sessions if session.parent_code in codes}
    return [
        (session, session is not whole)
        for whole in sessions
        if whole.code not in parts
        for session in (whole, *(part for part in sessions if parts.get(part.code) == whole.code))
    ]


def _row(session: PublishedSession, reader: Reader, *, is_part: bool) -> AgendaRow:
    title = reader.words(session.title)
    start, end = session.local_start, session.local_end
    return AgendaRow(
        time=f"{dates.clock(start)}–{dates.clock(end)}" if start and end else "",
        title=title.text,
        title_language=title.language,
        hall=reader.words(session.hall_name or session.venue_name).text,
        people=tuple(_person(part) for part in session.parts),
        points=() if session.is_cancelled else tuple(_point(point, reader) for point in session.points),
        languages=" ".join(code.upper() for code in session.languages),
        access="" if session.access is Access.OPEN else access_words(session, reader),
        track=reader.words(session.track_name).text,
        is_tentative=session.status is SessionStatus.TENTATIVE,
        is_cancelled=session.is_cancelled,
        is_part=is_part,
    )


def _point(point: PublishedPoint, reader: Reader) -> AgendaPoint:
    title = reader.words(point.title)
    return AgendaPoint(title=title.text, title_language=title.language, kind=str(POINTS[point.kind]))


def _person(part: PublishedPart) -> str:
    """Name, office, organisation, and what the person does unless it is speaking."""
    words = ", ".join(said for said in (part.printed_name, part.office, part.organisation) if said)
    if not words:
        words = str(ROLES[part.role])
    elif part.role is not PartRole.SPEAKER:
        words = f"{ROLES[part.role]}: {words}"
    if part.state is PartState.TO_BE_CONFIRMED:
        words = _("%(name)s (to be confirmed)", name=words)
    return words
