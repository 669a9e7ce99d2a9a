"""Delegations to try things with."""

from typing import Any

from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.names import search_key
from retreat.editions.models import Edition
from retreat.network.models import Organisation, OrganisationKind
from retreat.registration.delegations import links, service
from retreat.registration.delegations.models import Delegation, DelegationRole
from retreat.registration.models import Registration
from tests.registration.making import AT, REGISTRAR, answers

COORDINATOR = "Aigul Sadykova"


def organisation(name: str = "City of Bishkek", kind: OrganisationKind = OrganisationKind.CITY) -> Organisation:
    made = Organisation(name=Translated(en=name), name_key=search_key(name), kind=kind)
    db.session.add(made)
    db.session.commit()
    return made


def delegation(of: Edition, name: str = "City of Bishkek", **values: Any) -> Delegation:
    """Committed; four delegates and two interpreters or aides unless `values` say otherwise."""
    given: dict[str, Any] = {
        "coordinator_name": COORDINATOR,
        "coordinator_email": "protocol@bishkek.example",
        "delegates": 4,
        "support": 2,
        **values,
    }
    made = service.make(of, organisation(name), at=AT, by=REGISTRAR, **given)
    db.session.commit()
    return made


def add(to: Delegation, name: str, role: str = "member", **values: Any) -> Registration:
    """Somebody with an address of their own, by the coordinator."""
    given = {"given_name": name, "family_name": "", "email": f"{name.lower()}@example.org", **values}
    return service.add(to, DelegationRole(role), answers(to.edition, **given), at=AT, by=service.actor(to))


def page_of(one: Delegation) -> str:
    """The address of the coordinator's page."""
    token = links.new_link(one, at=AT)
    db.session.commit()
    return f"/{one.edition.slug}/delegation/{token}"
