"""Badges as they come out of the printer."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from retreat.printing import badges, colours, typography
from retreat.printing.badges import WeekDay, WeekRow
from retreat.printing.sheets import Sheet
from tests.printing import paper
from tests.printing.paper import DELEGATE, ELECTED, PRESS, TANGIER, WEEK, badge

QR_TOP_MM = 104.5

SCRIPTS = [
    badge(
        1,
        honorific="H.E.",
        given_name="Fatima Zahra",
        family_name="El Mansouri",
        native_name="فاطمة الزهراء المنصوري",
        native_language="ar",
        city="Marrakech",
    ),
    badge(
        2,
        given_name="",
        family_name="",
        badge_name="OUYANG Wenbo",
        native_name="欧阳文博",
        native_language="zh",
        city="Guangzhou",
    ),
    badge(
        3, given_name="Rasikh", family_name="Sagitov", native_name="Расих Сагитов", native_language="ru", city="Kazan"
    ),
    badge(4, given_name="Uğur İbrahim", family_name="Işıklı", city="İzmir", country="Türkiye"),
    badge(5, given_name="Thị Minh Khai", family_name="Nguyễn", city="Huế"),
    badge(6, given_name="Айнұр", family_name="Құдайбергенова", city="Алматы"),
    badge(
        7,
        honorific="السيدة",
        given_name="ليلى",
        family_name="الحسني",
        position="مديرة العلاقات الدولية",
        organisation="بلدية عمان",
        city="عمان",
        country="الأردن",
    ),
]


@pytest.fixture(scope="module")
def scripts():
    return badges.print_badges(SCRIPTS)


def test_each_badge_is_one_a6_page(scripts):
    assert paper.sizes_mm(scripts.content) == [(105, 148)] * len(SCRIPTS)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (1, ["فاطمة الزهراء المنصوري", "Fatima Zahra El Mansouri", "H.E.", "Marrakech"]),
        (2, ["欧阳文博", "OUYANG Wenbo", "Guangzhou"]),
        (3, ["Расих Сагитов", "Rasikh Sagitov", "Kazan"]),
        (4, ["Uğur İbrahim", "Işıklı", "İzmir", "Türkiye"]),
        (5, ["Thị Minh Khai", "Nguyễn", "Huế"]),
        (6, ["Айнұр", "Құдайбергенова", "Алматы"]),
        (7, ["ليلى", "الحسني", "مديرة العلاقات الدولية", "بلدية عمان", "عمان", "الأردن", "السيدة"]),
    ],
)
def test_every_script_can_be_read_back(scripts, page, expected):
    lines = paper.text(scripts.content, page).splitlines()
    assert [said for said in expected if said not in lines] == []


def test_the_edition_and_the_category_stand_on_each_badge(scripts):
    for page in range(1, len(SCRIPTS) + 1):
        said = paper.text(scripts.content, page)
        assert all(
            part in said for part in ("UCLG Retreat", "& Campus 2020", "Tangier", "24–28 February", "Delegate", "D")
        )


def test_the_code_of_each_badge_is_its_own_token(scripts):
    assert [paper.codes(scripts.content, page) for page in range(1, len(SCRIPTS) + 1)] == [
        {one.token} for one in SCRIPTS
    ]


def test_no_glyph_is_missing(scripts):
    assert scripts.missing == ()


def test_only_the_print_fonts_are_embedded(scripts):
    assert paper.fonts(scripts.content) == {
        "Noto-Sans",
        "Noto-Sans-Semi-Bold",
        "Noto-Sans-Bold",
        "Amiri",
        "Amiri-Bold",
        "Noto-Sans-SC-Bold",
    }


def test_the_same_badges_give_the_same_bytes(scripts):
    assert badges.print_badges(SCRIPTS).content == scripts.content


AWKWARD = [
    badge(1, given_name="", family_name="", badge_name="A" * 200, position="P" * 200, organisation="O" * 200),
    badge(
        2,
        position="Chief Specialist of the Directorate of Foreign Trade Analysis and Relations with International Organizations, Department of External Economic and International Relations",
        native_name="Екатерина Сапронова",
        native_language="ru",
    ),
    badge(
        3,
        given_name="María de los Ángeles Guadalupe",
        family_name="Fernández-Villaverde y Álvarez de Toledo",
        organisation="Federación Iberoamericana de Municipios, Regiones y Comunidades Autónomas",
    ),
    badge(
        4,
        given_name="",
        family_name="Wulandari",
        city="Taumatawhakatangihangakoauauotamatea",
        country="Bolivarian Republic of Venezuela",
    ),
    badge(
        5,
        given_name="ليلى",
        family_name="بن عبد العزيز الحسيني الإدريسي الشرقاوي",
        organisation="منظمة المدن المتحدة والحكومات المحلية الأفريقية في شمال القارة",
        position="نائبة رئيسة المجلس الجماعي المكلفة بالعلاقات الدولية",
    ),
    badge(6, given_name="", family_name="", badge_name="欧阳文博" * 20, position="广州市人民政府外事办公室" * 4),
    badge(
        7,
        native_name="فاطمة الزهراء بنت عبد الرحمن المنصوري الإدريسي",
        native_language="ar",
        position="Vice-présidente chargée de l’action climatique et des relations internationales",
    ),
]


@pytest.fixture(scope="module")
def awkward():
    return badges.print_badges(AWKWARD)


@pytest.mark.parametrize("page", range(1, len(AWKWARD) + 1))
def test_long_names_neither_leave_the_sheet_nor_meet_the_code(awkward, page):
    found = paper.words(awkward.content, page)
    assert all(left >= 9 and right <= 96.5 for _, left, _, right, _ in found)
    above_the_code = [bottom for _, _, top, _, bottom in found if 40 < top < 100]
    assert max(above_the_code) <= QR_TOP_MM + 1.5
    beside_the_code = [bottom for _, _, top, _, bottom in found if 104 < top < 131]
    assert max(beside_the_code) <= 131.5


def test_a_long_name_is_not_cut(awkward):
    assert paper.text(awkward.content, 1).replace("\n", "").count("A") >= 200


def test_a_name_is_never_hyphenated(awkward):
    said = paper.text(awkward.content, 3)
    assert "Fernández-Villaverde" in said
    assert not any(line.endswith(("-", "\u2010", "\u00ad")) for line in said.splitlines())


def test_markup_in_a_name_is_text():
    hostile = badge(
        given_name="<b>Bobby</b>", family_name="<img src=x:y>", organisation='"><script>alert(1)</script>&amp;'
    )
    said = paper.text(badges.print_badges([hostile]).content).replace("\n", " ")
    assert "<b>Bobby</b>" in said
    assert "<img src=x:y>" in said
    assert '"><script>alert(1)</script>&amp;' in said


def test_a_direction_override_in_a_name_is_removed():
    sly = badge(given_name="\u202eAna\u2066", family_name="Diaz\u200f\n\tRuiz\u202c", country="\u2067Uru\u00adguay")
    assert (sly.given_name, sly.family_name, sly.country) == ("Ana", "Diaz Ruiz", "Uruguay")


def test_case_and_script_are_kept_as_given():
    said = paper.text(badges.print_badges([badge(given_name="İlker", family_name="van den ışık")]).content).splitlines()
    assert "İlker" in said
    assert "van den ışık" in said


def test_a_name_without_glyphs_is_told_by_person_and_left_out():
    fanta = badge(
        9, given_name="Fanta", family_name="Keita", native_name="ߝߊ߲ߕߊ", native_language="nqo", city="Bamako ႠႡ"
    )
    before = badges.missing_glyphs([badge(1), fanta])
    assert before == (badges.Missing("R20-0009", "Fanta Keita", tuple("ߝߊ߲ߕႠႡ")),)
    book = badges.print_badges([badge(1), fanta])
    assert book.missing == (badges.Missing("R20-0009", "Fanta Keita", tuple("ႠႡ")),)
    assert "Keita" in paper.text(book.content, 2).splitlines()


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (4, 1), (5, 2)])
def test_four_badges_share_an_a4_sheet(count, pages):
    book = badges.print_badges([badge(number) for number in range(1, count + 1)], sheet=Sheet.A4_FOUR_UP)
    assert paper.sizes_mm(book.content) == [(210, 297)] * pages
    assert set().union(*(paper.codes(book.content, page) for page in range(1, pages + 1))) == {
        badge(number).token for number in range(1, count + 1)
    }
    said = paper.text(book.content)
    assert all(f"R20-{number:04d}" in said for number in range(1, count + 1))


def test_the_four_badges_lie_in_reading_order_to_the_millimetre():
    book = badges.print_badges([badge(number) for number in range(1, 5)], sheet=Sheet.A4_FOUR_UP)
    a6 = badges.print_badges([badge(1)])
    ((_, x, y, *_),) = [word for word in paper.words(a6.content) if word[0] == "R20-0001"]
    places = {word[0]: (word[1] - x, word[2] - y) for word in paper.words(book.content) if "R20-" in word[0]}
    # Four A6 are one millimetre lower than A4; the rest is shared above and below.
    assert places == {
        "R20-0001": pytest.approx((0, 0.5), abs=0.05),
        "R20-0002": pytest.approx((105, 0.5), abs=0.05),
        "R20-0003": pytest.approx((0, 148.5), abs=0.05),
        "R20-0004": pytest.approx((105, 148.5), abs=0.05),
    }


def test_the_back_lies_behind_its_front_when_the_sheet_is_turned():
    two = [badge(1), badge(2, category=ELECTED)]
    book = badges.print_badges([replace(one, week=WEEK) for one in two], sheet=Sheet.A4_FOUR_UP, double_sided=True)
    assert len(paper.sizes_mm(book.content)) == 2
    with Image.open(paper.picture(book.content, 2, dots_per_inch=72)) as back:
        right_bar, left_bar = (
            back.convert("RGB").getpixel((round(mm * 72 / 25.4), round(20 * 72 / 25.4))) for mm in (105 + 93, 93)
        )
    expected = [tuple(int(one.category.colour[at : at + 2], 16) for at in (1, 3, 5)) for one in two]
    assert [right_bar, left_bar] == expected


def test_the_back_shows_the_week_and_the_live_agenda():
    book = badges.print_badges([replace(badge(1), week=WEEK)], double_sided=True)
    said = paper.text(book.content, 2)
    assert len(paper.sizes_mm(book.content)) == 2
    assert all(
        part in said for part in ("The week", "Mon 24 February", "09:30", "Opening", "Grand Hall", "Local Finance")
    )
    assert paper.codes(book.content, 2) == {TANGIER.live_url}


def test_a_week_without_sessions_says_so():
    book = badges.print_badges([badge(1)], double_sided=True)
    assert "The agenda has not been published yet." in paper.text(book.content, 2).replace("\n", " ")


def test_a_full_week_keeps_what_matters_and_counts_the_rest():
    day = WeekDay(
        label="Mon",
        rows=tuple(WeekRow(time=f"{hour:02d}:00", title=f"Session {hour}", is_major=hour == 20) for hour in range(24)),
    )
    fit = badges.week_fit((day, day, day))
    assert all(left_out > 0 and any(row.title == "Session 20" for row in kept.rows) for kept, left_out in fit.days)
    assert all(len(kept.rows) + left_out == 24 for kept, left_out in fit.days)
    book = badges.print_badges([replace(badge(1), week=(day, day, day))], double_sided=True)
    lowest = max(bottom for word, _, top, _, bottom in paper.words(book.content, 2) if top < 119)
    assert lowest <= 120


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru"])
def test_a_personal_back_carries_the_persons_name_in_every_language(language):
    own = replace(badge(1), week=WEEK, is_own_week=True, event=replace(TANGIER, language=language))
    book = badges.print_badges([own], double_sided=True)
    assert "Ana Lucía Fernández" in paper.text(book.content, 2).replace("\n", " ")
    assert book.missing == ()


def test_a_pale_category_stays_readable():
    assert colours.ink_on(PRESS.colour) == "#14202e"
    assert colours.ink_on(DELEGATE.colour) == "#ffffff"
    assert colours.dark_enough("#ffffff") == "#747474"
    assert colours.usable("red;}body{display:none") == colours.FALLBACK
    assert "Press" in paper.text(badges.print_badges([badge(1, category=PRESS)]).content)


def test_the_hash_changes_with_what_is_printed_and_only_then():
    one = badge(1)
    assert badges.content_hash(one) == badges.content_hash(badge(1))
    assert badges.content_hash(one) == badges.content_hash(badge(1, given_name=" Ana  Lucía\n"))
    changed = [replace(one, city="Salto"), replace(one, token="X"), replace(one, category=ELECTED)]
    assert len({badges.content_hash(other) for other in [one, *changed]}) == 4


@pytest.mark.parametrize(
    ("given", "family", "printed", "expected"),
    [
        ("Ana", "Diaz", "", ("Ana", "Diaz")),
        ("Ana", "Diaz", "Ana Diaz", ("Ana", "Diaz")),
        ("Wenbo", "Ouyang", "OUYANG Wenbo", ("", "OUYANG Wenbo")),
        ("", "Wulandari", "", ("", "Wulandari")),
        ("Ana", "", "", ("", "Ana")),
        ("Ana", "Diaz", "Dr. Ana Diaz", ("Dr. Ana", "Diaz")),
    ],
)
def test_the_family_name_is_large_where_it_stands_last(given, family, printed, expected):
    shown = badges.face(badge(given_name=given, family_name=family, badge_name=printed))
    assert (shown.first, shown.main) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("UCLG Retreat & Campus 2020", ("UCLG Retreat", "& Campus 2020")),
        ("Retraite et Campus de CGLU 2020", ("Retraite et Campus", "de CGLU 2020")),
        ("Retreat", ("Retreat",)),
    ],
)
def test_a_title_takes_two_lines(title, expected):
    assert badges.title_lines(title) == expected


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=120),
    st.text(max_size=160),
    st.text(max_size=160),
)
def test_whatever_is_typed_finds_a_size(name, position, organisation):
    person = badge(given_name="", family_name="", badge_name=name, position=position, organisation=organisation)
    fit = badges.fit(person)
    assert all(size > 0 for size in fit)
    assert badges._height_mm(person, badges.face(person), fit) <= badges._WHO_HEIGHT_MM + 0.01


def test_widths_are_those_of_the_font():
    assert typography.width_mm("Ana", 30, 700) == pytest.approx(typography.width_mm("Ana", 15, 700) * 2)
    assert typography.width_mm("iii", 20) < typography.width_mm("MMM", 20)
    assert typography.width_mm("广州", 20) == pytest.approx(2 * 20 / paper.POINTS_PER_MM)


def test_progress_counts_badges():
    told = []
    badges.print_badges([badge(number) for number in range(1, 7)], progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 6


class TestPhotograph:
    FACE = "f" * 64

    def picture(self, colour):
        from io import BytesIO

        target = BytesIO()
        Image.new("RGB", (600, 750), colour).save(target, "JPEG", quality=85)
        return target.getvalue()

    def test_it_stands_in_its_place_and_the_words_keep_out_of_it(self):
        long = badge(
            photograph=self.FACE,
            family_name="Kumaratunga-Wickramasinghe",
            position="Deputy Director General for International Cooperation, Decentralisation and Governance",
            organisation="Association of Municipalities and Regions of the Southern Hemisphere " * 2,
            city="San Fernando del Valle de Catamarca",
            country="Bolivia (Plurinational State of)",
        )
        book = badges.print_badges([long], photographs={self.FACE: self.picture((10, 200, 10))})
        seen = Image.open(paper.picture(book.content, dots_per_inch=100)).convert("RGB")
        at = 100 / 25.4
        assert seen.getpixel((int(83 * at), int(110 * at)))[1] > 150
        assert seen.getpixel((int(69 * at), int(110 * at))) == (255, 255, 255)
        for word, left, top, right, bottom in paper.words(book.content):
            assert right < 71 or left > 95 or bottom < 95.5 or top > 125.5, word

    @pytest.mark.parametrize("script", [SCRIPTS[0], SCRIPTS[6]], ids=["both", "arabic"])
    def test_on_a_badge_that_reads_from_the_right_it_stands_on_the_left(self, script):
        book = badges.print_badges(
            [replace(script, photograph=self.FACE)], photographs={self.FACE: self.picture((10, 200, 10))}
        )
        seen = Image.open(paper.picture(book.content, dots_per_inch=100)).convert("RGB")
        at = 100 / 25.4
        assert seen.getpixel((int(22 * at), int(110 * at)))[1] > 150
        assert paper.codes(book.content) == {script.token}

    def test_the_same_run_gives_the_same_bytes_and_another_picture_another_badge(self):
        faces = {self.FACE: self.picture("red"), "e" * 64: self.picture("blue")}
        run = [badge(1, photograph=self.FACE), badge(2), badge(3, photograph="e" * 64)]
        assert (
            badges.print_badges(run, photographs=faces).content == badges.print_badges(run, photographs=faces).content
        )
        assert len({badges.content_hash(badge(1, photograph=one)) for one in ("", *faces)}) == 3

    def test_a_picture_that_has_gone_meanwhile_stops_nobody(self):
        assert badges.print_badges([badge(photograph=self.FACE)]).content == badges.print_badges([badge()]).content

    def test_four_on_a_sheet_each_have_their_own(self):
        run = [badge(number, photograph=self.FACE if number % 2 else "") for number in range(1, 5)]
        book = badges.print_badges(run, sheet=Sheet.A4_FOUR_UP, photographs={self.FACE: self.picture((10, 200, 10))})
        seen = Image.open(paper.picture(book.content, dots_per_inch=100)).convert("RGB")
        at = 100 / 25.4
        green = [
            seen.getpixel((int((83 + column * 105) * at), int((110 + row * 148) * at)))[0] < 100
            for row in (0, 1)
            for column in (0, 1)
        ]
        assert green == [True, False, True, False]
