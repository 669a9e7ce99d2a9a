"""Every room's models, blueprints and commands, from the lowest to the highest."""

from flask import Flask

import retreat.accounts.models
import retreat.agenda.board.models
import retreat.agenda.models
import retreat.agenda.zone_rules.models
import retreat.calendars.models
import retreat.ceremony.models
import retreat.core.audit
import retreat.core.mail
import retreat.editions.models
import retreat.network.models
import retreat.notices.models
import retreat.printing.models
import retreat.registration.invitations.models
import retreat.registration.letters.models
import retreat.registration.messages.models
import retreat.registration.models  # noqa: F401
from retreat.accounts import cli as accounts_cli
from retreat.accounts import guards
from retreat.accounts import organise as accounts_organise
from retreat.accounts import views as accounts_views
from retreat.accounts.roles import Permission
from retreat.agenda import cli as agenda_cli
from retreat.agenda import organise as agenda_organise
from retreat.agenda import places, publishing
from retreat.agenda import public as agenda_public
from retreat.agenda.board import organise as board_organise
from retreat.agenda.bulk import organise as bulk_organise
from retreat.agenda.checking import organise as checking_organise
from retreat.agenda.editing import organise as editing_organise  # noqa: F401
from retreat.agenda.exchange import public as exchange_public
from retreat.agenda.halls import organise as halls_organise
from retreat.agenda.papers import organise as papers_organise
from retreat.agenda.papers import public as papers_public
from retreat.agenda.revisions import organise as revisions_organise
from retreat.agenda.revisions import public as revisions_public
from retreat.agenda.stars import public as stars_public
from retreat.agenda.zone_rules import cli as zone_rules_cli  # noqa: F401
from retreat.agenda.zone_rules import organise as zone_rules_organise
from retreat.calendars import cli as calendars_cli
from retreat.calendars import door as calendars_door
from retreat.calendars import organise as calendars_organise
from retreat.calendars import public as calendars_public
from retreat.calendars import subscribers
from retreat.calendars import views as calendars_views
from retreat.ceremony import public as ceremony_public
from retreat.ceremony import views as ceremony_views
from retreat.core import system
from retreat.demo import cli as demo_cli
from retreat.editions import cli as editions_cli
from retreat.network import cli as network_cli  # noqa: F401
from retreat.notices import service as notices
from retreat.notices import tasks as notices_tasks  # noqa: F401
from retreat.portal import my as portal_my
from retreat.portal import my_calendar, my_documents, my_papers, my_passport, my_photograph, my_seats, my_stars  # noqa: F401
from retreat.portal import organise as portal_organise
from retreat.portal import public as portal_public
from retreat.portal.people import organise as people_organise
from retreat.portal.privacy import cli as privacy_cli
from retreat.portal.privacy import organise as privacy_organise
from retreat.portal.privacy import public as privacy_public
from retreat.printing import cli as printing_cli  # noqa: F401
from retreat.printing import organise as printing_organise
from retreat.printing import views as printing_views
from retreat.registration import cli as registration_cli
from retreat.registration import organise as registration_organise
from retreat.registration import views as registration_views
from retreat.registration import waiting
from retreat.registration.arrivals import organise as arrivals_organise
from retreat.registration.delegations import organise as delegations_organise
from retreat.registration.delegations import public as delegations_public
from retreat.registration.invitations import cli as invitations_cli  # noqa: F401
from retreat.registration.invitations import organise as invitations_organise
from retreat.registration.invitations import public as invitations_public
from retreat.registration.letters import cli as letters_cli
from retreat.registration.letters import tasks as letters_tasks  # noqa: F401
from retreat.registration.letters import views as letters_views
from retreat.registration.listing import organise as listing_organise
from retreat.registration.listing import tasks as listing_tasks  # noqa: F401
from retreat.registration.messages import organise as messages_organise
from retreat.registration.messages import sending  # noqa: F401
from retreat.registration.numbers import organise as numbers_organise
from retreat.registration.numbers import public as numbers_public
from retreat.registration.questions import organise as questions_organise


