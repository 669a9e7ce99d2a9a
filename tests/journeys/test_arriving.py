"""The first minutes: what the server's own words lead to."""

import os
import re
import signal
import time

import pytest
from playwright.sync_api import expect


def test_a_newcomer_finds_the_edition_and_its_agenda(page, site, axe):
    page.goto("/")
    expect(page).to_have_url(f"{site.url}/2020/")
    expect(page.locator("h1")).to_have_count(1)
    axe(page)
    page.goto("/2020/agenda")
    axe(page)


def test_the_printed_password_signs_the_administrator_in(page, sign_in, axe):
    page.goto("/sign-in")
    axe(page)
    sign_in(page)
    expect(page).to_have_url(re.compile("/organise/"))
    axe(page)


@pytest.mark.parametrize("width", [360, 1920])
def test_nothing_is_wider_than_the_screen(new_context, width):
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    for path in ("/2020/", "/2020/agenda", "/2020/register", "/sign-in"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_agenda_is_whole_without_javascript(new_context):
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/2020/agenda")
    expect(page.locator("main")).to_contain_text("Presidency")


def test_a_worker_that_dies_is_started_again(site):
    (worker,) = site.workers()
    os.kill(worker, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and worker in (site.workers() or [worker]):
        time.sleep(0.2)
    assert len(site.workers()) == 1
    assert "The job worker ended" in site.log.read_text()


def test_the_administrator_is_the_only_organiser(site):
    assert site.flask("organiser", "list").splitlines()[0].split("\t")[:3] == [site.email, "administrator", "active"]


@pytest.mark.parametrize("megabytes", [20, 60])
def test_a_file_that_is_too_large_meets_a_page_and_no_broken_connection(new_context, tmp_path, megabytes):
    large = tmp_path / "photo.jpg"
    large.write_bytes(b"x" * megabytes * 1024 * 1024)
    page = new_context().new_page()
    page.goto("/2020/register")
    page.evaluate(
        """() => {
            const form = document.querySelector("form[method=post]");
            form.enctype = "multipart/form-data";
            form.noValidate = true;
            form.insertAdjacentHTML("beforeend", '<input type="file" name="large" id="large">');
        }"""
    )
    page.set_input_files("#large", str(large))

    page.evaluate("() => document.querySelector('form[method=post]').requestSubmit()")

    expect(page.locator("h1")).to_have_text("That is too large", timeout=60_000)
