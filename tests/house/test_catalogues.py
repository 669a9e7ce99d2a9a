"""The interface is complete in French, Spanish and Russian, and the check that says so can say no."""

import importlib.util

import pytest
from babel.messages.catalog import Catalog

import config


@pytest.fixture(scope="module")
def catalogues():
    spec = importlib.util.spec_from_file_location("catalogues", config.ROOT / "script" / "catalogues.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def source(catalogues):
    return catalogues.in_code()


@pytest.mark.parametrize("language", ["fr", "es", "ru"])
def test_every_message_is_translated(catalogues, source, language):
    assert list(catalogues.problems(language, source)) == []


def test_the_source_is_read_in_code_and_in_templates(source):
    assert len(source) > 100


PO = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=3; plural=0;\\n"\n\n'


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("", "missing: 'Hello %(name)s'"),
        ('msgid "Hello %(name)s"\nmsgstr ""\n', "not translated: 'Hello %(name)s'"),
        ('#, fuzzy\nmsgid "Hello %(name)s"\nmsgstr "Привет, %(name)s"\n', "fuzzy: 'Hello %(name)s'"),
        ('msgid "Hello %(name)s"\nmsgstr "Привет"\n', "has not the source's placeholders: 'Hello %(name)s'"),
        (
            'msgid "Hello %(name)s"\nmsgstr "Привет, %(nom)s"\n',
            "has a placeholder that the source lacks: 'Hello %(name)s'",
        ),
        ('msgid "Hello %(name)s"\nmsgstr "Привет, %(name)s"\nmsgid "Old"\nmsgstr "Старое"\n', "left over: 'Old'"),
        ('msgid "Hello %(name)s"\nmsgstr "Привет, %(name)s"\n', None),
    ],
)
def test_a_gap_is_found(catalogues, tmp_path, monkeypatch, entry, problem):
    monkeypatch.setattr(catalogues, "CATALOGUES", tmp_path)
    path = catalogues.path_of("ru")
    path.parent.mkdir(parents=True)
    path.write_text(PO + entry)
    source = Catalog()
    source.add("Hello %(name)s")
    assert list(catalogues.problems("ru", source)) == ([problem] if problem else [])


def test_an_update_writes_what_is_new_and_keeps_what_is_translated(catalogues, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "CATALOGUES", tmp_path)
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    path = catalogues.path_of("fr")
    path.parent.mkdir(parents=True)
    path.write_text(PO + 'msgid "Day"\nmsgstr "Jour"\n\nmsgid "Old"\nmsgstr "Vieux"\n')
    source = Catalog()
    source.add("Day")
    source.add("Night")
    monkeypatch.setattr(catalogues, "in_code", lambda: source)

    catalogues.update()
    written = path.read_text()
    catalogues.update()

    assert path.read_text() == written
    assert 'msgid "Day"\nmsgstr "Jour"' in written
    assert 'msgid "Night"\nmsgstr ""' in written
    assert "Old" not in written
