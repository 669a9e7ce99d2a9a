"""Retreat: the week, its people and its papers. `create_app` is where the rooms are put together."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

ROOT = Path(__file__).resolve().parent.parent


def create_app(values: Mapping[str, Any]) -> Flask:
    """The application, told its configuration; nothing below asks the environment."""
    # Before anything makes a ZoneInfo: the pinned tzdata comes first.
    from retreat.core import zones  # noqa: F401, I001
    from retreat import rooms
    from retreat.core import cli, db, http, jobs, migrations

    app = Flask("retreat", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.from_mapping(values)
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {})
    app.config["STATIC_ROOT"] = ROOT / "static"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "retreat" / "translations")
    Path(app.config["DATA"]).mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    migrations.init_app(app)
    http.init_app(app)
    jobs.init_app(app)
    cli.init_app(app)
    rooms.register(app)
    http.refuse_forged_forms(app)
    return app