def register(app: Flask) -> None:
    guards.init_app(app)
    app.register_blueprint(guards.public(system.blueprint))
    app.register_blueprint(guards.public(accounts_views.blueprint))
    app.register_blueprint(guards.guard(accounts_organise.blueprint, Permission.MANAGE_ORGANISERS))
    app.register_blueprint(guards.guard(portal_organise.blueprint, Permission.SEE_OVERVIEW))
    app.register_blueprint(guards.public(portal_public.blueprint))
    _register_agenda(app)
    app.register_blueprint(guards.guard(ceremony_views.blueprint, Permission.SEE_CEREMONY))
    app.register_blueprint(guards.guard(printing_views.blueprint, Permission.PRINT))
    app.register_blueprint(guards.guard(printing_organise.blueprint, Permission.ISSUE_LETTERS))
    app.register_blueprint(guards.public(letters_views.blueprint))
    app.register_blueprint(guards.public(calendars_views.blueprint))
    app.register_blueprint(guards.guard(calendars_organise.blueprint, Permission.SEE_AGENDA))
    ceremony_public.connect()
    waiting.connect()
    places.connect()
    publishing.connect()
    subscribers.connect()
    calendars_public.connect()
    notices.connect()
    app.register_blueprint(guards.public(registration_views.blueprint))
    app.register_blueprint(guards.public(invitations_public.blueprint))
    app.register_blueprint(guards.guard(registration_organise.blueprint, Permission.SEE_REGISTRATIONS))
    app.register_blueprint(guards.guard(numbers_organise.blueprint, Permission.SEE_REGISTRATIONS))
    app.register_blueprint(guards.public(numbers_public.blueprint))
    app.register_blueprint(guards.guard(listing_organise.blueprint, Permission.SEE_REGISTRATIONS))
    app.register_blueprint(guards.guard(messages_organise.blueprint, Permission.SEND_MAIL))
    app.register_blueprint(guards.guard(arrivals_organise.blueprint, Permission.CHECK_IN))
    app.register_blueprint(guards.guard(invitations_organise.blueprint, Permission.EDIT_REGISTRATIONS))
    app.register_blueprint(guards.guard(questions_organise.blueprint, Permission.EDIT_SETTINGS))
    app.register_blueprint(guards.public(portal_my.blueprint))
    app.register_blueprint(guards.guard(people_organise.blueprint, Permission.EDIT_REGISTRATIONS))
    app.register_blueprint(guards.public(privacy_public.blueprint))
    app.register_blueprint(guards.guard(privacy_organise.blueprint, Permission.SEE_REGISTRATIONS))
    app.register_blueprint(guards.public(delegations_public.blueprint))
    app.register_blueprint(guards.guard(delegations_organise.blueprint, Permission.SEE_REGISTRATIONS))
    accounts_cli.init_app(app)
    editions_cli.init_app(app)
    registration_cli.init_app(app)
    letters_cli.init_app(app)
    agenda_cli.init_app(app)
    calendars_cli.init_app(app)
    calendars_door.init_app(app)
    privacy_cli.init_app(app)
    demo_cli.init_app(app)
    guards.check_blueprints(app)


def _register_agenda(app: Flask) -> None:
    app.register_blueprint(guards.public(agenda_public.blueprint))
    app.register_blueprint(guards.public(exchange_public.blueprint))
    app.register_blueprint(guards.public(stars_public.blueprint))
    app.register_blueprint(guards.guard(agenda_organise.blueprint, Permission.SEE_AGENDA))
    app.register_blueprint(guards.guard(bulk_organise.blueprint, Permission.SEE_AGENDA))
    app.register_blueprint(guards.guard(papers_organise.blueprint, Permission.SEE_AGENDA))
    app.register_blueprint(guards.public(papers_public.blueprint))
    app.register_blueprint(guards.guard(board_organise.blueprint, Permission.SEE_AGENDA))
    app.register_blueprint(guards.guard(checking_organise.blueprint, Permission.SEE_AGENDA))
    app.register_blueprint(guards.guard(halls_organise.blueprint, Permission.SEE_AGENDA))
    app.register_blueprint(guards.guard(revisions_organise.blueprint, Permission.SEE_AGENDA))
    app.register_blueprint(guards.guard(zone_rules_organise.blueprint, Permission.SEE_AGENDA))
    app.register_blueprint(guards.public(revisions_public.blueprint))
