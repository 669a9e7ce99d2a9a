"""What a worker does every day about personal data, by hand."""

import click
from flask import Flask
from flask.cli import AppGroup

from retreat.core import clock
from retreat.core.audit import COMMAND
from retreat.core.cli import refusing
from retreat.portal.privacy import retention, tasks

privacy_group = AppGroup("privacy", help="Erase personal data that has been kept long enough.")


@privacy_group.command("run")
@click.option("--dry-run", is_flag=True, help="Say what would be erased; touch nothing.")
@refusing
def run(*, dry_run: bool) -> None:
    """Erase the personal data of editions that were closed long enough ago, old mails and old jobs.

    A worker does it every day. Passports go earlier: see `flask letters purge`.
    """
    if not dry_run:
        done = tasks.carry_out(by=COMMAND)
        editions = ", ".join(done["editions"]) or "none"
        click.echo(f"Editions: {editions}; registrations: {done['registrations']}.")
        click.echo(f"Mails: {done['mails']}; jobs: {done['jobs']}; links: {done['tokens']}.")
        return
    due = retention.plan(clock.now())
    for slug, registrations in due.editions:
        click.echo(f"{slug}: {registrations} registrations would be emptied.")
    if not due.editions:
        click.echo("No edition is due.")
    click.echo(f"Mails: {due.old.mails}; jobs: {due.old.jobs}; links: {due.old.tokens} (dry run: nothing was erased).")


def init_app(app: Flask) -> None:
    app.cli.add_command(privacy_group)
