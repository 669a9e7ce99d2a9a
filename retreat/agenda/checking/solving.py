"""What is offered for a clash: which of its sessions would move, and where it would be free."""

from dataclasses import dataclass

from retreat.agenda.checking.free import Hours, Spot, Suggestion, Taken, next_free
from retreat.agenda.checks import Draft, NumberedClash, Place, Side
from retreat.agenda.models import Kind

_EVENINGS = frozenset({Kind.SOCIAL, Kind.VISIT, Kind.TRAVEL})
"""They may begin early and end late; nobody meets at their hours for that."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A session of the clash, and where it would be free."""

    side: Side
    suggestion: Suggestion
    place: Place | None


class Solver:
    """Answers for the clashes of one draft."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._taken = Taken(side.slot for side in draft.sides.values())
        self._wholes = {side.slot.parent for side in draft.sides.values()}
        self._stuck = {side.slot.parent for side in draft.sides.values() if side.is_locked and side.date}
        """Those with a locked part, which would have to go along."""
        self._places = {place.room.key: place for place in draft.places}
        self._hours = Hours()
        for side in draft.sides.values():
            if side.kind not in _EVENINGS:
                self._hours = self._hours.with_session(side.starts, side.ends)

    def offers(self, one: NumberedClash) -> tuple[Offer, ...]:
        """At most two, all for the same session: the later one, unless it is locked or has sessions inside it."""
        free = [side for side in one.sides if not side.is_locked and side.code not in self._stuck]
        free.sort(key=lambda side: side.code not in self._wholes)
        if not free:
            return ()
        side = free[-1]
        found = next_free(
            side.slot,
            Spot(side.place.room if side.place else None, side.slot.venue, side.slot.zone),
            self._taken,
            self._elsewhere(side),
            week=self._draft.week,
            hours=self._hours.with_session(side.starts, side.ends),
        )
        return tuple(
            Offer(side, suggestion, self._places[suggestion.room.key] if suggestion.room else None)
            for suggestion in found
        )

    def _elsewhere(self, side: Side) -> list[Spot]:
        """The other halls: those of the same venue first, each in the order of the board's columns."""
        here = side.slot.venue
        others = [place for place in self._draft.places if place != side.place]
        others.sort(key=lambda place: place.venue != here)
        return [Spot(place.room, place.venue, side.zone_override or place.zone) for place in others]
