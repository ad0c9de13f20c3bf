"""What every format gets and is: where it writes, how, and the three things it is told. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final, Protocol

from flowtui.model.state.snapshot import Snapshot
from flowtui.watch.events import Event
from flowtui.watch.ledger import Ledger
from flowtui.watch.output.output import Output

_DEFAULT_SIZE: Final = (80, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatContext:
    """Where a format writes. `size` gives the terminal's (columns, lines); `interval` seconds between two looks.

    `in_front`: whether the terminal is ours to draw on now; not so after ctrl+Z and `bg`.
    """

    output: Output
    zone: tzinfo | None = None
    interval: float = 3.0
    color: bool = False
    ascii: bool = False
    size: Callable[[], tuple[int, int]] = lambda: _DEFAULT_SIZE
    environ: Mapping[str, str] = field(default_factory=dict)
    in_front: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class LiveState:
    """What a live view draws: the books, the picture they were made from, and the seconds since the start.

    `gate` are the fields of where the gate stands, None where there is none.
    """

    ledger: Ledger
    snapshot: Snapshot
    elapsed: float
    trouble: str = ""
    gate: Mapping[str, Any] | None = None


class Format(Protocol):
    """One way to print a watch. `live` formats are given the board several times a second."""

    live: bool
    """Draws what moves by itself."""
    patient: bool
    """May be told of changes in bundles, for the sake of who reads them."""

    usage: bool
    """Prints every change of tokens; else nobody makes those events."""

    def tell(self, told: Sequence[Event]) -> None:
        """Print what happened."""

    def draw(self, board: LiveState) -> None:
        """Draw how things stand now."""

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print the end. `document` makes the summary with every run in it."""

    def resume(self) -> None:
        """Others have written to the terminal since: what was drawn is not where it was."""

    def close(self) -> None:
        """Give the terminal back. Called always, also after an error, and more than once."""
