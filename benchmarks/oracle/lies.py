"""Changes to the screen that make one kind of claim wrong, to prove that the oracle finds it."""

from __future__ import annotations

import re
from collections.abc import Callable

Lie = Callable[[list[str]], list[str]]
"""Changes the lines of a screen; each line keeps its length."""


def _frozen() -> Lie:
    """Each run that was once shown as running stays running."""
    known: set[str] = set()
    row = re.compile(r"([○●✓×–]) (queued   |running  |completed|failed   |cancelled)(\s+)(run_[0-9a-f]{6})")

    def tell(found: re.Match[str]) -> str:
        if found[2].startswith("running"):
            known.add(found[4])
        return f"● running  {found[3]}{found[4]}" if found[4] in known else found[0]

    return lambda lines: [row.sub(tell, line) for line in lines]


def _count() -> Lie:
    """The header counts nine failed runs too many."""
    count = re.compile(r"( +)(\d+) failed")

    def more(found: re.Match[str]) -> str:
        told = f" {int(found[2]) + 9} failed"
        return told.rjust(len(found[0])) if len(told) <= len(found[0]) else found[0]

    return lambda lines: [count.sub(more, lines[0], count=1), *lines[1:]]


def _health() -> Lie:
    """The header shows `late` for a server that answers."""
    return lambda lines: [lines[0].replace("● live", "● late"), *lines[1:]]


def _locks() -> Lie:
    """No thread is locked."""
    return lambda lines: [re.sub(r"(thr_[0-9a-f]{6}) ■\??", r"\1  ", line) for line in lines]


def _order() -> Lie:
    """The arrow of the order points the other way."""
    turned = str.maketrans("▲▼", "▼▲")

    def tell(lines: list[str]) -> list[str]:
        return [line.translate(turned) if "STATUS" in line else line for line in lines]

    return tell


def _tokens() -> Lie:
    """Every count of tokens ends in 7."""
    return lambda lines: [re.sub(r"(run_.*\d,\d\d)\d(?=[ +])", r"\g<1>7", line) for line in lines]


def _promise() -> Lie:
    """The list of threads promises to read each thread within 5 s."""
    promise = re.compile(r"(?<=read again within )\d+[smh] ─*")
    return lambda lines: [promise.sub(lambda found: "5s ".ljust(len(found[0]), "─"), line) for line in lines]


def _opened() -> Lie:
    """Each time of day of the opened run is half an hour off."""
    time = re.compile(r"(?<=since \d\d:)\d|(?<=\d\d:)\d(?=\d:\d\d  \d+[smhd] ago)")
    return lambda lines: [time.sub(lambda found: str((int(found[0]) + 3) % 6), line) for line in lines]


LIES: dict[str, Callable[[], Lie]] = {
    "status": _frozen,
    "count": _count,
    "health": _health,
    "lock": _locks,
    "order": _order,
    "tokens": _tokens,
    "promise": _promise,
    "opened": _opened,
}
"""Kind of the claim that it makes wrong -> function that makes the change for one session."""
