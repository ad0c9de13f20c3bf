"""All colours. A role is what a text means, such as `failed`; a `Palette` has the style of each role in one theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.style import Style
from textual.color import BLACK, WHITE, Color
from textual.theme import Theme

NIGHT: Final = Theme(
    name="night",
    dark=True,
    primary="#7aa2f7",
    secondary="#bb9af7",
    accent="#7dcfff",
    foreground="#c8d0e8",
    background="#12141d",
    surface="#161925",
    panel="#1d2130",
    success="#73c991",
    warning="#e0af68",
    error="#f7768e",
    variables={
        "dim": "#97a0b9",
        "frame": "#39405a",
        "active-row": "#1a2233",
        "cursor-row": "#283350",
        "flash": "#3a3526",
    },
)

DAY: Final = Theme(
    name="day",
    dark=False,
    primary="#2c5aba",
    secondary="#6d3fc0",
    accent="#0b6a82",
    foreground="#20263a",
    background="#f7f8fc",
    surface="#eff1f8",
    panel="#e4e8f3",
    success="#1d6e3a",
    warning="#7d4e00",
    error="#b81f42",
    variables={
        "dim": "#545d76",
        "frame": "#aab4cd",
        "active-row": "#e8f1fa",
        "cursor-row": "#d5e0fa",
        "flash": "#f6e9c8",
    },
)

CONTRAST: Final = Theme(
    name="contrast",
    dark=True,
    primary="#8cb8ff",
    secondary="#e0b0ff",
    accent="#5ce1ff",
    foreground="#ffffff",
    background="#000000",
    surface="#0a0a0a",
    panel="#1a1a1a",
    success="#63f08a",
    warning="#ffd75e",
    error="#ff8fa3",
    variables={
        "dim": "#c9c9c9",
        "frame": "#8a8a8a",
        "active-row": "#10202b",
        "cursor-row": "#20376b",
        "flash": "#4a3d00",
    },
)

# Blue and orange can be told apart with every common kind of colour blindness; signs and words carry the same information.
BLUE_ORANGE: Final = Theme(
    name="blue-orange",
    dark=True,
    primary="#8ab4ff",
    secondary="#d0c4ff",
    accent="#9fdcff",
    foreground="#d8dde8",
    background="#11151c",
    surface="#161b24",
    panel="#1d2430",
    success="#6aa9ff",
    warning="#f2dc8d",
    error="#ff9e3d",
    variables={
        "dim": "#9aa4b6",
        "frame": "#3d4759",
        "active-row": "#182433",
        "cursor-row": "#263a57",
        "flash": "#3b321f",
    },
)

THEMES: Final = (NIGHT, DAY, CONTRAST, BLUE_ORANGE)
DEFAULT: Final = "night"
MIN_CONTRAST: Final = 4.5
"""Contrast ratio of WCAG AA for text. Colours that have less, as in Textual's own themes, are changed."""

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


class Palette:
    """The styles of one theme: `palette[role]` for text, attributes for backgrounds. `plain`: signs are drawn in ASCII."""

    def __init__(self, variables: Mapping[str, str], *, plain: bool = False) -> None:
        self.plain = plain
        background = Color.parse(variables["background"])

        def named(name: str, fallback: Color) -> Color:
            return _opaque(variables[name], background) if name in variables else fallback

        foreground = named("foreground", WHITE)
        primary, accent = named("primary", foreground), named("accent", foreground)
        cursor = named("cursor-row", background.blend(primary, 0.25))
        active = named("active-row", background.blend(accent, 0.08))
        flash = named("flash", background.blend(named("warning", accent), 0.2))
        grounds = [
            background,
            cursor,
            active,
            flash,
            named("surface", background),
            named("panel", background),
        ]
        dim = named("dim", foreground.blend(background, 0.3))
        self.grounds: Sequence[Color] = grounds
        self.colors = {
            role: _readable(dim if variable == "dim" else named(variable, foreground), grounds)
            for role, (variable, _) in _ROLES.items()
        }
        self._styles = {
            role: Style.parse(f"{words} {self.colors[role].hex6}".strip())
            for role, (_, words) in _ROLES.items()
        }
        frame = named("frame", foreground.blend(background, 0.7))
        self._styles["track"] = Style(color=frame.hex6)
        badge = _readable(background, [primary])
        self._styles["badge"] = Style(color=badge.hex6, bgcolor=primary.hex6, bold=True)
        self.cursor_row = Style(bgcolor=cursor.hex6)
        self.cursor_row_away = Style(bgcolor=background.blend(cursor, 0.6).hex6)
        self.active_row = Style(bgcolor=active.hex6)
        self.flash = Style(bgcolor=flash.hex6)
        self.surface, self.panel = (Style(bgcolor=ground.hex6) for ground in grounds[-2:])

    def __getitem__(self, role: str) -> Style:
        return self._styles[role]


def _opaque(value: str, background: Color) -> Color:
    """Return a theme's colour without transparency, blended with the background."""
    color = Color.parse(value)
    return color if color.a >= 1 else background.blend(color, color.a, 1.0)


def _readable(color: Color, grounds: Sequence[Color]) -> Color:
    """Return the colour, moved towards white or black until it has `MIN_CONTRAST` on all `grounds`, if it can."""
    for end in sorted((WHITE, BLACK), key=lambda end: -min(contrast(end, ground) for ground in grounds)):
        for step in range(21):
            moved = color.blend(end, step / 20, 1.0)
            if all(contrast(moved, ground) >= MIN_CONTRAST for ground in grounds):
                return moved
    return color


def contrast(one: Color, other: Color) -> float:
    """Return the WCAG contrast ratio of two opaque colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


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
