"""The footer: the most useful keys of the focused part of the screen, and where on the line each can be clicked. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Final, NamedTuple

from flowtui.ui.keys.bindings import DASHBOARD, KEYS
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_GAP: Final = 3  # cells between two hints


class Hint(NamedTuple):
    """A key and what it does. `shown`: how the key is written; `press`: the name of the key that a click presses.

    A hint without a `word` stands close before the next one, which says what both do: `J K move`.
    """

    shown: str
    word: str
    press: str
    role: str = "dim"
    """The role of the word."""
    stays: bool = False
    """Whether it is left out last, such as the way back."""


class Spot(NamedTuple):
    """A part of a line that can be clicked: from the cell `first` up to `end`. A click presses the key `press`."""

    first: int
    end: int
    press: str


class Foot(NamedTuple):
    """A line of hints, and where it can be clicked."""

    line: Line
    spots: tuple[Spot, ...] = ()


def hint_foot(hints: Sequence[Hint], cells: int, notice: str = "") -> Foot:
    """Return hints as a line of about `cells` cells; a notice comes first.

    Hints that do not fit are left out, from the right, those that stay after all others; the last one always stays.
    """
    spans: list[Span] = [Span(" ")]
    if notice:
        spans += [Span(notice, "warn"), Span(" " * _GAP)]
    used = ink.width(spans)
    spots = []
    for hint in _fitting(hints, cells - used):
        shown = (Span(hint.shown, "key"), Span(f" {hint.word}" if hint.word else "", hint.role))
        end = used + ink.width(shown)
        spots.append(Spot(used, end, hint.press))
        spans += [*shown, Span(" " * _gap(hint))]
        used = end + _gap(hint)
    return Foot(tuple(spans), tuple(spots))


def _fitting(hints: Sequence[Hint], cells: int) -> list[Hint]:
    """Return the hints that fit into `cells` cells; the gap after the last one may be cut."""
    kept = list(hints)
    for also_staying in (False, True):
        place = len(kept) - 2
        while place >= 0 and sum(map(_cells, kept)) - 2 > cells:
            if also_staying or not kept[place].stays:
                del kept[place]
                while place and not kept[place - 1].word:
                    place -= 1
                    del kept[place]
            place -= 1
    return kept


def _gap(hint: Hint) -> int:
    return _GAP if hint.word else 1


def _cells(hint: Hint) -> int:
    """Return how many cells a hint takes, with the gap after it."""
    return ink.width((Span(hint.shown + f" {hint.word}" * bool(hint.word)),)) + _gap(hint)


def footer(
    places: tuple[str, ...],
    cells: int,
    notice: str = "",
    *,
    remapped: Mapping[str, str] | None = None,
    without: Container[str] = (),
) -> Foot:
    """Return the footer for `places`, the parts of the screen that take keys now; a notice comes first.

    Of several keys for the same, the first one is shown. Hints that do not fit are left out, from the right; the way back
    stays longer, and the last one, the help key, always. `remapped`: id → the key that the user chose for it.
    `without`: ids of keys that have nothing to act on now.
    """
    chosen = remapped or {}
    hints = [
        Hint(
            chosen.get(key.id, key.first),
            key.foot.strip(),
            chosen.get(key.id, key.keys),
            # on the dashboard, which has nothing behind it, esc only clears the filter
            stays=key.keys.startswith("escape") and place != DASHBOARD,
        )
        for place in places
        for key in KEYS
        if key.where == place and key.foot and key.id not in without
    ]
    return hint_foot(hints, cells, notice)


def footer_line(
    places: tuple[str, ...], cells: int, notice: str = "", *, remapped: Mapping[str, str] | None = None
) -> Line:
    """Return the line of `footer`, for a screen on which nothing can be clicked yet."""
    return footer(places, cells, notice, remapped=remapped).line
