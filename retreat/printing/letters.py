"""The visa letter on paper, from the facts that were frozen when it was issued. Pure."""

import base64
from datetime import date

from babel import Locale

from retreat.core import dates
from retreat.printing import ornaments, pdf, typography, words
from retreat.printing.pdf import Pdf
from retreat.registration.letters.facts import LetterFacts

_SPACINGS = ("loose", "snug", "tight")
_TITLE_SIZES = (21.0, 19.0, 17.0, 15.0)
_NAME_SIZES = (13.5, 12.0, 10.5)


def print_letter(letter: LetterFacts) -> Pdf:
    """One letter, A4 portrait, PDF/UA-1; set more tightly when that keeps it on one sheet."""
    done = [_letter(letter, _SPACINGS[0])]
    for spacing in _SPACINGS[1:]:
        if done[-1].pages == 1:
            return done[-1]
        done.append(_letter(letter, spacing))
    return done[-1] if done[-1].pages == 1 else done[0]


def missing_glyphs(letter: LetterFacts) -> tuple[str, ...]:
    """Characters of this letter that no print font has."""
    passport = letter.passport
    said = (passport.family_name, passport.given_names, passport.nationality, passport.born_in, passport.applies_in)
    signed = (part for who in (letter.secretariat, letter.host) for part in (who.name, who.position, who.organisation))
    return typography.missing_glyphs("".join((*said, letter.position, letter.organisation, *signed)))


def _letter(letter: LetterFacts, spacing: str) -> Pdf:
    spoken = letter.language
    title = typography.largest_fitting(letter.event, _TITLE_SIZES, 150, weight=600, most_lines=1, family="serif")
    name = " ".join(part for part in (letter.passport.family_name, letter.passport.given_names) if part)
    name_size = typography.largest_fitting(name, _NAME_SIZES, 110, weight=600, most_lines=1)
    return pdf.render(
        words.fill(
            "letters/letter.html",
            spoken,
            letter=letter,
            passport=letter.passport,
            said=lambda day: said(day, spoken),
            held=dates.date_range(letter.starts_on, letter.ends_on, spoken),
            country=country_in(letter.country, spoken),
            nationality=country_in(letter.passport.nationality, spoken),
            address=letter.verify_url.partition("?")[0],
            title_size=title,
            name_size=name_size,
            spacing=spacing,
        ),
        stylesheets=(words.style("letter.css"), words.size_rules({title, name_size})),
        resources={
            "mark.svg": ornaments.mark(),
            "code.svg": ornaments.code(letter.verify_url),
            "secretariat.png": base64.b64decode(letter.secretariat.image),
            "host.png": base64.b64decode(letter.host.image),
        },
        ua=True,
    )


def said(day: date, language: str) -> str:
    """Like "24 February 2020": a date that no reader takes for another."""
    return dates.bare_date(day, language, year=True)


def country_in(label: str, language: str) -> str:
    """A country's name in the letter's language, when the label is one that is known in any of ours; else the label."""
    wanted = label.casefold().strip()
    for known in ("en", "fr", "es", "ru"):
        for code, name in Locale.parse(known).territories.items():
            if len(code) == 2 and name.casefold() == wanted:
                return str(Locale.parse(language).territories.get(code, label))
    return label
