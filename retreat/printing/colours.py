"""Colours on paper: a category's colour is data, so what is printed in it and on it must stay readable."""

import re

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_LEAST_CONTRAST = 4.5
"""WCAG 2.2, criterion 1.4.3; a badge is read from two metres, the same arithmetic serves."""
FALLBACK = "#10294a"
INK = "#14202e"
WHITE = "#ffffff"


def usable(colour: str | None) -> str:
    """The colour itself when it is `#rrggbb`, else navy: it goes into a style sheet, so nothing else may pass."""
    return colour.lower() if colour and _HEX.fullmatch(colour) else FALLBACK


def dark_enough(colour: str) -> str:
    """The colour, darkened until text in it can be read on white."""
    channels = _channels(usable(colour))
    while _contrast(channels, (255, 255, 255)) < _LEAST_CONTRAST:
        red, green, blue = (int(channel * 0.92) for channel in channels)
        channels = (red, green, blue)
    return _hex(channels)


def ink_on(colour: str) -> str:
    """White or near-black, whichever can be read on the colour."""
    return WHITE if _contrast(_channels(usable(colour)), (255, 255, 255)) >= _LEAST_CONTRAST else INK


def tint(colour: str) -> str:
    """The colour as a pale wash on white paper."""
    red, green, blue = (round(255 - (255 - channel) * 0.1) for channel in _channels(usable(colour)))
    return _hex((red, green, blue))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(channels: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*channels)


def _contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(channels: tuple[int, int, int]) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in channels)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
