"""The list of threads: lock, health, active and failed counts. One line high it is a picker, for narrow terminals."""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from flowtui import formatting
from flowtui.model.findings import thread_findings
from flowtui.model.health import LIVE, LOADING, REFUSED, Health, thread_health
from flowtui.model.run import FAILED
from flowtui.model.snapshot import Snapshot
from flowtui.model.store import ThreadState
from flowtui.ui import ink, keys
from flowtui.ui.ink import Line, Span
from flowtui.ui.lines import Lines


class Entry(NamedTuple):
    """One line of the list. `key` None stands for all threads."""

    key: str | None
    name: str
    locked: bool
    health: Health
    active: int
    failed: int
    suspect: bool


def entries(snapshot: Snapshot, now: float) -> list[Entry]:
    """Return the lines for a snapshot: all threads together, then each in the order in which it became known."""
    each = [_entry(state, now) for state in snapshot.threads.values()]
    together = Entry(
        None,
        "all threads",
        locked=False,
        health=snapshot.health(now),
        active=sum(entry.active for entry in each),
        failed=sum(entry.failed for entry in each),
        suspect=False,
    )
    return [together, *each]


def _entry(state: ThreadState, now: float) -> Entry:
    runs = state.runs.values()
    return Entry(
        state.key,
        state.id,
        locked=state.thread is not None and state.thread.locked,
        health=thread_health(state, now),
        active=sum(run.active for run in runs),
        failed=sum(run.status_class == FAILED for run in runs),
        suspect=bool(thread_findings(state)),
    )


def health_words(health: Health, now: float) -> Span:
    """Return a health in a word, with how old the data is where it matters."""
    if health.word == LIVE:
        return Span("live", "good")
    if health.word == LOADING:
        return Span("loading", "dim")
    age = "" if health.since is None or health.word == REFUSED else f" {formatting.age(now - health.since)}"
    return Span(f"{health.word}{age}", "warn" if health.word in ("late", "stale") else "bad")


class ThreadList(Lines):
    """Threads with a cursor on one of them, or on all."""

    BINDINGS = keys.bindings(keys.THREADS)

    class Chosen(Message):
        """Another thread was chosen; None for all."""

        def __init__(self, key: str | None) -> None:
            super().__init__()
            self.key = key

    class Left(Message):
        """Somebody wants to go to the runs of the chosen thread."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.chosen: str | None = None
        self._entries: list[Entry] = []
        self._now = 0.0

    def show_threads(self, items: list[Entry], now: float) -> None:
        """Show these threads."""
        self._entries, self._now = items, now
        if self.size.height <= 1:
            self.show([self._picker()])
        else:
            self.show([self._line(entry) for entry in items])

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.show_threads(self._entries, self._now)

    @property
    def _place(self) -> int:
        return next((i for i, entry in enumerate(self._entries) if entry.key == self.chosen), 0)

    def _go(self, place: int) -> None:
        if not self._entries:
            return
        place = min(max(place, 0), len(self._entries) - 1)
        if self._entries[place].key != self.chosen:
            self.chosen = self._entries[place].key
            self.post_message(self.Chosen(self.chosen))
            self.show_threads(self._entries, self._now)
            self.refresh()
        self.scroll_to_region(Region(0, place, 1, 1), animate=False)

    def choose(self, key: str | None) -> None:
        """Put the cursor on a thread."""
        self._go(next((i for i, entry in enumerate(self._entries) if entry.key == key), 0))

    def action_move(self, lines: int) -> None:
        """Choose the next or previous thread."""
        self._go(self._place + lines)

    def action_first(self) -> None:
        """Choose all threads."""
        self._go(0)

    def action_last(self) -> None:
        """Choose the last thread."""
        self._go(len(self._entries) - 1)

    def action_open(self) -> None:
        """Go on to the runs."""
        self.post_message(self.Left())

    def on_click(self, event: events.Click) -> None:
        """Choose the thread that was clicked."""
        position = event.get_content_offset(self)
        if position is not None and self.size.height > 1:
            self._go(self.scroll_offset.y + position.y)

    def _line(self, entry: Entry) -> Line:
        glyphs = self.app.glyphs  # type: ignore[attr-defined]
        chosen = entry.key == self.chosen
        counts = [
            Span(f" {entry.active}{glyphs.active}" if entry.active else "   ", "running"),
            Span(f" {entry.failed}{glyphs.failed}" if entry.failed else "   ", "failed"),
        ]
        right = [Span(" lock?", "warn")] if entry.suspect else []
        if not entry.health.good and entry.key is not None:
            # What is old counts for less than how old it is.
            right.append(health_words(entry.health, self._now))
            counts = [span for span in counts if span.text.strip()]
        left = [
            Span(f"{glyphs.pointer} " if chosen else "  ", "accent"),
            Span(entry.name, "strong" if chosen else "text" if entry.health.good else "dim"),
        ]
        if entry.locked:
            left.append(Span(f" {glyphs.lock}", "dim"))
        while counts and ink.width((*left, *right, *counts)) >= self.size.width:
            counts.pop(0)
        right += counts
        room = self.size.width - ink.width(right) - ink.width(left) + ink.width(left[1:2])
        left[1] = Span(ink.fit(entry.name, min(max(4, room), ink.width(left[1:2]))), left[1].role)
        return ink.spread(left, right, self.size.width)

    def _picker(self) -> Line:
        """Return the one-line form: the chosen thread and where it stands among the others."""
        if not self._entries:
            return ink.BLANK
        glyphs = self.app.glyphs  # type: ignore[attr-defined]
        entry = self._entries[self._place]
        left = [Span("thread ", "dim"), Span(entry.name, "strong")]
        if not entry.health.good:
            left += [Span("  "), health_words(entry.health, self._now)]
        right = [
            Span(f"{entry.active}{glyphs.active} " if entry.active else "", "running"),
            Span(f"{entry.failed}{glyphs.failed} " if entry.failed else "", "failed"),
            Span(
                f" {self._place} of {len(self._entries) - 1}"
                if self._place
                else f" {len(self._entries) - 1} threads",
                "dim",
            ),
        ]
        return ink.spread(left, right, self.size.width)

    def show(self, lines: list[Line]) -> None:  # type: ignore[override]  # a list is all it makes itself
        """Show these lines."""
        super().show(lines)
        self.virtual_size = Size(0, len(lines))

    def render_line(self, y: int) -> Strip:
        """Return the line at `y`, the chosen thread on the cursor's background."""
        strip = super().render_line(y)
        if self.size.height > 1 and self.scroll_offset.y + y == self._place and self._entries:
            return strip.apply_style(self.palette.cursor_row)
        return strip
