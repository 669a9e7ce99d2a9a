"""Signing in, for every test that needs an organiser."""

from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from retreat.accounts import service
from retreat.accounts.models import Organiser, Role
from retreat.core.audit import SYSTEM
from retreat.core.db import db

PASSWORD = "correct horse battery"
JOINED = datetime(2020, 1, 6, 9, 0, tzinfo=UTC)


def organiser_of_role(role: str) -> int:
    """The id of an organiser of this role, made when there is none; within an app context, committed."""
    email = f"{role}@example.org"
    found = db.session.scalar(select(Organiser.id).where(Organiser.email == email))
    if found is None:
        made = service.create_organiser(
            email, role=Role(role), name=role.capitalize(), password=PASSWORD, at=JOINED, by=SYSTEM
        )
        db.session.commit()
        found = made.id
    return found


def client_of_role(app: Flask, role: str) -> FlaskClient:
    """A client with the session that signing in would have given."""
    with app.app_context():
        identity = db.session.get_one(Organiser, organiser_of_role(role)).get_id()
        db.session.rollback()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = identity
        session["_fresh"] = True
    return client
