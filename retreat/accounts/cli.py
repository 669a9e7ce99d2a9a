"""`flask organiser …`: the first administrator, and help where no mail goes out."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from retreat.accounts import passwords, service
from retreat.accounts.models import Role
from retreat.core import clock
from retreat.core.audit import COMMAND
from retreat.core.cli import fail, refusing
from retreat.core.db import db

organiser_group = AppGroup("organiser", help="Who signs in to organise.")


@organiser_group.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="What they may do.")
@click.option("--name", default="", help="As the history of changes shows it.")
@click.option("--language", default="en", help="Of their mails: en, fr, es or ru.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input's first line.")
@click.option("--if-none", is_flag=True, help="Do nothing when there is any organiser already.")
@refusing
def create(email: str, role: str, name: str, language: str, password_stdin: bool, if_none: bool) -> None:
    """Add an organiser. Without --password-stdin a password is made, and printed this once."""
    if if_none and service.has_organisers():
        return
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else passwords.generated()
    organiser = service.create_organiser(
        email, role=Role(role), name=name, language=language, password=password, at=clock.now(), by=COMMAND
    )
    db.session.commit()
    print(f"{organiser.email} is {organiser.role.value}.")
    if not password_stdin:
        print(f"Password, shown this once: {password}")


@organiser_group.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input's first line.")
@refusing
def password(email: str, password_stdin: bool) -> None:
    """Give an organiser another password. Without --password-stdin one is made, and printed this once."""
    organiser = service.organiser_by_email(email)
    if organiser is None:
        fail(f"There is no organiser {email}.")
    chosen = sys.stdin.readline().rstrip("\r\n") if password_stdin else passwords.generated()
    service.set_password(organiser, chosen, at=clock.now(), by=COMMAND)
    db.session.commit()
    print(f"{organiser.email} has another password and is signed out everywhere.")
    if not password_stdin:
        print(f"Password, shown this once: {chosen}")


@organiser_group.command("list")
def list_organisers() -> None:
    """Every organiser: address, role, state, name."""
    for organiser in service.organisers():
        state = "active" if organiser.is_active else "inactive"
        if organiser.is_active and organiser.password_hash is None:
            state = "invited"
        print(f"{organiser.email}\t{organiser.role.value}\t{state}\t{organiser.name}")


def init_app(app: Flask) -> None:
    app.cli.add_command(organiser_group)
