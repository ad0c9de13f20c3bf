"""The timeline screen: when the runs of each thread or agent ran, and which of them waited for others.

It goes back to the beginning of the history: what is not in memory is read for the time window. `lane_view` draws the lanes; this module draws the texts around them.
"""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Container

from flowtui import formatting
from flowtui.model.history.coverage import coverage_words
from flowtui.model.history.memory_reach import MemoryReach
from flowtui.model.history.past import Past
from flowtui.model.run.row import Run
from flowtui.model.state.snapshot import Update
from flowtui.model.timeline.time_window import ZOOMS
from flowtui.model.view.view import shows
from flowtui.ui.base.messages import AgentsNeeded, RunPointed
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.timeline.labels import crowd_words, detail_line, window_words
from flowtui.ui.timeline.lane_view import LaneView
from flowtui.ui.timeline.past_window import (
    MOST,
    NOTHING,
    PastWindow,
    not_in_memory,
    read_window,
)
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.frame_titles import trouble_text
from flowtui.ui.widgets.framed_screen import MovableScreen

_AGAIN: Final = 60.0  # seconds after which the history is read again for the same time


class TimelineScreen(MovableScreen):
    """Shows every thread or agent as a lane. The cursor starts on the table's run if the user went there, else on the newest run."""

    BINDINGS = bindings.bindings(bindings.TIMELINE)
    PLACES = (bindings.TIMELINE,)

    def __init__(self) -> None:
        super().__init__(bindings.TIMELINE)
        self._memory = MemoryReach()
        self._asked: tuple[float, float] | None = (
            None  # the time that is read from the history, or was read last
        )
        self._asked_at = float("-inf")
        self._reading = False

    @property
    def lanes(self) -> LaneView:
        """The widget with the lanes."""
        return self.query_one(LaneView)

    @property
    def run(self) -> Run | None:
        """The run under the cursor; None if the cursor is on no run."""
        segment = self.lanes.state.segment
        return segment.run if segment is not None else None

    def compose(self) -> ComposeResult:
        yield Bar(id="header")
        with Container(id="lanes-frame", classes="frame"):
            yield LaneView(self.shown.touched)
        yield Bar(id="lane-detail")
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Style the frame, and give the lanes the focus."""
        self.query_one("#lanes-frame").styles.height = "1fr"
        self.lanes.focus()
        self.post_message(AgentsNeeded())

    def update(self, update: Update) -> None:
        """Draw a new snapshot, and have the deployments of agents read, which are drawn as marks."""
        self.post_message(AgentsNeeded())
        if self._drawn and self.is_current:
            super().update(update)

    def catch_up(self) -> None:
        """Give the lanes the newest snapshot, and draw the screen."""
        shown, marks = self.shown, self.app.data.deploy_marks
        if shown.snapshot is not None and not self.app.leaving and self.lanes.size.width:
            snapshot, filtered = shown.snapshot, shown.filtered
            wanted = None if filtered is None else shows(shown.view, shown.cell_context())
            past = not_in_memory(self.lanes.loaded, snapshot, wanted)
            self.lanes.show(snapshot, filtered, marks.with_deployments(snapshot), past)
        self.tick()

    def _read_past(self) -> None:
        """Have the history read for the time window, as far as it is not in memory, or was not watched by this start."""
        reader, snapshot, loaded = self.app.data.past, self.snapshot, self.lanes.loaded
        if snapshot is None or not reader.ready or self._reading:
            return
        window, began = self.lanes.state.window, snapshot.server_time(self.app.data.notifier.log.began)
        end = min(window.end, max(began, self._memory.of(snapshot)))
        asked = (window.start, max(window.start, end))
        old = self.app.now() >= self._asked_at + _AGAIN  # what nobody watched may have been read meanwhile
        if loaded is not NOTHING and (end <= window.start or (loaded.holds(*asked) and not old)):
            return
        if asked == self._asked and not old:
            return
        self._asked, self._asked_at, self._reading = asked, self.app.now(), True
        start, offset = 2 * window.start - window.end, snapshot.clock_offset  # the window before, too

        def read(past: Past) -> PastWindow:
            return read_window(past, start, asked[1], clock_offset=offset, until=began)

        reader.ask("timeline", read, self._take_past)

    def _take_past(self, found: PastWindow | None) -> None:
        self._reading = False
        if found is not None:
            self.lanes.loaded, self.lanes.state.floor = found, found.begin
        if self.is_mounted:
            self.catch_up()

    # -- drawing -----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        if not self.ready:
            return
        lanes = self.lanes
        lanes.update_viewport()
        self._read_past()
        lanes.placeholder = self._placeholder()
        lanes.redraw()
        self._show_header()
        self.show_bar("lane-detail", self._detail())
        self.show_footer(incidents=True)
        self.show_titles(self._title(), self._subtitle())

    def on_lane_view_moved(self) -> None:
        """Draw again, because texts depend on the cursor."""
        self.tick()

    @property
    def _server_now(self) -> float:
        now = self.app.now()
        return self.snapshot.server_time(now) if self.snapshot is not None else now

    def _placeholder(self) -> list[Line]:
        """Return the lines to show instead of lanes; no lines if the time window contains a run."""
        app, lanes = self.app, self.lanes
        if not lanes.state.has_runs:
            filtered = self.shown.filtered is not None
            if filtered and self.snapshot is not None and any(self.snapshot.runs()):
                return [
                    ink.line(("No run passes the filter", "strong")),
                    _key("esc", "goes back to the filtered table"),
                ]
            return self.placeholder(self.size.width - 2)
        if lanes.state.has_sight:
            return []
        if self._reading:
            return [ink.line(("Reading the history …", "strong"))]
        window = lanes.state.window
        said = [ink.line((f"No run in {ZOOMS[lanes.state.scope.span]}", "strong"))]
        if lanes.loaded.coverage is not None and lanes.loaded.unwatched(window):
            seen = lanes.loaded.coverage.within(window.start, window.end)
            said.append(ink.line((coverage_words(seen, app.zone), "warn")))
        before = lanes.state.before
        if before is not None:
            past = formatting.span(window.start - before.end(self._server_now))
            floor = lanes.state.floor
            which = "last one" if floor is None or floor >= window.start else "last known one"
            said.append(ink.line((f"the {which} before ended {past} earlier", "dim")))
        remapped = app.user_keys
        way = [(remapped.get("zoom_out", "-"), "shows more"), (remapped.get("scrub_back", "<"), "goes back")]
        if not lanes.state.scope.live:
            way.append((remapped.get("lane_now", "."), "goes to now"))
        return [*said, ink.BLANK, tuple(span for key, words in way for span in _key(key, words))]

    def _show_header(self) -> None:
        app, state = self.app, self.lanes.state
        end = state.scope.end
        where = "now " if end is None else f"back {formatting.span(self._server_now - end)} "
        right = [
            Span(f"{window_words(state.window, self._server_now, app.zone)} "),
            Span(f"{app.glyphs.separator} {formatting.age(state.scope.span)}  ", "dim"),
            Span(where, "good" if end is None else "warn"),
        ]
        self.show_header(right=right)

    def _detail(self) -> Line:
        lanes, app, run = self.lanes, self.app, self.run
        if run is None:
            who = "agent" if lanes.state.by_agent else "thread"
            said = f" No run of this {who} is in sight" if lanes.state.has_sight else ""
            return ink.line((said, "dim"))
        crowd = crowd_words(lanes.state.runs_in_cell())
        return detail_line(run, self.shown.cell_context(), app.glyphs, crowd, self.size.width)

    def _title(self) -> Line:
        state = self.lanes.state
        name = f"Timeline by {'agent' if state.by_agent else 'thread'}"
        parts = [""]
        if self.shown.filtered is not None and self.snapshot is not None and self.snapshot.read():
            known = sum(len(state.runs) for state in self.snapshot.threads.values())
            here = " in memory" if self.snapshot.let_go else ""
            parts.append(f"{len(self.shown.filtered):,} of {known:,} runs{here}")
        seen = len(state.in_sight)
        if seen < len(state.order) and not self.lanes.placeholder:
            what = "agents" if state.by_agent else "threads"
            parts.append(f"{state.top + 1}–{state.top + seen} of {len(state.order):,} {what}")
        return (Span(name, "strong"), Span(" · ".join(parts), "dim"))

    def _subtitle(self) -> str:
        state = self.lanes.state
        parts = [f"{state.untimed:,} without a time"] if state.untimed else []
        parts += filter(None, [self._past_words()])
        return trouble_text(self.cause if state.has_runs else "", parts, self.size.width)

    def _past_words(self) -> str:
        """Return how far the history was read, and where it ends; "" if it does not matter for the time window."""
        state, loaded, trouble = self.lanes.state, self.lanes.loaded, self.app.data.past.trouble
        window = state.window
        if self._reading:
            return "reading the history"
        if trouble:
            return f"the history cannot be read: {trouble}"
        if loaded.whole_from > window.start and loaded.end > window.start:
            return f"only the newest {MOST:,} runs of this time: zoom in"
        if state.floor is not None and window.start <= state.floor:
            return f"the history begins {formatting.timestamp(state.floor, self.app.zone)}"
        return ""

    # -- actions of keys ---------------------------------------------------------------------------------------

    def action_lane_run(self, runs: int) -> None:
        """Move the cursor by `runs` runs along its lane, to later runs (negative: earlier)."""
        self.lanes.state.step(runs)
        self.tick()

    def action_group(self) -> None:
        """Show a lane for each agent, or again for each thread. The cursor stays on its run."""
        self.lanes.state.by_agent = not self.lanes.state.by_agent
        self.catch_up()

    def action_lane_zoom(self, steps: int) -> None:
        """Show more time, or less if `steps` is negative."""
        self.lanes.state.zoom(steps)
        self.tick()

    def action_scrub(self, windows: float) -> None:
        """Move the time window forward, or back if negative, by `windows` times its length."""
        self.lanes.state.scrub(windows)
        self.tick()

    def action_now(self) -> None:
        """Let the time window follow the current time again."""
        self.lanes.state.to_now()
        self.tick()

    def on_lane_view_opened(self) -> None:
        """Open the clicked run."""
        self.action_open()

    def action_leave(self) -> None:
        """Go back to the dashboard. If the user has moved the cursor here, the table's cursor moves to the same run."""
        if self.run is not None and self.lanes.state.touched:
            self.post_message(RunPointed(self.run.key))
        super().action_leave()


def _key(key: str, words: str) -> Line:
    return ink.line((f" {key}", "key"), (f" {words} ", "dim"))
