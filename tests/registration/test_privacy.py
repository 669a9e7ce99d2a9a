"""One table says what is kept of a person; every column of the database stands in it."""

import pytest

import retreat.rooms  # noqa: F401  every room's models
from retreat.core.db import Model
from retreat.registration import privacy
from retreat.registration.privacy import COLUMNS, NOT_PERSONAL, ORGANISERS_OWN, TOPICS, WORKINGS, Audience, Fate

TABLES = {table.name: {column.name for column in table.columns} for table in Model.metadata.sorted_tables}


def named_for(table: str) -> list[str]:
    personal = [name for where, name in COLUMNS if where == table]
    return [*personal, *WORKINGS.get(table, "").split()]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_of_every_table_has_been_thought_about(table):
    if table in NOT_PERSONAL | ORGANISERS_OWN:
        assert named_for(table) == []
        return

    assert sorted(named_for(table)) == sorted(TABLES[table])


def test_the_table_names_nothing_that_is_not_there():
    known = {where for where, _name in COLUMNS} | set(WORKINGS) | NOT_PERSONAL | ORGANISERS_OWN
    assert known <= set(TABLES)


def test_every_topic_is_used_and_every_used_topic_is_explained():
    assert {column.topic for column in COLUMNS.values()} == set(TOPICS)


def test_each_persons_gender_is_for_the_person_and_otherwise_only_a_number():
    assert TOPICS["gender"].seen_by == (Audience.PERSON, Audience.NUMBERS)


def test_the_desk_sees_no_address_no_diet_and_no_passport():
    seen = privacy.columns_seen_by("registration", Audience.STAFF)

    assert {"given_name", "organisation", "status", "arrival"} <= seen
    assert not {"email", "phone", "diet", "access_needs", "hotel", "companion", "gender", "visa_letter"} & seen


def test_what_says_who_somebody_was_does_not_survive_an_erasure():
    stays = {name for table in ("registration", "person") for name in privacy.columns_of(table, Fate.STAYS)}

    assert stays == {
        "country",
        "section_id",
        "category_id",
        "language",
        "gender",
        "edition_id",
        "code",
        "status",
        "arrived_at",
        "created_at",
        "updated_at",
        "erased_at",
    }
