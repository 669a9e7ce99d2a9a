"""The calendar programs that people have, each in three lines: how to add a feed, how often it looks, what else."""

from dataclasses import dataclass

from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class Client:
    """What one calendar program asks for, and how soon it sees a change."""

    name: str
    how_soon: str
    lines: tuple[str, str, str]


def clients() -> tuple[Client, ...]:
    """The most usual first."""
    return (
        Client(
            _("iPhone, iPad, Mac"),
            _("within the hour"),
            (
                _("Press Subscribe and confirm."),
                _("In the week of the event set Auto-refresh to 15 minutes, and Fetch on the iPhone as well."),
                _("To look at once, pull down the list of calendars; on the Mac press Command and R."),
            ),
        ),
        Client(
            _("Google Calendar"),
            _("4 to 24 hours"),
            (
                _("Press Google Calendar, or on a computer open Other calendars, From URL, and paste the address."),
                _("Google decides how often it looks, and nothing can hurry it."),
                _("For changes on the same day look at this site, and read our e-mails."),
            ),
        ),
        Client(
            _("Outlook"),
            _("3 to 24 hours"),
            (
                _("Press Outlook.com or, at work, Microsoft 365; or Add calendar, Subscribe from web, and paste it."),
                _("Microsoft decides how often it looks; the classic Outlook for Windows does so at Send/Receive."),
                _("Do not import a downloaded file: it never changes again."),
            ),
        ),
        Client(
            _("Android, with ICSx5"),
            _("as you set it"),
            (
                _("Install ICSx5, then press Subscribe or add the address."),
                _("Choose 15 minutes for the week of the event."),
                _("The calendar appears in the phone’s own calendar application."),
            ),
        ),
        Client(
            _("Thunderbird"),
            _("as you set it"),
            (
                _("Choose New calendar, On the network, iCalendar, and paste the address."),
                _("It looks every half hour; in the week of the event set Refresh to 15 minutes in its properties."),
                _("To look at once, press Synchronize."),
            ),
        ),
        Client(
            _("Nextcloud"),
            _("within the hour"),
            (
                _("In Calendar choose New subscription from link and paste the address."),
                _("It looks once an hour, every 15 minutes in the week of the event, unless your server does less."),
                _("It cannot be changed there: it always shows what is published."),
            ),
        ),
    )
