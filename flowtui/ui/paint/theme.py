"""All colours. A role is what a text means, such as `failed`; a `Palette` has the style of each role in one theme."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from rich.color import Color as RichColor
from rich.style import Style
from textual.color import BLACK, WHITE, Color
from textual.theme import Theme

# The columns are the themes night, day, contrast and blue-orange.
# Blue and orange can be told apart with every common kind of colour blindness; signs and words carry the same information.
_COLORS: Final = {
    "primary": ("#7aa2f7", "#2c5aba", "#8cb8ff", "#8ab4ff"),
    "secondary": ("#bb9af7", "#6d3fc0", "#e0b0ff", "#d0c4ff"),
    "accent": ("#7dcfff", "#0b6a82", "#5ce1ff", "#9fdcff"),
    "foreground": ("#c8d0e8", "#20263a", "#ffffff", "#d8dde8"),
    "background": ("#12141d", "#f7f8fc", "#000000", "#11151c"),
    "surface": ("#161925", "#eff1f8", "#0a0a0a", "#161b24"),
    "panel": ("#1d2130", "#e4e8f3", "#1a1a1a", "#1d2430"),
    "success": ("#73c991", "#1d6e3a", "#63f08a", "#6aa9ff"),
    "warning": ("#e0af68", "#7d4e00", "#ffd75e", "#f2dc8d"),
    "error": ("#f7768e", "#b81f42", "#ff8fa3", "#ff9e3d"),
    "dim": ("#97a0b9", "#545d76", "#c9c9c9", "#9aa4b6"),
    "frame": ("#39405a", "#aab4cd", "#8a8a8a", "#3d4759"),
    "active-row": ("#1a2233", "#e8f1fa", "#10202b", "#182433"),
    "cursor-row": ("#283350", "#d5e0fa", "#20376b", "#263a57"),
    "flash": ("#3a3526", "#f6e9c8", "#4a3d00", "#3b321f"),
}
_OURS: Final = ("dim", "frame", "active-row", "cursor-row", "flash")
"""The variables that Textual's themes do not have."""

_SELECTIONS: Final = ("input-selection-background", "screen-selection-background")
"""Textual's own backgrounds of selected text are too bright for text."""


def _theme(name: str, column: int, *, dark: bool = True) -> Theme:
    colors: dict[str, Any] = {variable: row[column] for variable, row in _COLORS.items()}
    ours = {variable: colors.pop(variable) for variable in _OURS}
    ours |= dict.fromkeys(_SELECTIONS, ours["cursor-row"])
    return Theme(name=name, dark=dark, variables=ours, **colors)


NIGHT: Final = _theme("night", 0)
THEMES: Final = (NIGHT, _theme("day", 1, dark=False), _theme("contrast", 2), _theme("blue-orange", 3))
DEFAULT: Final = "night"
MIN_CONTRAST: Final = 4.5
"""Contrast ratio of WCAG AA for text. Colours that have less, as in Textual's own themes, are changed."""

MIN_AREA_CONTRAST: Final = 3.0
"""Contrast ratio of WCAG AA for signs and areas that are not text."""

MIN_TRACK_CONTRAST: Final = 1.4
"""Contrast ratio for tracks, rules and frames, which carry no data."""

_NEWS_TINT: Final = 0.12  # how much the colour of errors tints the line of what is new and wrong

# role → (variable, style words)
_ROLES: Final = {
    "text": ("foreground", ""),
    "strong": ("foreground", "bold"),
    "dim": ("dim", ""),
    "accent": ("accent", ""),
    "focus": ("primary", ""),
    "key": ("primary", "bold"),
    "good": ("success", ""),
    "warn": ("warning", ""),
    "bad": ("error", "bold"),
    "other": ("secondary", ""),
    "queued": ("warning", ""),
    "running": ("accent", "bold"),
    "completed": ("success", ""),
    "failed": ("error", "bold"),
    "cancelled": ("dim", ""),
    "unknown": ("secondary", "bold"),
    "title": ("foreground", "bold"),
    "bar": ("accent", ""),
    "light": ("foreground", "bold"),
    "match": ("warning", "bold underline"),
    "tab": ("foreground", "bold underline"),
    "added": ("success", ""),
    "removed": ("error", ""),
}
ROLES: Final = tuple(_ROLES)

# role → (variable, contrast to the background)
AREAS: Final = {
    "area-completed": ("success", MIN_AREA_CONTRAST),
    "area-failed": ("error", 21.0),
    "area-failed-quiet": ("error", MIN_AREA_CONTRAST),
    "area-cancelled": ("dim", 4.0),
    "area-plain": ("dim", 4.0),
    "area-old": ("dim", MIN_AREA_CONTRAST),
    "area-amount": ("accent", MIN_AREA_CONTRAST),
    "area-amount-front": ("accent", MIN_CONTRAST),
}
"""The colours of charts. `quiet`: failures that are as usual. `front`: before columns of `area-amount`. `old`: stale data."""

