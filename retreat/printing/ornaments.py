"""Line art for print, drawn by arithmetic: contour lines, the dotted mark, the rosette of a diploma, codes.

All are SVG in bytes, to be handed to the renderer as named resources; each function is pure, so that the same
document has the same bytes on every machine.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

NAVY = "#10294a"
GOLD = "#a9832f"
TEAL = "#1c7f8c"
CLAY = "#c0643f"


def contours(width: float, height: float, *, colour: str = "#ffffff", opacity: float = 0.2, gap: float = 2.4) -> bytes:
    """Contour lines of a gentle landscape across a box in millimetres, as one path."""
    path = "".join(_contour(line, width, height, gap) for line in range(-9, int(height / gap) + 10))
    return _svg(
        width,
        height,
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-opacity="{opacity}" stroke-width=".28"/>',
    )


def _contour(line: int, width: float, height: float, gap: float) -> str:
    steps = 24
    points = []
    for step in range(-1, steps + 2):
        u = step / steps
        # Two hills and a valley; the lines crowd on the slopes because the offset grows and falls with `line`.
        swell = 0.30 * math.sin(2 * math.pi * (u * 0.9 + 0.08)) + 0.16 * math.sin(2 * math.pi * (u * 2.1 - 0.17))
        hill = 0.42 * math.exp(-(((u - 0.72) / 0.16) ** 2)) * math.sin(line * 0.23 + 0.6)
        dale = 0.34 * math.exp(-(((u - 0.24) / 0.2) ** 2)) * math.cos(line * 0.19)
        points.append((u * width, line * gap + height * 0.42 * (swell + hill + dale)))
    return _smooth(points)


def _smooth(points: Sequence[tuple[float, float]]) -> str:
    """A curve through the middles of the given points."""
    middles = [((ax + bx) / 2, (ay + by) / 2) for (ax, ay), (bx, by) in pairwise(points)]
    first, *rest = middles
    curve = "".join(f"Q{x:.1f} {y:.1f} {mx:.1f} {my:.1f}" for (x, y), (mx, my) in zip(points[1:], rest, strict=False))
    return f"M{first[0]:.1f} {first[1]:.1f}{curve}"


def mark(*colours: str) -> bytes:
    """The dotted disc that stands for the organisation, ring by ring in the given colours."""
    palette = colours or (NAVY, TEAL, NAVY, CLAY)
    # A dot is a line of no length with round ends: four paths are drawn ten times as fast as fifty circles.
    paths = []
    for ring, (count, radius, size) in enumerate(((22, 15.5, 1.15), (16, 11.6, 1.2), (10, 7.7, 1.25), (5, 3.7, 1.25))):
        angles = (2 * math.pi * dot / count + ring * 0.37 for dot in range(count))
        dots = "".join(
            f"M{18 + radius * math.cos(angle):.2f} {18 + radius * math.sin(angle):.2f}h.01" for angle in angles
        )
        paths.append(
            f'<path d="{dots}" fill="none" stroke="{palette[ring % len(palette)]}" '
            f'stroke-width="{2 * size:g}" stroke-linecap="round"/>'
        )
    return _svg(36, 36, "".join(paths))


def diploma_frame(paper: str = "#fdfbf5", ink: str = NAVY, gold: str = GOLD) -> bytes:
    """The double frame of an A4 landscape sheet, with a rosette on each corner."""
    rosette = _guilloche()
    corners = "".join(
        f'<g transform="translate({x} {y})"><circle r="15.5" fill="{paper}"/>'
        f'<path d="{rosette}" fill="none" stroke="{gold}" stroke-width=".2"/></g>'
        for x, y in ((16.5, 16.5), (280.5, 16.5), (16.5, 193.5), (280.5, 193.5))
    )
    frame = (
        f'<rect x="9" y="9" width="279" height="192" fill="none" stroke="{ink}" stroke-width=".9"/>'
        f'<rect x="11.4" y="11.4" width="274.2" height="187.2" fill="none" stroke="{gold}" stroke-width=".35"/>'
    )
    return _svg(297, 210, frame + corners)


def _guilloche(rounds: int = 14, lobes: int = 12) -> str:
    """Nested rose curves that cross one another: the engraver's pattern on banknotes and charters."""
    path = []
    for turn in range(rounds):
        radius, swing = 2.1 + turn * 0.86, 0.75 + turn * 0.09
        curve = []
        for degrees in range(0, 361, 3):
            angle = math.radians(degrees)
            reach = radius + swing * math.cos(lobes * angle + (turn % 2) * math.pi)
            curve.append(f"{reach * math.cos(angle):.2f} {reach * math.sin(angle):.2f}")
        path.append("M" + "L".join(curve) + "Z")
    return "".join(path)


def flourish(colour: str = GOLD) -> bytes:
    """A rule with a lozenge in its middle, 60 by 3 mm."""
    return _svg(
        60,
        3,
        f'<path d="M0 1.5H27M33 1.5H60" stroke="{colour}" stroke-width=".22"/>'
        f'<path d="M30 .3L31.2 1.5L30 2.7L28.8 1.5Z" fill="{colour}"/>',
    )


def code(text: str, *, error: str = "m", dark: str = "#14202e") -> bytes:
    """A QR code as SVG without a quiet zone: whoever places it leaves four modules of white around it."""
    matrix = modules(text, error=error)
    path = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                path.append(f"M{x} {y}h{run}v1h-{run}z")
            x += run or 1
    size = len(matrix)
    return _svg(size, size, f'<path d="{"".join(path)}" fill="{dark}" shape-rendering="crispEdges"/>')


def modules(text: str, *, error: str = "m") -> tuple[bytes, ...]:
    """The modules of a QR code, row by row, 1 is dark. Never Micro QR, which phones cannot read."""
    import segno

    # Choosing the mask by trying all eight costs five times the rest; a fixed one is read as well.
    return tuple(bytes(row) for row in segno.make_qr(text, error=error, boost_error=False, mask=3).matrix)


def _svg(width: float, height: float, content: str) -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}mm" height="{height:g}mm" preserveAspectRatio="none">{content}</svg>'
    ).encode()
