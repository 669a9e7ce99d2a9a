"""Answers for machines: health and robots."""

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from retreat.core.db import db
from retreat.core.zones import tzdata_version

blueprint = Blueprint("system", __name__)


@blueprint.get("/healthz")
def healthz() -> Any:
    """200 while the database answers, also with no edition."""
    schema = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return jsonify(status="ok", tzdata=tzdata_version(), schema=schema)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Feeds stay reachable: Google Calendar honours this file."""
    lines = (
        "User-agent: *",
        "Disallow: /organise/",
        "Disallow: /sign-in",
        "Disallow: /*/registration/",
        "Disallow: /*/invitation/",
        "Allow: /",
        "",
    )
    return Response("\n".join(lines), mimetype="text/plain")
