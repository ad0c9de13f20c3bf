"""Colours: the only place that names one. Roles say what text means, the palette what colour that is in a theme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.style import Style
from textual.color import Color
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
    variables={"dim": "#8590ad", "frame": "#39405a", "active-row": "#1a2233", "cursor-row": "#2a3654"},
)

DAY: Final = Theme(
    name="day",
    dark=False,
    primary="#2f5fc4",
    secondary="#6d3fc0",
    accent="#0b6a82",
    foreground="#20263a",
    background="#f7f8fc",
    surface="#eff1f8",
    panel="#e4e8f3",
    success="#1d6e3a",
    warning="#855300",
    error="#b81f42",
    variables={"dim": "#566079", "frame": "#b4bdd3", "active-row": "#e8f1fa", "cursor-row": "#d3defa"},
)

THEMES: Final = (NIGHT, DAY)
DEFAULT: Final = "night"

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
    "tab": ("foreground", "bold underline"),
}


class Palette:
    """The styles of one theme. `palette[role]` is a foreground style; `rows` are the backgrounds of table rows."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        plain = dict(variables)
        background = Color.parse(plain["background"])
        foreground = _opaque(plain["foreground"], background)
        plain.setdefault("dim", foreground.blend(background, 0.3).hex6)
        plain.setdefault("active-row", background.blend(_opaque(plain["accent"], background), 0.08).hex6)
        plain.setdefault("cursor-row", background.blend(_opaque(plain["primary"], background), 0.25).hex6)
        self._styles = {
            role: Style.parse(f"{words} {_opaque(plain[variable], background).hex6}".strip())
            for role, (variable, words) in _ROLES.items()
        }
        self.cursor_row = Style(bgcolor=plain["cursor-row"])
        self.active_row = Style(bgcolor=plain["active-row"])
        self._styles["badge"] = Style.parse(
            f"bold {background.hex6} on {_opaque(plain['primary'], background).hex6}"
        )

    def __getitem__(self, role: str) -> Style:
        return self._styles[role]


def _opaque(value: str, background: Color) -> Color:
    """Return a theme's colour as a terminal can show it."""
    color = Color.parse(value)
    return color if color.a >= 1 else background.blend(color, color.a, 1.0)
