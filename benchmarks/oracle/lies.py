"""Lies to plant between the screen and the oracle, each of a kind that it must find."""

from __future__ import annotations

import re
from collections.abc import Callable

Lie = Callable[[list[str]], list[str]]
"""Changes the lines of a screen; each line keeps its length."""


def _frozen() -> Lie:
    """Every run that was seen running once is running for ever."""
    known: set[str] = set()
    row = re.compile(r"([○●✓×–]) (queued   |running  |completed|failed   |cancelled)(\s+)(run_[0-9a-f]{6})")

    def tell(found: re.Match[str]) -> str:
        if found[2].startswith("running"):
            known.add(found[4])
        return f"● running  {found[3]}{found[4]}" if found[4] in known else found[0]

    return lambda lines: [row.sub(tell, line) for line in lines]


def _count() -> Lie:
    """The head counts nine failed runs more than there are."""
    count = re.compile(r"( +)(\d+) failed")

    def more(found: re.Match[str]) -> str:
        told = f" {int(found[2]) + 9} failed"
        return told.rjust(len(found[0])) if len(told) <= len(found[0]) else found[0]

    return lambda lines: [count.sub(more, lines[0], count=1), *lines[1:]]


def _health() -> Lie:
    """The head calls a server late that answers everything."""
    return lambda lines: [lines[0].replace("● live", "● late"), *lines[1:]]


def _locks() -> Lie:
    """No thread is locked."""
    return lambda lines: [re.sub(r"(thr_[0-9a-f]{6}) [■□]", r"\1  ", line) for line in lines]


def _order() -> Lie:
    """The sign of the order is turned round."""
    turned = str.maketrans("▲▼", "▼▲")

    def tell(lines: list[str]) -> list[str]:
        return [line.translate(turned) if "STATUS" in line else line for line in lines]

    return tell


def _tokens() -> Lie:
    """Every count of tokens ends in 7."""
    return lambda lines: [re.sub(r"(run_.*\d,\d\d)\d(?=[ +])", r"\g<1>7", line) for line in lines]


LIES: dict[str, Callable[[], Lie]] = {
    "status": _frozen,
    "count": _count,
    "health": _health,
    "lock": _locks,
    "order": _order,
    "tokens": _tokens,
}
"""Each by the kind of claim that it makes wrong; called for a session of its own."""
