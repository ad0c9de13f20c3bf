"""The live lines of a watch: counts, how far it is from its end, reasons of failures, and the runs that have not ended.

They leave six lines of the terminal for the table. What is most important is first, and what does not fit is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from flowtui import formatting
from flowtui.model.columns.context import status_word
from flowtui.model.run.row import CANCELLED, FAILED, QUEUED, Run
from flowtui.text import cell_width, safe_text, shorten_cells
from flowtui.watch.judge.gate import INCONCLUSIVE
from flowtui.watch.judge.selection import threads_read
from flowtui.watch.ledger import without_labels
from flowtui.watch.output.formats.format import LiveState
from flowtui.watch.output.formats.reason_words import agents_within, unknown_words
from flowtui.watch.output.formats.tty import run_table
from flowtui.watch.output.formats.tty.run_table import GAP, TIME, Layout, Note, layout_of
from flowtui.watch.output.formats.tty.signs import Signs
from flowtui.watch.output.formats.tty.spans import Line, Place, cut, fit, width
from flowtui.watch.output.formats.tty.track import bar
from flowtui.watch.output.formats.tty.verdict_signs import verdict_tone, verdict_word
from flowtui.watch.output.terminal import Span
from flowtui.watch.reason_numbers import ReasonGroup, agent_label

FREE: Final = 6
"""Lines of the terminal that are left for the table."""

LABEL: Final = 16
"""Cells of the labels."""

_AIRY: Final = 20  # lines of the terminal from which empty lines separate the parts
_MOST_REASONS: Final = 5
_MOST_AGENTS: Final = 3  # of a reason
_MOST_RUNS: Final = 8
_INDENT: Final = " " * (TIME + len(GAP))
_LONGEST_BAR: Final = 44
_WIDE: Final = 72  # columns from which nothing is shortened
# cells that the text of a reason leaves for its count and agents, by the columns of the terminal
_AGENTS: Final = ((100, 46), (_WIDE, 30), (0, 8))


def block(
    board: LiveState, columns: int, rows: int, signs: Signs, *, zone: tzinfo | None = None
) -> list[Line]:
    """Return the live lines for a terminal with so many columns and rows."""
    room = max(1, rows - FREE)
    airy = rows >= _AIRY
    lines: list[Line] = [[]] if airy else []
    lines.append(_head(board, columns, signs, zone))
    if board.trouble:
        lines.append([Span(_INDENT), Span(f"! {safe_text(board.trouble)}", "error")])
    lines += progress(board, columns, room, signs)
    for part in (reasons, _open_runs):
        left = room - len(lines) - airy
        drawn = part(board, columns, signs, left) if left > 0 else []
        if drawn:
            lines += [[], *drawn] if airy else drawn
    return [cut(line, columns - 1) for line in lines[:room]]


def _head(board: LiveState, columns: int, signs: Signs, zone: tzinfo | None) -> Line:
    counts = board.ledger.counts
    wide = columns >= _WIDE
    line = [
        Span(f"{formatting.clock(board.at, zone)}{GAP}" if wide else "", "quiet"),
        Span(f"{signs.live} watching" if wide else signs.live, "running"),
        Span("   " if wide else " "),
    ]
    if not counts.known:
        line.append(Span(f"{formatting.UNKNOWN} runs, {counts.unread}"))
    elif not counts.total:
        line.append(Span("no run yet"))
    else:
        numbers = [("ended", board.ledger.ended), ("failed", counts.by_class.get(FAILED, 0))]
        numbers += [("cancelled", counts.by_class.get(CANCELLED, 0)), ("active", counts.active)]
        numbers += [("unknown", counts.by_class.get("unknown", 0))]
        shown = [(word, number) for word, number in numbers if number or word in ("ended", "active")]
        for at, (word, number) in enumerate(shown):
            line += [Span(f"{', ' if at else ''}"), Span(f"{number:,}", "head"), Span(f" {word}")]
    if counts.labels_unread:
        line.append(Span(f", {without_labels(counts.labels_unread)}"))
    if counts.inferred:
        line.append(Span(f", {counts.inferred:,} status{'es' if counts.inferred > 1 else ''} inferred"))
    return [*line, Span(f"{'   ' if wide else '  '}{formatting.span(board.elapsed)}", "quiet")]


def progress(board: LiveState, columns: int, room: int, signs: Signs) -> list[Line]:
    """Return what the watch waits for, how far it is, the verdict so far, and the time left."""
    if board.gate is not None:
        from flowtui.watch.output.formats.tty import gate_tracks  # noqa: PLC0415  few watches have a gate

        lines = gate_tracks.live_lines(
            board.gate, Place(columns - 1, _INDENT, LABEL), max(1, room // 3), signs
        )
    else:
        lines = [_waiting(board, columns, signs)]
    reading = threads_read(board.snapshot) if board.ledger.unread else ""
    if reading:
        lines.insert(0, [_label("first reading"), Span(reading)])
    found = board.progress
    line = [_label("so far"), *_so_far(board)]
    if found.settle_left is not None:
        line.append(Span(f", settles for {formatting.span(found.settle_left)} more"))
    if found.time_left is not None:
        line.append(Span(f", {formatting.span(found.time_left)} left"))
    return [*lines, line]


def _so_far(board: LiveState) -> Line:
    """Return the verdict of what was seen so far."""
    code, gate = board.progress.code, board.gate
    if gate is not None and not code:
        verdict = gate["verdict"]
        return [Span("UNDECIDED" if verdict == INCONCLUSIVE else verdict)]
    if not code:
        return [Span(board.progress.seen or "UNDECIDED")]
    return [Span(verdict_word(code), verdict_tone(code)), Span(f": {board.progress.seen}")]


def _waiting(board: LiveState, columns: int, signs: Signs) -> Line:
    found = board.progress
    if not found.total or found.total == 1:
        return [_label("waits for"), Span(found.waits_for)]
    told = f"{found.done:,} of {found.total:,} ended"
    text = f"{found.waits_for}{GAP}"
    cells = min(_LONGEST_BAR, columns - 1 - len(_INDENT) - LABEL - cell_width(text) - len(GAP) - len(told))
    if cells < 8:
        return [_label("waits for"), Span(f"{found.waits_for}: {told}")]
    drawn = bar(found.done, found.total, cells, "running", signs)
    return [_label("waits for"), Span(text), *drawn, Span(f"{GAP}{told}")]


def _label(text: str) -> Span:
    return Span(f"{_INDENT}{fit(text, LABEL)}", "quiet")


def reasons(board: LiveState, columns: int, signs: Signs, room: int) -> list[Line]:
    """Return a line for each of the most frequent reasons, with their counts and agents, if possible in `room` lines."""
    found = board.reasons.known
    fitting = room - bool(board.reasons.unknown)
    most = min(_MOST_REASONS, max(1, fitting))
    if most < len(found) and most == fitting:
        most = max(1, most - 1)  # a line says how many more there are
    groups = found[:most]
    agents = board.snapshot.agents
    whole = columns - 1 - len(_INDENT)
    longest = max((cell_width(_named(group)) for group in groups), default=0)
    cells = min(longest, max(16, whole - next(cells for least, cells in _AGENTS if columns >= least)))
    lines: list[Line] = []
    for group in groups:
        names = [
            {"agent": agent_label(agent_id, agents), "agent_id": agent_id, "count": count}
            for agent_id, count in group.agents
        ]
        line = [
            Span(f"{_INDENT}{fit(shorten_cells(_named(group), cells), cells)}"),
            Span(f"{GAP}{group.runs:>3,}{signs.times}", "head"),
        ]
        if group.new:
            line.append(Span(f"   {signs.news} new", "new"))
        if columns >= _WIDE:
            room = columns - 1 - width(line) - 3
            line.append(Span(f"   {agents_within(names, room, _MOST_AGENTS)}", "quiet"))
        lines.append(line)
    more = len(found) - len(groups)
    if more:
        lines.append([Span(f"{_INDENT}and {formatting.plural(more, 'more reason')}", "quiet")])
    if board.reasons.unknown:
        lines.append([Span(f"{_INDENT}reason {unknown_words(board.reasons.unknown)}", "quiet")])
    return lines


def _named(group: ReasonGroup) -> str:
    return f"#{group.number} {safe_text(group.reason.text)}"


def _open_runs(board: LiveState, columns: int, signs: Signs, room: int) -> list[Line]:
    """Return rows of the runs that have not ended, the oldest first; those that do not fit share a line for each status."""
    ledger = board.ledger
    runs = [*ledger.active, *ledger.unknown]
    now = board.snapshot.server_time(board.snapshot.at)
    runs.sort(key=lambda run: (run.status_class == QUEUED, -(run.age(now) or 0.0)))
    most = min(room, _MOST_RUNS)
    if most < 1 or not runs:
        return []
    alone = len(runs) if len(runs) <= most else max(0, most - len({status_word(run) for run in runs}))
    layout = layout_of(columns)
    lines = [_open_row(run, board, now, layout, signs) for run in runs[:alone]]
    return [*lines, *_groups(runs[alone:], now, signs)]


def _open_row(run: Run, board: LiveState, now: float, layout: Layout, signs: Signs) -> Line:
    notes = ", ".join(finding.text for finding in board.ledger.findings.get(run.key, ()))
    note = Note(notes, "error")
    agents = board.snapshot.agents
    return run_table.row(run, layout, signs, clock="", now=now, agents=agents, note=note)[0]


def _groups(runs: Sequence[Run], now: float, signs: Signs) -> list[Line]:
    """Return one line for each status that the given runs have; these runs have no line of their own."""
    groups: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[status_word(run)].append(run)
    lines: list[Line] = []
    for word, members in groups.items():
        oldest = max((run.age(now) or 0.0 for run in members), default=0.0)
        status = members[0].status_class
        text = f"{GAP}and {len(members):,} more, the oldest {formatting.span(oldest)}"
        lines.append(
            [Span(_INDENT), Span(fit(f"{signs.status[status]} {word}", 11), status), Span(text, "quiet")]
        )
    return lines
