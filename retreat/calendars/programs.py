"""Which calendar program asked, by the name of its family alone. Pure.

What a program calls itself names its version, the system and at times the device: none of that is kept.
"""

_LONGEST = 400

_FAMILIES = (
    ("google-calendar", "Google Calendar"),
    ("googlebot", "Google Calendar"),
    ("icsx5", "ICSx5"),
    ("icsdroid", "ICSx5"),
    ("davx5", "DAVx5"),
    ("thunderbird", "Thunderbird"),
    ("nextcloud", "Nextcloud"),
    ("owncloud", "ownCloud"),
    ("outlook", "Outlook"),
    ("microsoft.exchange", "Outlook"),
    ("exchange/", "Outlook"),
    ("microsoft office", "Outlook"),
    ("msoffice", "Outlook"),
    ("fantastical", "Fantastical"),
    ("busycal", "BusyCal"),
    ("calendaragent", "Apple Calendar"),
    ("dataaccessd", "Apple Calendar"),
    ("accountsd", "Apple Calendar"),
    ("remindd", "Apple Calendar"),
    ("maccalendar", "Apple Calendar"),
    ("proton", "Proton Calendar"),
    ("fastmail", "Fastmail"),
    ("yahoo", "Yahoo Calendar"),
    ("zimbra", "Zimbra"),
    ("evolution", "Evolution"),
    ("korganizer", "KOrganizer"),
    ("akonadi", "KOrganizer"),
    ("homeassistant", "Home Assistant"),
    ("home assistant", "Home Assistant"),
    ("vdirsyncer", "vdirsyncer"),
    ("calcurse", "calcurse"),
    # Browsers last, and in this order: each calls itself by the names of those after it.
    ("firefox", "Firefox"),
    ("edg/", "Edge"),
    ("chrome", "Chrome"),
    ("safari", "Safari"),
)


def program_of(user_agent: str | None) -> str:
    """The family's name, as people know it; nothing for a program that is not known."""
    called = (user_agent or "")[:_LONGEST].casefold()
    return next((name for sign, name in _FAMILIES if sign in called), "")
