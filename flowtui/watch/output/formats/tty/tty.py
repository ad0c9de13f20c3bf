"""The format `tty`: a table of the runs that have ended, live lines below it that are redrawn, and a card at the end.

Does not use the full screen. What is drawn is made by the pure functions of the other modules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from flowtui import formatting
from flowtui.model.run.row import COMPLETED, FAILED
from flowtui.text import safe_text, shorten
from flowtui.watch import events
from flowtui.watch.events import Event
from flowtui.watch.output.formats.format import Format, FormatContext, LiveState
from flowtui.watch.output.formats.lines import counts_text
from flowtui.watch.output.formats.tty.card import card
from flowtui.watch.output.formats.tty.folding import CompletedRuns, Folded, fold_failures
from flowtui.watch.output.formats.tty.header import scope_text, started_lines, with_clock
from flowtui.watch.output.formats.tty.live_block import block
from flowtui.watch.output.formats.tty.run_table import Layout, Note, failure_note, head, layout_of, row
from flowtui.watch.output.formats.tty.signs import ASCII, UNICODE, in_ascii
from flowtui.watch.output.formats.tty.spans import Line, wrap
from flowtui.watch.output.terminal import Span, Terminal

# variables of terminals that cut lines off when they get narrower: xterm, screen
_CUT_OFF: Final = ("XTERM_VERSION", "STY")
_SHOWN: Final = 200  # characters of an error
_AGED: Final = "already ended"


class Tty(Format):
    """Prints a row for each run that ends, and draws the current state in live lines below the rows."""

    live = True
    bundled = True

    def __init__(self, stage: FormatContext) -> None:
        super().__init__(stage)
        reflows = not any(map(stage.environ.get, _CUT_OFF)) and stage.environ.get("TERM") != "linux"
        self.terminal = Terminal(stage.output, stage.size, color=stage.color, reflows=reflows)
        self._signs = ASCII if stage.ascii else UNICODE
        self._block: list[Line] = [[Span("starting", "quiet")]]
        self._completed = CompletedRuns()
        self._layout: Layout | None = None  # that of the last printed head of the table
        self._scope_known = False
        # Lines for the next `draw`, which comes at once, but knows how much is watched: that is said first.
        self._untold: list[Line] = []
        self._opening: list[Line] = []  # the same, of the lines before all others
        self._threads = 0

    # -- the table -----------------------------------------------------------------------------------------------

    def tell(self, told: Sequence[Event]) -> None:
        """Take what is to be printed above the live lines, but not what these show, such as the start of a run."""
        self._opening += [
            line for event in told if event.name == events.STARTED for line in self._started(event)
        ]
        self._untold += self._lines(sorted(told, key=lambda event: event.at))

    def _print(self, lines: Sequence[Line]) -> None:
        if lines and self.stage.in_front():
            self.terminal.draw(self._drawn(self._block), self._drawn(lines))
        elif lines:
            self.terminal.close(self._drawn(lines))

    def _drawn(self, lines: Sequence[Line]) -> list[Line]:
        return in_ascii(lines) if self.stage.ascii else list(lines)

    def _lines(self, told: Sequence[Event]) -> list[Line]:
        """Return the lines of events in the order of time."""
        out = self._history(told)
        ended = [event for event in told if _ended(event)]
        completed = [
            event for event in ended if event.run is not None and event.run.status_class == COMPLETED
        ]
        failed = [event for event in ended if event.failure]
        others = [event for event in told if event.name in _OTHERS]
        others += [event for event in ended if event not in completed and event not in failed]
        rows = [(each.event.at, self._run_row(each)) for each in self._completed.take(completed)]
        rows += [(each.event.at, self._run_row(each)) for each in fold_failures(failed)]
        rows += [(event.at, self._other(event)) for event in others]
        rows.sort(key=lambda entry: entry[0])
        lines = [line for _, each in rows for line in each]
        return [*out, *self._with_head(lines)]

    def _with_head(self, rows: list[Line]) -> list[Line]:
        """Return rows with the head of the table before them, unless it was printed for this width already."""
        layout = self._columns()
        if not rows or layout == self._layout:
            return rows
        self._layout = layout
        return [[], head(layout), *rows]

    def _columns(self) -> Layout:
        return layout_of(self.terminal.size()[0])

    def _started(self, event: Event) -> list[Line]:
        self._threads = len(event.fields.get("threads", ()))
        return started_lines(event, self.terminal.size()[0], self.stage.zone)

    def _history(self, told: Sequence[Event]) -> list[Line]:
        """Return a line that counts the runs that had ended before the watch began."""
        old = [event for event in told if event.name == events.RUN_APPEARED and event.history]
        counts: dict[str, int] = {}
        for event in old:
            if event.run is not None and event.run.terminal:
                counts[event.run.status_class] = counts.get(event.run.status_class, 0) + 1
        if not counts:
            return []
        return with_clock([(f"{_AGED}: {counts_text(counts)}", "quiet")], self._clock(old[-1].at))

    def _run_row(self, folded: Folded, at: float | None = None) -> list[Line]:
        """Return the row of a run that has ended. `at`: the time that it shows; None: that of the event."""
        event, more = folded
        run, layout = event.run, self._columns()
        if run is None:
            return []
        note = Note()
        if run.status_class == FAILED:
            note = failure_note(event, layout, self._signs)
            note = note._replace(text=f"{note.text}, {more:,} more failed") if more else note
        elif more:
            note = Note(f"{more:,} more completed")
        return self._row(event, note, self._clock(event.at if at is None else at))

    def _row(self, event: Event, note: Note, clock: str, status: Span | None = None) -> list[Line]:
        run = event.run
        if run is None:
            return []
        name = event.fields.get("agent")
        agents = {} if name is None else {run.agent_id: name}
        columns, now = self._columns(), event.at
        return row(run, columns, self._signs, clock=clock, now=now, agents=agents, note=note, status=status)

    def _other(self, event: Event) -> list[Line]:
        """Return the lines of an event that is not the end of a completed or failed run."""
        fields, clock = event.fields, self._clock(event.at)
        if event.name == events.RUN_REASON:
            if event.mention is not None and not event.mention.news:
                return []  # the live lines count it
            note = failure_note(event, self._columns(), self._signs)
            return self._row(event, note._replace(whole=True), clock, Span("  reason", "quiet"))
        if event.name == events.RUN_FINDING and event.run is not None:
            return self._row(event, Note(safe_text(fields.get("text", "")), "error", whole=True), clock)
        if event.name == events.RUN_FINDING:
            text = f"thread {safe_text(fields.get('thread_id', ''))}: {safe_text(fields.get('text', ''))}"
        elif event.name == events.POLL_ERROR:
            retry = fields.get("retry_in_s")
            again = "not asked again" if retry is None else f"asking again in {formatting.span(retry)}"
            text = f"! {shorten(safe_text(fields.get('message', '')), _SHOWN)}, {again}"
        elif event.name == events.POLL_RECOVERED:
            took = f"{self._signs.passed} the server answers again, after {formatting.span(fields.get('after_s'))}"
            return with_clock([(took, "completed")], clock)
        else:
            return self._row(event, Note(), clock)
        room = self._columns().room - len(clock) - 2
        return with_clock([(line, "error") for line in wrap(text, room, 3)], clock)

    def _clock(self, at: float) -> str:
        return formatting.clock(at, self.stage.zone)

    # -- the live lines and the end ------------------------------------------------------------------------------

    def draw(self, board: LiveState) -> None:
        """Draw the live lines if flowtui is in the foreground."""
        above, self._opening = self._opening, []
        above += [] if self._scope_known else self._scope(board)
        above += self._take()
        if self._completed.due(board.at):
            late = [
                line for each in self._completed.flush(board.at) for line in self._run_row(each, board.at)
            ]
            above += self._with_head(late)
        if not self.stage.in_front():
            self._print(above)
            return
        columns, rows = self.terminal.size()
        self._block = block(board, columns, rows, self._signs, zone=self.stage.zone)
        self.terminal.draw(self._drawn(self._block), self._drawn(above))

    def _take(self) -> list[Line]:
        lines = [*self._opening, *self._untold]
        self._opening, self._untold = [], []
        return lines

    def _scope(self, board: LiveState) -> list[Line]:
        text = scope_text(board, self._threads)
        self._scope_known = bool(text)
        room = self._columns().room - 10
        return with_clock([(line, "quiet") for line in wrap(text, room, 2)], " " * 8)

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Remove the live lines; print the completed runs that had no row yet, and the card."""
        del document
        last = self._completed.flush(summary.at)
        rows = [line for each in last for line in self._run_row(each, summary.at)]
        closing = card(summary, self.terminal.size(), self._signs, zone=self.stage.zone)
        self.terminal.close(self._drawn([*self._take(), *self._with_head(rows), [], *closing]))

    def resume(self) -> None:
        """Draw the live lines anew at the cursor, below the output of other programs."""
        self.terminal.forget()

    def close(self) -> None:
        """Remove the live lines and show the cursor again."""
        self.terminal.close()


_OTHERS: Final = (events.RUN_FINDING, events.RUN_REASON, events.POLL_ERROR, events.POLL_RECOVERED)


def _ended(event: Event) -> bool:
    """Whether the event is that a run has ended since the watch began, or has a status that does not tell."""
    return (
        event.name in (events.RUN_STATUS, events.RUN_APPEARED)
        and event.run is not None
        and not event.run.active
        and not (event.history and event.run.terminal)
    )
