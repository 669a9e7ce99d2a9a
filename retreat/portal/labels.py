"""States, kinds of job and steps of the history, in words."""

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from retreat.core.audit import AuditEntry
from retreat.core.jobs import JobState
from retreat.core.mail import MailState

LONGEST = 160


class StateLabel(NamedTuple):
    """`look` is the class of the mark that stands beside the word."""

    name: Any
    look: str


STATES: dict[JobState, StateLabel] = {
    JobState.WAITING: StateLabel(_l("waiting"), "submitted"),
    JobState.RUNNING: StateLabel(_l("running"), "running"),
    JobState.DONE: StateLabel(_l("done"), "approved"),
    JobState.FAILED: StateLabel(_l("failed"), "declined"),
    JobState.CANCELLED: StateLabel(_l("cancelled"), "withdrawn"),
}

MAILS: dict[MailState, StateLabel] = {
    MailState.WAITING: StateLabel(_l("waiting"), "submitted"),
    MailState.SENDING: StateLabel(_l("being sent"), "running"),
    MailState.SENT: StateLabel(_l("sent"), "approved"),
    MailState.FAILED: StateLabel(_l("failed"), "declined"),
    MailState.KEPT: StateLabel(_l("kept here"), "withdrawn"),
}

JOBS: dict[str, Any] = {
    "personal.export": _l("Personal data of one person"),
    "personal.forget": _l("Erase what has been kept long enough"),
    "invitations.remind": _l("Reminders of invitations"),
    "invitations.send": _l("Invitations"),
    "print.badges": _l("Badges"),
    "print.programme": _l("Ceremony programme"),
    "print.diplomas": _l("Diplomas"),
    "print.agenda": _l("Printed agenda"),
    "print.list": _l("Printed list of registrations"),
    "lists.approve": _l("Approving many registrations"),
    "lists.links": _l("Sending links again"),
    "message.send": _l("Message"),
    "notices.tell": _l("Mails about a revision"),
    "letters.issue_all": _l("Visa letters"),
    "letters.purge": _l("Passport data erased"),
}
"""A kind that is missing here is shown by its own word."""

ACTIONS: dict[str, Any] = {
    "agenda.names_published": _l("new names published"),
    "agenda.published": _l("agenda published"),
    "agenda.zones_published": _l("times published by new rules of time zones"),
    "agenda.imported": _l("agenda imported"),
    "award.added": _l("award added"),
    "award.announced": _l("award announced"),
    "award.removed": _l("award removed"),
    "award.saved": _l("award saved"),
    "award.sealed": _l("award sealed"),
    "body.added": _l("body added"),
    "category.saved": _l("category saved"),
    "day.titled": _l("day titled"),
    "consent.changed": _l("text of the consent changed"),
    "edition.keeping_changed": _l("privacy settings changed"),
    "edition.forgotten": _l("personal data of the edition erased"),
    "person.erased": _l("a person erased"),
    "person.exported": _l("personal data prepared for a person"),
    "question.added": _l("question added"),
    "question.brought_back": _l("question asked again"),
    "question.changed": _l("question changed"),
    "question.copied": _l("questions copied from another edition"),
    "question.moved": _l("question moved"),
    "question.removed": _l("question deleted"),
    "question.retired": _l("question asked no more"),
    "registration.exported": _l("personal data taken by the person"),
    "delegation.changed": _l("delegation changed"),
    "delegation.link_renewed": _l("link to a delegation renewed"),
    "delegation.link_sent": _l("link to a delegation sent"),
    "delegation.links_revoked": _l("links to a delegation ended"),
    "delegation.made": _l("delegation made"),
    "delegation.quotas": _l("numbers of delegations changed"),
    "edition.changed": _l("settings changed"),
    "edition.closed": _l("edition closed"),
    "edition.created": _l("edition created"),
    "hall.added": _l("hall added"),
    "letter.issued": _l("visa letter issued"),
    "letter.purged": _l("passport data erased"),
    "letter.reminded": _l("reminded of passport data"),
    "letter.revoked": _l("visa letter revoked"),
    "letter.seen": _l("visa letter downloaded"),
    "list.removed": _l("saved list deleted"),
    "list.renamed": _l("saved list renamed"),
    "list.replaced": _l("saved list replaced"),
    "list.saved": _l("list saved"),
    "invitation.answered": _l("invitation answered"),
    "invitation.declined": _l("invitation declined"),
    "invitation.extended": _l("last day of an invitation changed"),
    "invitation.made": _l("person invited"),
    "invitation.revoked": _l("invitation revoked"),
    "invitation.sent": _l("invitation sent"),
    "invitations.made": _l("people invited"),
    "invitations.reminded": _l("reminders sent"),
    "mail.sent_again": _l("mail sent again"),
    "office.dated": _l("office dated"),
    "person.merged": _l("two people joined"),
    "person.told_apart": _l("two people told apart"),
    "message.changed": _l("message changed"),
    "message.deleted": _l("draft of a message deleted"),
    "message.resumed": _l("sending of a message taken up again"),
    "message.sent": _l("message sent"),
    "message.tested": _l("test of a message sent"),
    "message.written": _l("message written"),
    "place.declined": _l("invitation to a session declined"),
    "place.given_back": _l("seat given back"),
    "place.invited": _l("invited to a session"),
    "place.removed": _l("seat taken back"),
    "place.taken": _l("signed up for a session"),
    "registration.arrival_undone": _l("arrival taken back"),
    "registration.arrived": _l("arrival noted"),
    "passport.saved": _l("passport data given"),
    "passport.seen": _l("passport data looked at"),
    "registration.corrected": _l("registration corrected"),
    "registration.created": _l("registration received"),
    "registration.imported": _l("registration imported"),
    "registration.placed": _l("put into a delegation"),
    "registration.taken_out": _l("taken out of a delegation"),
    "registration.promoted": _l("place given from the waiting list"),
    "registration.links_renewed": _l("all links ended, a new one mailed"),
    "registration.photograph_kept": _l("photograph handed in"),
    "registration.photograph_removed": _l("photograph removed"),
    "registration.proof_approved": _l("badge proof approved"),
    "organisation.added": _l("organisation added"),
    "session.changed": _l("session changed"),
    "session.created": _l("session created"),
    "session.removed": _l("session removed"),
    "signatory.saved": _l("signatory of visa letters saved"),
    "step.moved": _l("step of the running order moved"),
    "step.removed": _l("step of the running order removed"),
    "step.saved": _l("step of the running order saved"),
    "substitution.approved": _l("substitute approved"),
    "substitution.proposed": _l("substitute proposed"),
    "substitution.refused": _l("substitute refused"),
    "substitution.taken_back": _l("proposal of a substitute taken back"),
    "track.added": _l("track added"),
    "venue.added": _l("venue added"),
    "zone_update.made": _l("new rules of time zones"),
    "zone_update.read": _l("new rules of time zones read"),
}
"""A step that is missing here is shown by its own word."""


def details(entry: AuditEntry, language: str) -> str:
    """What changed, on one line: names of fields and short values, of a text in several languages the reader's."""
    said = []
    for key, value in sorted(entry.details.items()):
        words = _words(value, language)
        if words:
            said.append(f"{key}: {words[:LONGEST]}…" if len(words) > LONGEST else f"{key}: {words}")
    return "; ".join(said)


def _words(value: Any, language: str) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, dict):
        return str(value.get(language) or next(iter(value.values()), ""))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
