"""What a key is, and the movement keys that many parts of the screen have."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

BESIDE: Final = " "
"""The footer's word of a key that is shown close before the next one, whose word says what both do: `h l time`."""


@dataclass(frozen=True, slots=True, eq=False, repr=False, match_args=False)
class Key:
    """One key, or several for the same action.

    `names`: characters or Textual's names, separated by commas; the help leaves out those after `|`. `foot`: its word in
    the footer, or `BESIDE`; "" keeps it out. `where`: the part of the screen that has it.
    """

    id: str
    names: str
    help: str
    action: str
    foot: str = ""
    where: str = ""

    @property
    def keys(self) -> str:
        """All names, as Textual's bindings want them."""
        return self.names.replace("|", ",")

    @property
    def shown(self) -> str:
        """The names as the help writes them."""
        return " ".join(_SHOWN.get(name, name) for name in self.names.partition("|")[0].split(","))

    @property
    def first(self) -> str:
        """The first name, as the help writes it."""
        return self.shown.partition(" ")[0]


_SHOWN: Final = {
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
}
"""Textual's name of a key → how the help writes it, if that differs."""

MOVEMENTS: Final = {
    "down": ("j,down", "a line down", "move(1)"),
    "up": ("k,up", "a line up", "move(-1)"),
    "first": ("g|home", "to the start", "first"),
    "last": ("G|end", "to the end", "last"),
    "page_down": ("pagedown|ctrl+d,ctrl+f", "a page down", "page(1)"),
    "page_up": ("pageup|ctrl+u,ctrl+b", "a page up", "page(-1)"),
    # beside keys for half a page
    "half_down": ("ctrl+d", "half a page down", "page(0.5)"),
    "half_up": ("ctrl+u", "half a page up", "page(-0.5)"),
    "full_down": ("pagedown|ctrl+f", "a page down", "page(1)"),
    "full_up": ("pageup|ctrl+b", "a page up", "page(-1)"),
    # in a list that may be a single line
    "next": ("j,down|right", "a line down", "move(1)"),
    "previous": ("k,up|left", "a line up", "move(-1)"),
}
"""The movement keys: names, help and action. `ui/widgets/movement.py` has the actions."""


def moves(
    ids: str, helps: tuple[str, ...] = (), *, moves: str = "down up first last page_down page_up"
) -> list[Key]:
    """Return the movement keys of one part of the screen; `ids` in the order of `moves`, names in `MOVEMENTS`.

    `helps` replaces the texts of the first keys.
    """
    made = []
    for id_, move, help_ in zip_longest(ids.split(), moves.split(), helps):
        names, usual, action = MOVEMENTS[move]
        made.append(Key(id_, names, help_ or usual, action))
    return made
