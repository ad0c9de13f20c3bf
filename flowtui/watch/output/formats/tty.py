"""The format `tty`: prints events as lines, and below them live lines that are redrawn. Does not use the full screen.

The live lines leave six lines of the terminal for events. If the runs do not fit, some share a line for each status.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final

from flowtui import formatting
from flowtui.model.columns.context import status_word
from flowtui.model.run.row import Run, RunKey
from flowtui.text import cut_cells, pad_cells, safe_text, short_id, shorten_start_cells
from flowtui.watch import events
from flowtui.watch.events import Event
from flowtui.watch.output.formats.format import Format, FormatContext, LiveState
from flowtui.watch.output.formats.lines import Line, failures_in, last_lines, lines_of, state_text
from flowtui.watch.output.terminal import Span, Terminal

_FREE: Final = 6  # lines of the terminal that are left for events
_MOST: Final = 30  # most runs with a line of their own, even in a tall terminal
_BAR: Final = 12  # cells
_BLOCK: Final = 4  # cells of the part of the bar that moves
_STEP: Final = 0.2  # seconds for the bar to move by a cell
# variables of terminals that cut lines off when they get narrower: xterm, screen
_CUT_OFF: Final = ("XTERM_VERSION", "STY")
_QUIET: Final = frozenset({events.RUN_USAGE, events.HEARTBEAT, events.GATE})


class Tty(Format):
    """Prints events, and draws the current state in live lines below them."""

    live = True
    bundled = True

    def __init__(self, stage: FormatContext) -> None:
        super().__init__(stage)
        reflows = not any(map(stage.environ.get, _CUT_OFF)) and stage.environ.get("TERM") != "linux"
        self.terminal = Terminal(stage.output, stage.size, color=stage.color, reflows=reflows)
        self._told: set[RunKey] = set()
        self._block: list[list[Span]] = [[Span("starting", "quiet")]]

    def tell(self, told: Sequence[Event]) -> None:
        """Print events above the live lines, but not those that the live lines show, such as the start of a run."""
        self._told |= failures_in(told)
        worth = [event for event in told if event.name not in _QUIET and not _only_began(event)]
        spans = _spans(lines_of(worth, self.stage.zone, self.stage.interval))
        if spans and self.stage.in_front():
            self.terminal.draw(self._block, spans)
        elif spans:
            self.terminal.close(spans)

    def draw(self, board: LiveState) -> None:
        """Draw the live lines if flowtui is in the foreground."""
        if not self.stage.in_front():
            return
        columns, rows = self.terminal.size()
        self._block = block(board, columns, rows, ascii_only=self.stage.ascii, zone=self.stage.zone)
        self.terminal.draw(self._block)

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Remove the live lines; print the failures that had no line yet, the gate's result and the summary."""
        del document
        self.terminal.close(_spans(last_lines(summary, self._told, self.stage.zone)))

    def resume(self) -> None:
        """Draw the live lines anew at the cursor, below the output of other programs."""
        self.terminal.forget()

    def close(self) -> None:
        """Remove the live lines and show the cursor again."""
        self.terminal.close()


def _spans(lines: Sequence[Line]) -> list[list[Span]]:
    return [[Span(each.text, each.tone)] for each in lines]


def _only_began(event: Event) -> bool:
    return event.name in (events.RUN_STATUS, events.RUN_APPEARED) and (
        event.history or (event.run is not None and event.run.active)
    )


def block(
    board: LiveState, columns: int, rows: int, *, ascii_only: bool = False, zone: tzinfo | None = None
) -> list[list[Span]]:
    """Return the live lines: the counts, the gate's result, then the runs that have not ended.

    If there is no room for all runs, half of the room is for single runs, and the others get one line for each status.
    """
    ledger = board.ledger
    open_runs = [*ledger.active, *ledger.unknown]
    # Queued runs last; otherwise the order of the ledger is kept.
    open_runs.sort(key=lambda run: run.status_class == "queued")
    gate = [] if board.gate is None else _gate(board.gate, rows, zone)
    room = max(1, min(rows - _FREE - len(gate), _MOST))
    alone = len(open_runs) if len(open_runs) <= room else room // 2
    lines = [_head(board, columns), *gate]
    lines += [_run(run, board, ascii_only=ascii_only) for run in open_runs[:alone]]
    lines += _groups(open_runs[alone:], board)
    return lines[: room + len(gate) + 1]


def _gate(fields: Mapping[str, Any], rows: int, zone: tzinfo | None) -> list[list[Span]]:
    """Return the lines of the gate's result, at most half of the terminal's lines."""
    from flowtui.watch.output.formats.gate_lines import gate_lines  # noqa: PLC0415  few watches have a gate

    return [[Span(text, tone)] for text, tone in gate_lines(fields, zone)[: max(1, rows // 2)]]


def _head(board: LiveState, columns: int) -> list[Span]:
    counts = board.ledger.counts
    tokens = "" if counts.tokens is None else f"   {formatting.count(counts.tokens)} tokens"
    state = state_text(counts, "no run yet")
    text = f"watching {formatting.span(board.elapsed)}   {state}{tokens}"
    if not board.trouble:
        return [Span(text, "head")]
    return [Span(cut_cells(text, columns // 2), "head"), Span(f"   {safe_text(board.trouble)}", "error")]


def _run(run: Run, board: LiveState, *, ascii_only: bool) -> list[Span]:
    now = board.snapshot.server_time(board.snapshot.at)
    running = run.status_class == "running"
    seconds = run.duration(now) if running else run.wait(now)
    agent = board.snapshot.agents.get(run.agent_id) or short_id(run.agent_id)
    tokens = "" if run.total_tokens is None else f"{formatting.short_count(run.total_tokens)} tokens"
    notes = ", ".join(finding.text for finding in board.ledger.findings.get(run.key, ()))
    return [
        Span(f"{_fit(status_word(run), 10)} ", run.status_class),
        Span(f"{_fit_id(run.id, 18)} {_fit_id(safe_text(run.thread_key), 14)} {_fit(agent, 16)} "),
        Span(_bar(board.elapsed, moving=running, ascii_only=ascii_only), run.status_class),
        Span(f" {formatting.duration(seconds):>8}  {tokens}"),
        Span(f"  {notes}" if notes else "", "error"),
    ]


def _bar(elapsed: float, *, moving: bool, ascii_only: bool) -> str:
    full, empty = ("#", ".") if ascii_only else ("━", "─")
    if not moving:
        return empty * _BAR
    way = _BAR - _BLOCK
    place = int(elapsed / _STEP) % (2 * way)
    left = place if place <= way else 2 * way - place
    return empty * left + full * _BLOCK + empty * (way - left)


def _groups(runs: Sequence[Run], board: LiveState) -> list[list[Span]]:
    """Return one line for each status that the given runs have; these runs have no line of their own."""
    groups: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[status_word(run)].append(run)
    now = board.snapshot.server_time(board.snapshot.at)
    lines = []
    for word, members in groups.items():
        oldest = max((run.age(now) or 0.0 for run in members), default=0.0)
        tokens = sum(run.total_tokens or 0 for run in members)
        text = f"and {len(members):,} more, the oldest {formatting.span(oldest)}, {formatting.short_count(tokens)} tokens"
        lines.append([Span(f"{_fit(word, 10)} ", members[0].status_class), Span(text)])
    return lines


def _fit_id(name: str, columns: int) -> str:
    return pad_cells(shorten_start_cells(short_id(name), columns), columns)


def _fit(text: str, columns: int) -> str:
    """Return a text cut or padded to exactly `columns` cells."""
    return pad_cells(cut_cells(text, columns), columns)
