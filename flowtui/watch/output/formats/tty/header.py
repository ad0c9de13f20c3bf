"""The first lines of a watch: what is watched, until when, and what it is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from flowtui import formatting
from flowtui.watch.events import Event
from flowtui.watch.output.formats.format import LiveState
from flowtui.watch.output.formats.lines import started_text
from flowtui.watch.output.formats.tty.run_table import GAP, TIME
from flowtui.watch.output.formats.tty.spans import Line, wrap
from flowtui.watch.output.terminal import Span

_MOST: int = 3  # lines of one text


def started_lines(event: Event, columns: int, zone: tzinfo | None) -> list[Line]:
    """Return what is watched, and in a quieter line until when."""
    what, _, until = started_text(event, zone).partition("   ")
    lines = [(text, "") for text in wrap(what, columns - 1 - TIME - len(GAP), _MOST)]
    lines += [(text, "quiet") for text in wrap(until, columns - 1 - TIME - len(GAP), _MOST)]
    return with_clock(lines, formatting.clock(event.at, zone))


def with_clock(lines: Sequence[tuple[str, str]], clock: str) -> list[Line]:
    """Return (text, tone) pairs as lines, the first with the time of day."""
    return [
        [Span(f"{clock if not at else ' ' * TIME}{GAP}", "quiet"), Span(text, tone)]
        for at, (text, tone) in enumerate(lines)
    ]


def scope_text(board: LiveState, threads: int) -> str:
    """Return how much is watched and what it is compared with; "" as long as that is not known.

    `threads`: how many threads the user named; 0: all.
    """
    gate = board.gate
    if (
        board.ledger.unread
        or not (threads or board.snapshot.listed)
        or (gate is not None and gate["missing"])
    ):
        return ""
    parts = [formatting.plural(threads or len(board.snapshot.threads), "thread")]
    if board.snapshot.agents:
        parts.append(formatting.plural(len(board.snapshot.agents), "agent"))
    text = ", ".join(parts)
    return text if gate is None else f"{text}; {_base(gate['base'])}"


def _base(side: Mapping[str, Any]) -> str:
    share = f" ({side['failed'] / side['runs']:.1%})" if side["runs"] else ""
    return f"base: {formatting.plural(side['runs'], 'run')}, {formatting.count(side['failed'])} failed{share}"
