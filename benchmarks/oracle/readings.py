"""Counts which kinds of claims the oracle has read, so that it is noticed where it no longer understands the screen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.oracle.filters import is_known
from benchmarks.oracle.seen import Seen

_ENOUGH = 3
"""Screens on which a kind of claim was visible, and none of which could be read, until the oracle counts as blind."""
_NOTICE = 30.0  # seconds of an outage after which the header must show it and how old the data is


class Kind(NamedTuple):
    """A kind of claim: `visible` tells by plain words whether a screen must have it, `read` whether it was read."""

    visible: Callable[[Seen], object]
    read: Callable[[Seen], object]


def _dashboard(seen: Seen) -> bool:
    return "╭─ Runs" in seen.text


def _list(seen: Seen) -> bool:
    return re.search(r"╭─ Threads \d", seen.text) is not None


def _rows(seen: Seen) -> bool:
    return _dashboard(seen) and re.search(r"│.{0,4}[○●✓×–] \w+ +run_[0-9a-f]", seen.text) is not None


def _cell(title: str) -> Kind:
    return Kind(
        lambda seen: _rows(seen) and any(title in line for line in seen.lines if " STATUS " in line),
        lambda seen: seen.table is not None and any(row.cells.get(title) for row in seen.table.rows),
    )


KINDS = {
    "clock": Kind(_dashboard, lambda seen: seen.clock is not None),
    "health": Kind(_dashboard, lambda seen: seen.health or seen.server),
    "counts": Kind(_dashboard, lambda seen: seen.counts),
    "rows": Kind(_rows, lambda seen: seen.table is not None and seen.table.rows),
    **{title: _cell(title) for title in ("STATUS", "RUN", "AGE", "WAIT", "TIME", "TOKENS")},
    "order": Kind(_rows, lambda seen: seen.table is not None and seen.table.order),
    "filter": Kind(_rows, lambda seen: seen.table is not None and is_known(seen.table)),
    "threads": Kind(_list, lambda seen: any(line.name.startswith("thr_") for line in seen.threads)),
    "locks": Kind(
        lambda seen: _list(seen) and re.search(r"thr_\w+ ■", seen.text),
        lambda seen: any(line.locked for line in seen.threads),
    ),
    "counts of threads": Kind(
        lambda seen: _list(seen) and re.search(r"thr_\w+ .*\d[●×]", seen.text),
        lambda seen: any(line.active or line.failed for line in seen.threads),
    ),
    "promise": Kind(lambda seen: _list(seen) and "●" in seen.text, lambda seen: seen.checked),
    "opened run": Kind(lambda seen: _dashboard(seen) and "╭─ run_" in seen.text, lambda seen: seen.opened),
    "opened run's length": Kind(
        lambda seen: seen.opened and seen.opened.status != "failed",
        lambda seen: seen.opened and seen.opened.lasted,
    ),
    "opened run's time": Kind(
        lambda seen: seen.opened,
        lambda seen: seen.opened and (seen.opened.since or seen.opened.ended or seen.opened.known),
    ),
}
"""Name -> kind. The dashboard shows each of them at the begin of a session; some only at roomy sizes."""

OUTAGE = {
    "outage": Kind(_dashboard, lambda seen: seen.server),
    "age of the data": Kind(_dashboard, lambda seen: seen.old),
}
"""Kinds that must be visible after `_NOTICE` seconds of an outage."""


class Readings:
    """Of each kind of claim, on how many screens it was visible and on how many it was read."""

    def __init__(self) -> None:
        self._visible: Counter[str] = Counter()
        self._read: Counter[str] = Counter()

    def note(self, seen: Seen, failing: float = 0.0) -> None:
        """Count the claims of a screen. `failing`: seconds for which the server has answered nothing."""
        for name, kind in {**KINDS, **(OUTAGE if failing > _NOTICE else {})}.items():
            self._visible[name] += bool(kind.visible(seen))
            self._read[name] += bool(kind.read(seen))

    @property
    def blind(self) -> list[str]:
        """The kinds that were visible on several screens, and that the oracle has never read."""
        return [name for name, count in self._visible.items() if count >= _ENOUGH and not self._read[name]]

    def text(self) -> str:
        """Return of each kind on how many screens it was read."""
        return ", ".join(f"{name} {self._read[name]}" for name in self._visible)
