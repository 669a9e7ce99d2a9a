"""The numbers that an edition publishes; without its word there is no such page."""

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from retreat.core.downloads import sent_table
from retreat.core.http import language
from retreat.editions.models import Edition
from retreat.editions.web import edition_of
from retreat.registration.numbers import counts, tables
from retreat.registration.numbers.labels import GROUPS

blueprint = Blueprint("figures", __name__, url_prefix="/<edition_slug>")


@blueprint.get("/numbers")
def page(edition_slug: str) -> str:
    return render_template(
        "registration/numbers/page.html", numbers=counts.numbers(_published(edition_slug)), groups=GROUPS
    )


@blueprint.get("/numbers.csv")
def file(edition_slug: str) -> Response:
    edition = _published(edition_slug)
    content = tables.csv(
        counts.numbers(edition), say=lambda name: name.text(language(), edition.main_language), is_public=True
    )
    return sent_table(content, f"numbers-{edition.slug}")


def _published(slug: str) -> Edition:
    edition = edition_of(slug)
    if not edition.are_numbers_shown:
        raise NotFound
    return edition
