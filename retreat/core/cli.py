"""The command groups that several rooms add to, and the worker's own command."""

import codecs
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.sheets import Imported, SheetErrors

P = ParamSpec("P")
R = TypeVar("R")

import_group = AppGroup("import", help="Read a table from a file: all rows, or none and every error.")
export_group = AppGroup("export", help="Write a table to standard output or to --out.")
print_group = AppGroup("print", help="Make a PDF.")
jobs_group = AppGroup("jobs", help="The worker that does slow work.")


def fail(message: object) -> NoReturn:
    """One sentence on standard error, and exit status 1."""
    click.echo(str(message), err=True)
    raise SystemExit(1)


@contextmanager
def refusals() -> Iterator[None]:
    """Within the block a RetreatError ends the command with its sentence, and nothing is stored."""
    try:
        yield
    except RetreatError as error:
        db.session.rollback()
        fail(error)
    except (OperationalError, ProgrammingError) as error:
        db.session.rollback()
        if not _is_answering():
            reason = str(error.orig).strip().splitlines()[0]
            fail(f"The database does not answer ({reason}): check DATABASE_URL.")
        if not inspect(db.engine).has_table("alembic_version"):
            fail("The database is empty: run .venv/bin/flask db upgrade first.")
        raise error from None


def _is_answering() -> bool:
    try:
        with db.engine.connect():
            return True
    except SQLAlchemyError:
        return False


def refusing(function: Callable[P, R]) -> Callable[P, R]:
    """`refusals` round a whole command."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with refusals():
            return function(*args, **kwargs)

    return wrapped


def run_import(read: Callable[[], Imported], things: str, *, dry_run: bool) -> None:
    """Import, and commit or on a dry run forget; say what happened, or every error of the file and status 1."""
    try:
        imported = read()
    except SheetErrors as errors:
        db.session.rollback()
        for line in errors.lines:
            click.echo(line, err=True)
        raise SystemExit(1) from None
    if dry_run:
        db.session.rollback()
    else:
        db.session.commit()
    for warning in imported.warnings:
        click.echo(warning, err=True)
    would = " (dry run: nothing was stored)" if dry_run else ""
    click.echo(f"{things}: {imported.added} added, {imported.changed} changed, {imported.unchanged} unchanged{would}.")


def write_out(content: bytes, out: str | None) -> None:
    """To the file named by --out, else to standard output; programs read it, so without the mark that Excel wants."""
    content = content.removeprefix(codecs.BOM_UTF8)
    if out:
        try:
            Path(out).write_bytes(content)
        except OSError as error:
            fail(f"{out} cannot be written: {error.strerror}.")
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


@jobs_group.command("work")
@click.option("--threads", default=2, show_default=True, help="How many jobs at once.")
@with_appcontext
def work(threads: int) -> None:
    """Do jobs until told to stop."""
    app: Any = current_app
    app.extensions["retreat.jobs"].work(app._get_current_object(), threads=threads)  # noqa: SLF001


def init_app(app: Flask) -> None:
    for group in (import_group, export_group, print_group, jobs_group):
        app.cli.add_command(group)
