"""The ground that other tests stand on: isolation, both databases, the strict client."""

import pytest
from sqlalchemy import select, text

from retreat.core.db import db
from retreat.network.models import Section
from tests.client import Page


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_for_the_next(db_session, turn):
    sections = list(db_session.scalars(select(Section).order_by(Section.position)))
    assert len(sections) == 9

    for section in sections[1:]:
        db_session.delete(section)
    db_session.commit()
    assert len(list(db_session.scalars(select(Section)))) == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_numbers_start_where_the_schema_left_them(db_session, turn):
    section = Section(slug="tenth", name={"en": "Tenth"}, position=10)
    db_session.add(section)
    db_session.commit()
    assert section.id == 10


def test_each_test_runs_on_the_database_it_names(database, db_session):
    assert db.engine.dialect.name == database.kind
    if database.kind == "postgresql":
        assert db_session.scalar(text("SELECT version()")).startswith("PostgreSQL")


def test_health_is_told_on_both_databases(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"


def test_a_request_sees_what_the_test_has_not_committed(client, db_session, count_queries):
    db_session.add(Section(slug="tenth", name={"en": "Tenth"}, position=10))
    with count_queries() as queries:
        client.get("/healthz")
    assert any(query.startswith("INSERT INTO section") for query in queries)


def test_an_organiser_is_signed_in_by_role(client, as_role):
    assert client.get("/organise/").status_code == 303
    assert as_role("administrator").get("/organise/").status_code == 200
    assert as_role("desk").get("/organise/organisers").status_code in (403, 404)


GOOD = '<!doctype html><html lang="en"><head><title>t</title></head><body><h1>One</h1>{}</body></html>'


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        ('<p id="a"></p><p id="a"></p>', "<p> at line 1 repeats the id “a”"),
        ('<p style="color:red"></p>', "<p> at line 1 has inline style"),
        ('<a onclick="x()" href="/">x</a>', "<a> at line 1 has inline onclick"),
        ("<script>x()</script>", "<script> at line 1 is inline"),
        ('<img src="/x.png">', "<img> at line 1 has no alt"),
        ("<h1>Two</h1>", "2 h1 headings: ['One', 'Two']"),
        ('<form method="post" action="/x"></form>', "the form to “/x” has no csrf_token"),
        ("<div><b></div></b>", "</div> closes nothing at line 1 (open: ['body', 'div', 'b'])"),
    ],
)
def test_the_client_refuses_a_faulty_page(markup, problem):
    assert Page(GOOD.format("")).problems == []
    assert problem in Page(GOOD.format(markup)).problems


def test_a_form_is_read_with_what_it_holds():
    markup = GOOD.format(
        '<form method="post" action="/x"><input type="hidden" name="csrf_token" value="t"><input name="a" value="1">'
        '<input type="checkbox" name="b" value="yes" checked><input type="checkbox" name="c" value="no">'
        '<select name="d"><option value="x">X</option><option value="y" selected>Y</option></select>'
        '<textarea name="e">\nline</textarea><button name="f" value="g">Send</button></form>'
    )
    page = Page(markup)
    assert page.problems == []
    assert page.forms[0].values() == {"csrf_token": ["t"], "a": ["1"], "b": ["yes"], "d": ["y"], "e": ["line"]}
