"""Which badge goes where on paper: A6 page by page, or four on an A4 sheet with cutting marks.

Works through WeasyPrint's public `finisher`: the grounds (what all badges of a category share) become Form
XObjects that are painted under each badge's own few lines, so that a ground is laid out and stored once. Both
sheets are made of the same page streams. Lengths are millimetres from the lower left corner, as PDF counts.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from retreat.printing.typography import POINTS_PER_MM

BADGE_WIDTH_MM, BADGE_HEIGHT_MM = 105.0, 148.0
A4_WIDTH_MM, A4_HEIGHT_MM = 210.0, 297.0
_COLUMNS = _ROWS = 2
_PER_SHEET = _COLUMNS * _ROWS
_MARK_MM = 7.0


class Sheet(StrEnum):
    A6 = "a6"
    A4_FOUR_UP = "a4-4up"


class Code(NamedTuple):
    """A QR code to paint on a leaf: its modules row by row, and the square that it fills."""

    modules: tuple[bytes, ...]
    left: float
    bottom: float
    size: float


class Leaf(NamedTuple):
    """One side of one badge: which laid-out page is its ground, which its own text (None: the ground says all)."""

    ground: int
    page: int | None
    codes: tuple[Code, ...] = ()


def finisher(grounds: int, fronts: Sequence[Leaf], backs: Sequence[Leaf], sheet: Sheet) -> Callable[[Any, Any], None]:
    """A finisher that turns laid-out pages (the grounds first) into the sheets to print."""

    def finish(_document: Any, pdf: Any) -> None:
        press = _Press(pdf, grounds)
        if sheet is Sheet.A6:
            press.one_by_one(fronts, backs)
        else:
            press.four_up(fronts, backs)

    return finish


class _Press:
    """The pydyf document while its pages are rearranged."""

    def __init__(self, pdf: Any, grounds: int) -> None:
        self.pdf = pdf
        self.pages = [pdf.objects[number] for number in pdf.pages["Kids"][::3]]
        self.box = self.pages[0]["MediaBox"]
        self.resources = self.pages[0]["Resources"]
        for ground in range(grounds):
            self._make_form(self._stream(ground))
        pdf.pages["Kids"].clear()
        pdf.pages["Count"] = 0
        self.grounds = [self._stream(ground).reference for ground in range(grounds)]

    def one_by_one(self, fronts: Sequence[Leaf], backs: Sequence[Leaf]) -> None:
        leaves = [leaf for pair in zip(fronts, backs, strict=True) for leaf in pair] if backs else list(fronts)
        shared = self._page_resources({f"G{number}": form for number, form in enumerate(self.grounds)})
        for leaf in leaves:
            content = self._own(leaf)
            content.stream.insert(0, b"q /G%d Do Q q" % leaf.ground)
            content.stream += [b"Q", *map(_painted, leaf.codes)]
            self._add_page(self.box, content, shared)

    def four_up(self, fronts: Sequence[Leaf], backs: Sequence[Leaf]) -> None:
        for start in range(0, len(fronts), _PER_SHEET):
            self._add_sheet(fronts[start : start + _PER_SHEET], is_back=False)
            if backs:
                # Turned over its long edge, a sheet swaps its columns.
                self._add_sheet(backs[start : start + _PER_SHEET], is_back=True)

    def _add_sheet(self, leaves: Sequence[Leaf], *, is_back: bool) -> None:
        forms: dict[str, Any] = {}
        operations = []
        for place, leaf in enumerate(leaves):
            row, column = divmod(place, _COLUMNS)
            left, bottom = _corner(row, _COLUMNS - 1 - column if is_back else column)
            forms[f"G{leaf.ground}"] = self.grounds[leaf.ground]
            own = b""
            if leaf.page is not None or leaf.codes:
                content = self._own(leaf)
                content.stream.insert(0, b"q")
                content.stream += [b"Q", *map(_painted, leaf.codes)]
                self._make_form(content)
                forms[f"T{place}"] = content.reference
                own = b" /T%d Do" % place
            operations.append(b"q 1 0 0 1 %.3f %.3f cm /G%d Do%b Q" % (_pt(left), _pt(bottom), leaf.ground, own))
        import pydyf

        content = pydyf.Stream([*operations, _cutting_marks()], compress=True)
        self.pdf.add_object(content)
        box = pydyf.Array([0, 0, round(_pt(A4_WIDTH_MM), 3), round(_pt(A4_HEIGHT_MM), 3)])
        self._add_page(box, content, self._page_resources(forms))

    def _stream(self, page: int) -> Any:
        return self.pdf.objects[int(self.pages[page]["Contents"].split()[0])]

    def _own(self, leaf: Leaf) -> Any:
        """The leaf's own content stream; an empty one when its ground says all."""
        if leaf.page is not None:
            return self._stream(leaf.page)
        import pydyf

        content = pydyf.Stream([], compress=True)
        self.pdf.add_object(content)
        return content

    def _make_form(self, stream: Any) -> None:
        stream.extra.update({"Type": "/XObject", "Subtype": "/Form", "BBox": self.box, "Resources": self.resources})

    def _page_resources(self, forms: dict[str, Any]) -> bytes:
        """Resources for a page: the document's, and the forms that it paints."""
        import pydyf

        given = self.pdf.objects[int(self.resources.split()[0])]
        resources = pydyf.Dictionary({**given, "XObject": pydyf.Dictionary({**given["XObject"], **forms})})
        self.pdf.add_object(resources)
        reference: bytes = resources.reference
        return reference

    def _add_page(self, box: Any, content: Any, resources: bytes) -> None:
        import pydyf

        self.pdf.add_page(
            pydyf.Dictionary(
                {
                    "Type": "/Page",
                    "Parent": self.pdf.pages.reference,
                    "MediaBox": box,
                    "TrimBox": box,
                    "Resources": resources,
                    "Contents": content.reference,
                }
            )
        )


