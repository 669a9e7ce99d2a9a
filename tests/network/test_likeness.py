"""Who may be the same person as whom."""

import time

import pytest

from retreat.network.likeness import Known, Reason, likeness, may_be_named, pairs, sound


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Кудайбердиева", "Kudaiberdieva"),
        ("Qudayberdiyeva", "Kudaiberdieva"),
        ("Мухтар", "Mukhtar"),
        ("فاطمة", "Fatima"),
        ("محمد", "Mohammed"),
        ("İbrahim", "Ibrahim"),
        ("Юлия", "Yulia"),
        ("Евгений", "Yevgeny"),
        ("Жанна", "Zhanna"),
        ("Щербаков", "Shcherbakov"),
        ("Алексей", "Alexey"),
        ("Núñez", "NUNEZ"),
        ("Łukasz", "Lukasz"),
    ],
)
def test_the_same_word_sounds_the_same_in_every_script_and_spelling(one, other):
    assert sound(one) == sound(other)


@pytest.mark.parametrize(("one", "other"), [("Жанна", "Anna"), ("Boris", "Ana"), ("Osman", "Hasan")])
def test_other_words_do_not(one, other):
    assert sound(one) != sound(other)


def known(number, *names, email="", organisation="", member=None):
    return Known(number, names, email, organisation, member)


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (known(1, "Ana Fernández"), known(2, "Fernandez ANA"), (Reason.NAME,)),
        (
            known(1, "Aziz Abdukakhkharovich", organisation="Bishkek City"),
            known(2, "Азиз Абдукаххарович", organisation="город Бишкек"),
            (Reason.SPELLING, Reason.ORGANISATION),
        ),
        (known(1, "Ana", email="a@x.org"), known(2, "Ana", email="a@x.org"), (Reason.NAME, Reason.EMAIL)),
        (
            known(1, "Ana Fernández", email="a@x.org"),
            known(2, "Ana María Fernández Ruiz", email="a@x.org"),
            (Reason.PART, Reason.EMAIL),
        ),
        (known(1, "Ana Ruiz", member=7), known(2, "Ana Ruiz", member=7), (Reason.NAME, Reason.ORGANISATION)),
        (known(1, "Bakyt Asanov"), known(2, "B. A.", "Бакыт Асанов"), (Reason.SPELLING,)),
    ],
)
def test_the_reasons_are_said(one, other, reasons):
    found = likeness(one, other)
    assert found is not None
    assert found.reasons == reasons
    assert likeness(other, one) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (known(1, "Ana Fernández", email="office@x.org"), known(2, "Boris Petrov", email="office@x.org")),
        (known(1, "Ana"), known(2, "Ana")),
        (known(1, "Ana Fernández"), known(2, "Ana Petrova")),
        (known(1, "Ana Ruiz", organisation="Lima"), known(2, "Bea Ruiz", organisation="Lima")),
    ],
)
def test_an_address_a_first_name_or_a_family_alone_is_no_reason(one, other):
    assert likeness(one, other) is None


def test_the_likeliest_pair_comes_first():
    book = [
        known(1, "Ana Fernández"),
        known(2, "Бакыт Асанов", email="b@x.org"),
        known(3, "Ana Fernandez"),
        known(4, "Bakyt Asanov", email="b@x.org"),
        known(5, "Cem Kaya"),
    ]
    assert [(pair.one, pair.other) for pair in pairs(book)] == [(2, 4), (1, 3)]


def test_five_thousand_people_are_not_compared_each_with_each():
    letters = "bcdfghklmnprstvz"
    names = [f"{a}o{b}i {c}a{d}e" for a in letters for b in letters for c in letters for d in letters][:4990]
    crowd = [known(number, name, email="office@x.org") for number, name in enumerate(names)]
    crowd += [known(9000 + number, "Maria Garcia", organisation="Lima") for number in range(10)]
    started = time.process_time()
    found = pairs(crowd)
    assert time.process_time() - started < 5
    assert len([pair for pair in found if pair.one >= 9000]) == 45


def test_one_word_in_common_is_enough_to_be_somebody_and_none_is_not():
    assert may_be_named(("Ana Fernández",), ("Ана Фернандес",))
    assert may_be_named(("Ana Fernández",), ("Ana Ruiz",))
    assert not may_be_named(("Ana Fernández",), ("Boris Petrov",))
