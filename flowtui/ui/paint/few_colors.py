"""Colours for terminals that show 256 or 16: each is one that the terminal has, so that none is changed beyond reading.

Rich maps other colours to those of the terminal one by one: text and its background may become alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import Theme

from flowtui.ui.paint.theme import THEMES, contrast

SYSTEMS: Final = {"256": ColorSystem.EIGHT_BIT, "standard": ColorSystem.STANDARD}
"""Rich's names of terminals with few colours."""

_BLACK, _WHITE, _GREY, _DARK_GREY = "#000000", "#ffffff", "#aaaaaa", "#555555"
# With 16 colours there is none for a light tint: rows are plain, and the cursor's has dark text on grey.
_PLAIN: Final = ("background", "surface", "panel", "active-row")
_TINTED: Final = {"cursor-row": _GREY, "frame": _DARK_GREY}
_FLASH: Final = {True: _DARK_GREY, False: _GREY}  # of a dark theme, of a light one


SIXTEEN: Final = (
    *("#000000", "#aa0000", "#00aa00", "#aa5500", "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa"),
    *("#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff"),
)
"""The sixteen colours by number, as most terminals show them."""

_OWN: Final = range(16, 256)  # users change the first sixteen of 256
_COLORS: Final = (
    *("primary", "secondary", "accent", "foreground", "background", "surface", "panel"),
    *("success", "warning", "error"),
)
"""The variables of Textual's themes."""

# Of sixteen colours the nearest one may have another hue.
_DARK: Final = {
    "primary": "#55ffff",
    "secondary": "#ff55ff",
    "accent": "#55ffff",
    "success": "#55ff55",
    "warning": "#ffff55",
    "error": "#ff5555",
    "foreground": _WHITE,
    "dim": _GREY,
}
_LIGHT: Final = {
    "primary": "#0000aa",
    "secondary": "#aa00aa",
    "accent": "#0000aa",
    "success": _DARK_GREY,
    "warning": "#aa5500",
    "error": "#aa0000",
    "foreground": _BLACK,
    "dim": _DARK_GREY,
}
_NO_RED: Final = {"success": "#55ffff", "error": "#ffff55", "warning": _WHITE}


def _large_table() -> list[Color]:
    """Return the colours of 256 that rich leaves as they are."""
    found = []
    for number in _OWN:
        color = RichColor.from_triplet(RichColor.from_ansi(number).get_truecolor())
        if color.downgrade(ColorSystem.EIGHT_BIT).get_truecolor() == color.triplet:
            found.append(Color.from_rich_color(color))
    return found


class FewColors:
    """The colours of one kind of terminal."""

    def __init__(self, system: ColorSystem) -> None:
        self.system = system
        few = system is ColorSystem.STANDARD
        self._colors = [Color.parse(each) for each in SIXTEEN] if few else _large_table()

    @lru_cache(1024)  # noqa: B019  there is one object, for as long as flowtui runs
    def near(self, color: Color, grounds: Sequence[Color] = (), least: float = 1.0) -> Color:
        """Return the nearest colour that has the contrast `least` on all `grounds`, else the one with the most."""
        by_distance = sorted(self._colors, key=lambda each: _distance(each, color))
        for each in by_distance:
            if all(contrast(each, ground) >= least for ground in grounds):
                return each
        return max(by_distance, key=lambda each: min(contrast(each, ground) for ground in grounds))

    def themes(self) -> list[Theme]:
        """Return our themes in these colours."""
        return [self._theme(theme) for theme in THEMES]

    def _theme(self, theme: Theme) -> Theme:
        colors: dict[str, Any] = {name: self._near_hex(getattr(theme, name)) for name in _COLORS}
        variables = {name: self._near_hex(value) for name, value in theme.variables.items()}
        if self.system is ColorSystem.STANDARD:
            plain = dict.fromkeys(_PLAIN, _BLACK if theme.dark else _WHITE)
            variables |= _TINTED | {"flash": _FLASH[theme.dark]}
            colors |= {name: plain.pop(name) for name in _PLAIN if name in colors}
            variables |= plain
            hues = _DARK if theme.dark else _LIGHT
            if theme.name == "blue-orange":
                hues |= _NO_RED
            variables["dim"] = hues["dim"]
            colors |= {name: value for name, value in hues.items() if name in colors}
        return Theme(name=theme.name, dark=theme.dark, variables=variables, **colors)

    def _near_hex(self, value: str) -> str:
        return self.near(Color.parse(value)).hex6


def few_colors(system: str | None) -> FewColors | None:
    """Return the colours of a terminal by rich's name of its colours; None if it shows all, or none."""
    found = SYSTEMS.get(system or "")
    return None if found is None else FewColors(found)


def _distance(one: Color, other: Color) -> float:
    """Return how different two colours look: a weighted distance of red, green and blue."""
    red = (one.r + other.r) / 2
    parts = (one.r - other.r, one.g - other.g, one.b - other.b)
    weights = (2 + red / 256, 4.0, 2 + (255 - red) / 256)
    return sum(weight * part * part for weight, part in zip(weights, parts, strict=True))