BANNERS: Final = {"good": "success", "bad": "error", "warn": "warning", "quiet": "dim"}
"""The backgrounds of a verdict's banner; see `banner`."""

_BANNER: Final = "banner "
_STRONG: Final = " strong"
_SIGNS: Final = {
    **AREAS,
    "model-call": ("accent", MIN_AREA_CONTRAST),
    "tool-call": ("primary", MIN_AREA_CONTRAST),
    "failed-call": ("error", MIN_AREA_CONTRAST),
}
_TINTS: Final = 64  # backgrounds whose styles are kept
_COLOURLESS: Final = frozenset({"track", "key", "tab", "title"})
_BEHIND: Final = " on "
_SWAPPED: Final = " swapped"


def behind(role: str, ground: str) -> str:
    """Return the role of text in the colour of one role on the colour of another one."""
    return f"{role}{_BEHIND}{ground}"


def swapped(role: str) -> str:
    """Return the role of text in the colour of its background on the colour of a role."""
    return f"{role}{_SWAPPED}"


Near = Callable[[Color, Sequence[Color], float], Color]
"""Returns the nearest colour that the terminal has, with a contrast on backgrounds; see `few_colors.py`."""


def _same(color: Color, grounds: Sequence[Color], least: float) -> Color:
    """Return the colour itself: the terminal has all."""
    del grounds, least
    return color


def banner(name: str, *, strong: bool = False) -> str:
    """Return the role of text on a banner; `name` is one of `BANNERS`."""
    return f"{_BANNER}{name}{_STRONG if strong else ''}"


@cache
def greyed(role: str) -> str:
    """Return the role of text or a chart in stale data. What can be told apart by colour alone differs in lightness."""
    if role in _COLOURLESS:
        return role
    if role.endswith(_SWAPPED):
        return swapped(greyed(role.removesuffix(_SWAPPED)))
    front, is_behind, ground = role.partition(_BEHIND)
    if is_behind:
        return behind(greyed(front), greyed(ground))
    if role not in AREAS or role in ("area-failed", "area-amount-front"):
        return "dim"
    return "track" if role == "area-cancelled" else "area-old"


class _Styles(dict[str, Style]):
    """Role → style on one background. Those of charts are made when they are first drawn: at the start there is no chart."""

    def __init__(
        self, named: Mapping[str, Color], ground: Color, styles: Mapping[str, Style], near: Near
    ) -> None:
        super().__init__(styles)
        self._named, self._ground, self._near = named, ground, near
        track = _readable(named["track"], [ground], MIN_TRACK_CONTRAST)
        self["track"] = Style(color=near(track, (ground,), MIN_TRACK_CONTRAST).hex6)

    def __missing__(self, role: str) -> Style:
        self[role] = style = self._made(role)
        return style

    def _made(self, role: str) -> Style:
        if role.endswith(_SWAPPED):
            return self[role.removesuffix(_SWAPPED)] + Style(reverse=True)
        if role.startswith(_BANNER):
            hue = self._named[BANNERS[role.removeprefix(_BANNER).removesuffix(_STRONG)]]
            text = self._near(_readable(self._ground, [hue]), (hue,), MIN_CONTRAST)
            return Style(color=text.hex6, bgcolor=hue.hex6, bold=role.endswith(_STRONG))
        front, is_behind, ground = role.partition(_BEHIND)
        if is_behind:
            return self._on_area(self[front], self[ground], lift=front not in AREAS)
        variable, least = _SIGNS[role]
        muted = _muted(self._named[variable], self._ground, least)
        return Style(color=self._near(muted, (self._ground,), min(least, MIN_CONTRAST)).hex6)

    def _on_area(self, front: Style, area: Style, *, lift: bool) -> Style:
        """Return the style of a sign on an area; `lift`: the sign must be as clear there as elsewhere."""
        color = front.color
        if lift and color is not None and area.color is not None:
            ground = Color.from_rich_color(area.color)
            lifted = _readable(Color.from_rich_color(color), [ground], MIN_AREA_CONTRAST)
            color = self._near(lifted, (ground,), MIN_AREA_CONTRAST).rich_color
        return Style(color=color, bgcolor=area.color)


