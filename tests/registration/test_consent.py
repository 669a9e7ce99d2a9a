"""What people agree to: a text in versions, and which of them somebody agreed to."""

import pytest
from sqlalchemy import select

from retreat.core.audit import AuditEntry
from retreat.core.i18n import Translated
from retreat.registration import consent
from retreat.registration.models import ConsentText, Registration
from tests.registration.making import AT, FORM, REGISTRAR, edition, registrations


def save(of, **texts):
    return consent.save(of, Translated(**texts), at=AT, by=REGISTRAR)


def test_the_built_in_sentence_is_version_0_and_saving_it_unchanged_makes_none(db_session):
    of = edition()

    assert consent.current(of) is None
    assert consent.save(of, consent.built_in(), at=AT, by=REGISTRAR) is None
    assert db_session.scalars(select(ConsentText)).all() == []


def test_a_changed_text_is_the_next_version_and_the_earlier_ones_stay(db_session):
    of = edition()

    save(of, en="One.")
    save(of, en="One.")
    save(of, en="Two.", fr="Deux.")

    assert [(one.number, dict(one.text), one.created_by) for one in consent.versions(of)] == [
        (2, {"en": "Two.", "fr": "Deux."}, "Lena Osei"),
        (1, {"en": "One."}, "Lena Osei"),
    ]
    steps = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "consent.changed")).all()
    assert [step.details for step in steps] == [{"number": 1}, {"number": 2}]


def test_versions_are_counted_by_edition(db_session):
    one, other = edition(), edition("2021")

    assert save(one, en="Here.").number == 1
    assert save(other, en="There.").number == 1


def shown(client):
    """What the form holds before anybody types."""
    client.get("/2020/register")
    return client.page.forms[0].values()


@pytest.mark.one_database
class TestForm:
    def test_whoever_registers_agrees_to_the_version_that_was_shown(self, client, db_session):
        of = edition()
        save(of, en="The first text.")
        held = shown(client)
        save(of, en="The second text.")

        client.post("/2020/register", data={**held, **FORM})

        (one,) = registrations()
        assert one.consented_at is not None
        assert one.consent_text.number == 1

    def test_a_text_of_the_edition_costs_the_registration_no_query(self, client, db_session, count_queries):
        of = edition()
        plain = shown(client)
        with count_queries() as before:
            client.post("/2020/register", data={**plain, **FORM})
        save(of, en="The first text.")
        with_text = shown(client)
        with count_queries() as after:
            client.post("/2020/register", data={**with_text, **FORM, "email": "other@example.org"})

        assert len(after) == len(before) <= 15

    def test_without_a_version_it_is_the_one_of_today(self, client, db_session):
        of = edition()
        save(of, en="The first text.")

        client.submit("/2020/register", **FORM, consent_number=None)

        assert db_session.scalars(select(Registration)).one().consent_text.number == 1

    def test_a_number_that_there_never_was_is_the_newest(self, client, db_session):
        of = edition()
        save(of, en="The first text.")

        client.submit("/2020/register", **FORM, consent_number="9999")

        assert registrations()[0].consent_text.number == 1

    def test_the_built_in_sentence_leaves_no_number(self, client, db_session):
        edition()

        client.submit("/2020/register", **FORM)

        (one,) = registrations()
        assert (one.consent_text, one.consented_at is not None) == (None, True)

    def test_the_text_stands_beside_the_box_in_the_readers_language(self, client, db_session):
        of = edition()
        save(of, en="Kept for the Retreat.\nErased after two years.", fr="Gardé pour la Retraite.")

        client.get("/2020/register?lang=fr")
        assert "Gardé pour la Retraite." in client.page.text
        client.get("/2020/register?lang=es")
        assert "Kept for the Retreat. Erased after two years." in client.page.text

    def test_a_form_that_comes_back_asks_anew_when_the_text_has_changed(self, client, db_session):
        of = edition()
        held = shown(client)
        save(of, en="The new text.")

        client.post("/2020/register", data={**held, **FORM, "email": "nobody"})

        again = client.page.forms[0].values()
        assert "The new text." in client.page.text
        assert ("consent" in again, again["consent_number"]) == (False, ["1"])


@pytest.mark.one_database
class TestSettings:
    def test_an_administrator_writes_the_text_and_sees_every_version(self, as_role, db_session):
        edition()
        administrator = as_role("administrator")

        administrator.get("/organise/2020/settings/privacy")
        administrator.submit("/organise/2020/settings/privacy", action="/settings/privacy/consent", text_en="Our text.")
        administrator.get("/organise/2020/settings/privacy")

        assert "Our text." in administrator.page.text
        assert "Version 1" in administrator.page.text
        assert "the built-in sentence" in administrator.page.text

    def test_the_registration_says_which_version_and_when(self, as_role, client, db_session):
        of = edition()
        save(of, en="Ours.")
        client.submit("/2020/register", **FORM)
        registrar = as_role("registrar")

        registrar.get("/organise/2020/registrations/R20-0001")

        assert "Consent version 1, " in registrar.page.text