def _pt(millimetres: float) -> float:
    return millimetres * POINTS_PER_MM


def _corner(row: int, column: int) -> tuple[float, float]:
    """Lower left corner of a place; the block of four is centred on the sheet, half a millimetre over and under."""
    left = (A4_WIDTH_MM - _COLUMNS * BADGE_WIDTH_MM) / 2 + column * BADGE_WIDTH_MM
    bottom = (A4_HEIGHT_MM - _ROWS * BADGE_HEIGHT_MM) / 2 + (_ROWS - 1 - row) * BADGE_HEIGHT_MM
    return left, bottom


def _cutting_marks() -> bytes:
    """Hairlines where the two cuts meet the edges of the sheet, and a cross in the middle.

    Four A6 fill the sheet: there is no margin to put marks in, so they lie on the cut itself, black on white to
    be seen on every colour.
    """
    x, y = _pt(A4_WIDTH_MM / 2), _pt(A4_HEIGHT_MM / 2)
    width, height, mark = _pt(A4_WIDTH_MM), _pt(A4_HEIGHT_MM), _pt(_MARK_MM)
    half = mark / 2
    strokes = (
        (x, 0, x, mark),
        (x, height, x, height - mark),
        (0, y, mark, y),
        (width, y, width - mark, y),
        (x, y - half, x, y + half),
        (x - half, y, x + half, y),
    )
    path = b" ".join(b"%.2f %.2f m %.2f %.2f l" % stroke for stroke in strokes)
    return b"q 1 G 1.1 w %b S 0 G .3 w %b S Q" % (path, path)


def _painted(code: Code) -> bytes:
    """A code as a 1-bit image mask in the content stream: sharp at any size, and smaller than its outline."""
    size = len(code.modules)
    width = -(-size // 8) * 8
    bits = b"".join(
        int("".join("1" if module else "0" for module in row).ljust(width, "0"), 2).to_bytes(width // 8, "big")
        for row in code.modules
    )
    return (
        b"q .078 .125 .18 rg %.3f 0 0 %.3f %.3f %.3f cm BI /W %d /H %d /IM true /BPC 1 /D [1 0] /F /AHx ID %b> EI Q"
        % (
            _pt(code.size),
            _pt(code.size),
            _pt(code.left),
            _pt(code.bottom),
            size,
            size,
            bits.hex().encode(),
        )
    )
