"""Organisers for tests, signed in without the cost of a password."""

from flask import Flask
from sqlalchemy import select

from retreat.accounts.models import Organiser, Role
from retreat.core import clock
from retreat.core.db import db
from tests.client import PageClient


def client_of_role(app: Flask, role: str) -> PageClient:
    """A client whose session is that of `<role>@example.org`."""
    client = app.test_client()
    assert isinstance(client, PageClient)
    with app.app_context():
        identity = organiser_of_role(role).get_id()
    with client.session_transaction() as session:
        session["_user_id"] = identity
        session["_fresh"] = True
    return client


def organiser_of_role(role: str) -> Organiser:
    email = f"{role}@example.org"
    found = db.session.scalar(select(Organiser).where(Organiser.email == email))
    if found is None:
        found = Organiser(email=email, name=role.capitalize(), role=Role(role), created_at=clock.now())
        db.session.add(found)
        db.session.commit()
    return found
