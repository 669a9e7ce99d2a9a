"""The photograph on the delegate's own page."""

import io

import pytest

from retreat.registration import service
from tests.registration import pictures
from tests.registration.making import AT, DELEGATE, registrations

pytestmark = pytest.mark.one_database


def send(client, url, content=None, name="me.jpg", **values):
    upload = (io.BytesIO(pictures.photograph() if content is None else content), name)
    return client.submit(f"{url}/photograph", form_id="photograph", photograph=upload, **values)


def test_it_is_handed_in_shown_and_removed(client, url, db_session):
    assert "No photograph, which is quite all right." in client.get(url).text
    assert send(client, url).location == f"{url}#proof"
    assert f'src="{url}/photograph.jpg?v=' in client.get(url).text
    picture = client.get(f"{url}/photograph.jpg")
    assert (picture.status_code, picture.mimetype, picture.headers["Cache-Control"]) == (200, "image/jpeg", "no-store")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.headers["Content-Disposition"].startswith("inline")
    client.submit(f"{url}/photograph", action="/remove")
    assert client.get(f"{url}/photograph.jpg").status_code == 404
    assert "photograph.jpg" not in client.get(url).text


def test_the_part_that_was_chosen_is_kept(client, url, db_session):
    from PIL import Image

    for left, place in (("0", 0), ("0.5", 2)):
        send(client, url, left=left, top="0", width="0.5", height="0.5")
        picture = Image.open(io.BytesIO(client.get(f"{url}/photograph.jpg").data))
        assert max(range(3), key=picture.getpixel((300, 375)).__getitem__) == place


@pytest.mark.parametrize("nonsense", ["", "nan", "inf", "x" * 500, "-1e9", "9" * 400])
def test_a_nonsensical_part_is_the_middle(client, url, nonsense):
    assert send(client, url, left=nonsense, top="0", width="0.5", height="0.5").status_code == 303


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "me.jpg", "Choose a file."),
        (b"<svg onload=alert(1)>", "me.svg", "no photograph that we can read"),
        (b"<!doctype html><script>alert(1)</script>", "me.jpg", "no photograph that we can read"),
        (pictures.huge_png(), "me.png", "more than 64 million pixels"),
        (pictures.photograph()[:2000], "me.jpg", "damaged"),
    ],
    ids=["nothing", "svg", "html", "bomb", "half"],
)
def test_what_is_no_portrait_is_refused_beside_the_field_and_the_one_before_stays(client, url, content, name, sentence):
    send(client, url)
    before = client.get(f"{url}/photograph.jpg").data
    answer = send(client, url, content, name)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert client.get(f"{url}/photograph.jpg").data == before


def test_twenty_megabytes_are_a_sentence_on_the_same_page(client, url):
    answer = send(client, url, b"\xff\xd8\xff" + bytes(20_000_000))
    assert answer.status_code == 413
    assert "The file is larger than 15 MB." in answer.text
    assert client.page.headings == ["My photograph"]
    assert registrations()[0].photograph is None
    answer.request.environ["wsgi.input"].close()


def test_it_is_behind_the_link_and_the_organisers_door_only(client, as_role, url, one, db_session):
    send(client, url)
    assert client.get("/2020/registration/unknown/photograph.jpg").status_code == 404
    assert client.get("/2020/registration/unknown/photograph").status_code == 404
    address = f"/organise/2020/registrations/{one.code}/photograph.jpg"
    assert client.get(address).status_code == 303
    assert as_role("programmer").get(address).status_code == 403
    seen = as_role("desk").get(address)
    assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "private, no-store")


def test_the_secretariat_sees_and_removes_it(client, as_role, url, one):
    send(client, url)
    registrar, page = as_role("registrar"), f"/organise/2020/registrations/{one.code}"
    assert "Photograph of Ana Fernández" in registrar.get(page).text
    registrar.submit(page, action="/photograph/remove")
    assert "Photograph of" not in registrar.get(page).text
    assert client.get(f"{url}/photograph.jpg").status_code == 404


def test_who_does_not_come_adds_none(client, url, one):
    service.withdraw(one, at=AT, by=DELEGATE)
    assert client.get(f"{url}/photograph").location == url
