"""Who may do what: one table, from roles to permissions."""

from enum import StrEnum

from retreat.accounts.models import Role


class Permission(StrEnum):
    SEE_OVERVIEW = "see_overview"
    """The dashboard of an edition, and one's own account."""
    SEE_REGISTRATIONS = "see_registrations"
    DECIDE_REGISTRATIONS = "decide_registrations"
    EDIT_REGISTRATIONS = "edit_registrations"
    EXPORT_REGISTRATIONS = "export_registrations"
    EXPORT_PEOPLE = "export_people"
    """Everything about one person, for that person."""
    ERASE_PEOPLE = "erase_people"
    CHECK_IN = "check_in"
    """Note at the desk who has arrived."""
    ISSUE_LETTERS = "issue_letters"
    """Visa letters, and the passport data that is in them."""
    SEE_AGENDA = "see_agenda"
    EDIT_AGENDA = "edit_agenda"
    """Days, venues, halls, tracks and sessions of the draft."""
    PUBLISH_AGENDA = "publish_agenda"
    SEE_CEREMONY = "see_ceremony"
    EDIT_CEREMONY = "edit_ceremony"
    PRINT = "print"
    """The print page and the badges."""
    PRINT_ONE_BADGE = "print_one_badge"
    PRINT_DOCUMENTS = "print_documents"
    """Programmes, diplomas and the printed agenda."""
    SEE_MAIL = "see_mail"
    SEND_MAIL = "send_mail"
    SEE_JOBS = "see_jobs"
    SEE_HISTORY = "see_history"
    EDIT_SETTINGS = "edit_settings"
    """The edition's own facts, and new editions."""
    MANAGE_ORGANISERS = "manage_organisers"


P = Permission

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.REGISTRAR: frozenset(
        {
            P.SEE_OVERVIEW,
            P.SEE_REGISTRATIONS,
            P.DECIDE_REGISTRATIONS,
            P.EDIT_REGISTRATIONS,
            P.EXPORT_REGISTRATIONS,
            P.EXPORT_PEOPLE,
            P.ISSUE_LETTERS,
            P.CHECK_IN,
            P.PRINT,
            P.PRINT_ONE_BADGE,
            P.SEE_MAIL,
            P.SEND_MAIL,
            P.SEE_JOBS,
        }
    ),
    Role.PROGRAMMER: frozenset(
        {P.SEE_OVERVIEW, P.SEE_AGENDA, P.EDIT_AGENDA, P.PUBLISH_AGENDA, P.SEE_JOBS},
    ),
    Role.PROTOCOL: frozenset(
        {
            P.SEE_OVERVIEW,
            P.SEE_AGENDA,
            P.SEE_CEREMONY,
            P.EDIT_CEREMONY,
            P.PRINT,
            P.PRINT_ONE_BADGE,
            P.PRINT_DOCUMENTS,
            P.SEE_JOBS,
        }
    ),
    Role.DESK: frozenset({P.SEE_OVERVIEW, P.SEE_REGISTRATIONS, P.CHECK_IN, P.PRINT_ONE_BADGE}),
    Role.VIEWER: frozenset({P.SEE_OVERVIEW, P.SEE_REGISTRATIONS, P.SEE_AGENDA, P.SEE_CEREMONY}),
}


def may(role: Role, permission: Permission) -> bool:
    return permission in PERMISSIONS[role]