class Palette:
    """The styles of one theme: `palette[role]` for text, attributes for backgrounds. `plain`: signs are drawn in ASCII.

    `near`: of a terminal with few colours; None: it has all.
    """

    def __init__(
        self, variables: Mapping[str, str], *, plain: bool = False, near: Near | None = None
    ) -> None:
        self.plain, self._few, self._near = plain, near is not None, near or _same
        background = Color.parse(variables["background"])

        def named(name: str, fallback: Color) -> Color:
            return _opaque(variables[name], background) if name in variables else fallback

        foreground = named("foreground", WHITE)
        primary, accent = named("primary", foreground), named("accent", foreground)
        cursor = named("cursor-row", background.blend(primary, 0.25))
        active = named("active-row", background.blend(accent, 0.08))
        flash = named("flash", background.blend(named("warning", accent), 0.2))
        grounds = [background, cursor, active, flash]
        news = background.blend(named("error", foreground), _NEWS_TINT)
        grounds += [news, named("surface", background), named("panel", background)]
        dim = named("dim", foreground.blend(background, 0.3))
        away = background.blend(cursor, 0.6)
        if near is not None:
            cursor, active, flash, news, away = (
                near(each, (), 1.0) for each in (cursor, active, flash, news, away)
            )
            grounds = [background]  # on others, `on` has other colours
        self.grounds = grounds
        self._texts = {
            role: dim if variable == "dim" else named(variable, foreground)
            for role, (variable, _) in _ROLES.items()
        }
        self.colors = {
            role: self._near(_readable(color, grounds), tuple(grounds), MIN_CONTRAST)
            for role, color in self._texts.items()
        }
        self._hues = {
            variable: dim if variable == "dim" else named(variable, foreground)
            for variable in (*(variable for variable, _ in _SIGNS.values()), *BANNERS.values())
        }
        self._hues["track"] = named("frame", foreground.blend(background, 0.7))
        self._styles = _Styles(self._hues, background, _text_styles(self.colors), self._near)
        self._tinted: dict[RichColor | None, _Styles] = {None: self._styles}
        badge = _readable(background, [primary])
        self._styles["badge"] = Style(color=badge.hex6, bgcolor=primary.hex6, bold=True)
        self.cursor_row = Style(bgcolor=cursor.hex6)
        self.cursor_row_away = Style(bgcolor=away.hex6)
        self.active_row = Style(bgcolor=active.hex6)
        self.flash, self.news = Style(bgcolor=flash.hex6), Style(bgcolor=news.hex6)
        self.surface, self.panel = (
            Style(bgcolor=named(name, background).hex6) for name in ("surface", "panel")
        )

    def __getitem__(self, role: str) -> Style:
        return self._styles[role]

    def on(self, base: Style) -> Mapping[str, Style]:
        """Return the styles on the background of `base`: charts and tracks are as clear on a tinted row as beside it."""
        found = self._tinted.get(base.bgcolor)
        if found is None and base.bgcolor is not None:
            if len(self._tinted) >= _TINTS:
                self._tinted = {None: self._styles}
            ground = Color.from_rich_color(base.bgcolor)
            text = {role: self._styles[role] for role in (*ROLES, "badge")}
            if self._few:
                text |= _text_styles(
                    {role: self._near(color, (ground,), MIN_CONTRAST) for role, color in self._texts.items()}
                )
            found = self._tinted[base.bgcolor] = _Styles(self._hues, ground, text, self._near)
        return self._styles if found is None else found


def _text_styles(colors: Mapping[str, Color]) -> dict[str, Style]:
    return {role: Style.parse(f"{words} {colors[role].hex6}".strip()) for role, (_, words) in _ROLES.items()}


def _opaque(value: str, background: Color) -> Color:
    """Return a theme's colour without transparency, blended with the background."""
    color = Color.parse(value)
    return color if color.a >= 1 else background.blend(color, color.a, 1.0)


def _muted(color: Color, background: Color, least: float = MIN_AREA_CONTRAST) -> Color:
    """Return the colour for large areas of something past: as near to the background as the contrast `least` allows."""
    for step in range(12, -1, -1):
        mixed = color.blend(background, step / 20, 1.0)
        if contrast(mixed, background) >= least:
            return mixed
    return color


def _readable(color: Color, grounds: Sequence[Color], least: float = MIN_CONTRAST) -> Color:
    """Return the colour, moved towards white or black until it has the contrast `least` on all `grounds`, if it can."""
    for end in sorted((WHITE, BLACK), key=lambda end: -min(contrast(end, ground) for ground in grounds)):
        for step in range(21):
            moved = color.blend(end, step / 20, 1.0)
            if all(contrast(moved, ground) >= least for ground in grounds):
                return moved
    return color


def contrast(one: Color, other: Color) -> float:
    """Return the WCAG contrast ratio of two opaque colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(512)
def _luminance(color: Color) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


def own_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the stylesheet needs besides Textual's: `dim`, `frame`, `ink` and `notice`.

    `ink` is for text, `notice` for warnings: readable on background, surface and panel. Values that `variables` defines
    are kept.
    """
    background = Color.parse(variables["background"])
    foreground, warning = (_opaque(variables[name], background) for name in ("foreground", "warning"))
    grounds = [background, *(_opaque(variables[name], background) for name in ("surface", "panel"))]
    ours = {
        "dim": _readable(foreground.blend(background, 0.3), grounds),
        "frame": foreground.blend(background, 0.7),
        "ink": _readable(foreground, grounds),
        "notice": _readable(warning, grounds),
    }
    return {name: variables.get(name, color.hex6) for name, color in ours.items()}
