"""The table of ended runs: a row for each, with its columns by the width of the terminal. Rows are printed once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.columns.context import status_word
from flowtui.model.run.row import FAILED, Run
from flowtui.text import cell_width, pad_cells, safe_text, short_id, shorten_start_cells
from flowtui.watch.events import Event
from flowtui.watch.output.formats.reason_words import again_words, state_words
from flowtui.watch.output.formats.tty.signs import Signs
from flowtui.watch.output.formats.tty.spans import Line, fit, wrap
from flowtui.watch.output.terminal import Span
from flowtui.watch.reason_numbers import agent_label

TIME: Final = 8
"""Cells of the time of day."""

GAP: Final = "  "
_STATUS: Final = 11
_RUN: Final = 10
_TOOK: Final = 7
_WIDE: Final = 100  # columns from which every column is shown
_MIDDLE: Final = 72  # columns from which agents are shown
_NOTE_LINES: Final = 3


class Note(NamedTuple):
    """The text of the column NOTE. `whole`: it must not be cut, as it is news."""

    text: str = ""
    tone: str = "quiet"
    whole: bool = False


class Layout(NamedTuple):
    """The widths of the columns; 0: the column is not shown. `room`: of all of them with their gaps."""

    room: int
    agent: int
    tokens: int
    note: int


_NO_NOTE: Final = Note()


def layout_of(columns: int) -> Layout:
    """Return the widths for a terminal with so many columns. NOTE takes what is left."""
    agent = 12 if columns >= _WIDE else 10 if columns >= _MIDDLE else 0
    tokens = 8 if columns >= _WIDE else 0
    taken = sum(each + len(GAP) for each in (TIME, _STATUS, _RUN, agent, _TOOK, tokens) if each)
    return Layout(columns - 1, agent, tokens, max(8, columns - 1 - taken))


def head(layout: Layout) -> Line:
    """Return the line with the titles of the columns."""
    titles = (
        ("TIME", TIME),
        ("STATUS", _STATUS),
        ("RUN", _RUN),
        ("AGENT", layout.agent),
        ("TOOK", -_TOOK),  # aligned to the right
        ("TOKENS", -layout.tokens),
        ("NOTE", layout.note),
    )
    shown = (pad_cells(text, abs(cells), right=cells < 0) for text, cells in titles if cells)
    return [Span(GAP.join(shown).rstrip(), "quiet")]


def row(
    run: Run,
    layout: Layout,
    signs: Signs,
    *,
    clock: str,
    now: float,
    agents: Mapping[str, str],
    note: Note = _NO_NOTE,
    status: Span | None = None,
) -> list[Line]:
    """Return the row of a run, with more lines below it if a note does not fit that must be whole.

    `clock`: the text of the column TIME. `now`: server time. `status`: what the column STATUS has instead of the status.
    """
    failed = run.status_class == FAILED
    indent = " " * (TIME + len(GAP))
    below: list[str] = []
    text = note.text
    shown = status or Span(f"{signs.status[run.status_class]} {status_word(run)}", run.status_class)
    if cell_width(text) > layout.note and note.whole:
        below, text = wrap(text, layout.room - len(indent), _NOTE_LINES), ""
    first = [
        Span(f"{fit(clock, TIME)}{GAP}", "quiet"),
        Span(fit(shown.text, _STATUS), shown.tone),
        Span(f"{GAP}{fit_id(run.id, _RUN)}", "head" if failed else ""),
        Span(_rest(run, now, agents, layout), ""),
        Span(fit(text, layout.note).rstrip(), note.tone),
    ]
    return [first, *([Span(indent), Span(line, note.tone)] for line in below)]


def _rest(run: Run, now: float, agents: Mapping[str, str], layout: Layout) -> str:
    """Return the cells of agent, duration and tokens, with the gaps around them."""
    seconds = run.duration(now) if run.started is not None else run.wait(now)
    took = formatting.span(seconds).replace(" ", "")
    tokens = formatting.count(run.total_tokens)
    if cell_width(tokens) > layout.tokens:
        tokens = formatting.short_count(run.total_tokens)
    parts = [fit(agent_label(run.agent_id, agents), layout.agent)] if layout.agent else []
    parts.append(fit(took, _TOOK, right=True))
    parts += [fit(tokens, layout.tokens, right=True)] if layout.tokens else []
    return "".join(f"{GAP}{part}" for part in parts) + GAP


def failure_note(event: Event, layout: Layout, signs: Signs) -> Note:
    """Return the note of a failed run: its reason by number, with the text the first time."""
    mention = event.mention
    if event.why is None or mention is None:
        return Note(state_words(event.reason_state))
    if mention.first:
        count = f", {mention.runs:,}{signs.times}" if mention.runs > 1 else ""
        return Note(f"#{mention.number} {safe_text(mention.reason.text)}{count}", "", whole=True)
    note = again_words(mention, signs.times)
    if mention.agent and layout.agent and cell_width(note) > layout.note:
        note = f"#{mention.number} again, {mention.runs:,}{signs.times}, new here"  # the row names the agent
    return Note(note, "" if mention.agent else "quiet", whole=bool(mention.agent))


def fit_id(name: str, cells: int) -> str:
    """Return an id as people see it in exactly `cells` cells, of a long one its end."""
    return pad_cells(shorten_start_cells(short_id(name), cells), cells)
