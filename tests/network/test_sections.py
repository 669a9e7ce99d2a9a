"""The Sections, which every form offers."""

from sqlalchemy import select

from retreat.network.models import Organisation, Section
from retreat.network.service import sections


def test_a_process_asks_for_the_nine_once_and_gives_rows_of_this_session(db_session, count_queries):
    first = [(one.id, one.slug, one.name) for one in sections()]
    assert len(first) == 9
    db_session.remove()
    with count_queries() as queries:
        again = sections()
        assert [(one.id, one.slug, one.name) for one in again] == first
        assert db_session.get(Section, again[3].id) is again[3]
    assert queries == []
    db_session.add(Organisation(name={"en": "Osh"}, name_key="osh", section=again[3]))
    db_session.commit()
    assert db_session.scalars(select(Organisation)).one().section.slug == first[3][1]
