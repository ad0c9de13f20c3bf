"""The event log on the whole screen: what happened since flowtui started, the newest first.

Below it, after a rule, is what happened before that, as far as the history remembers it. While the cursor is at the top of the list, it moves to each new event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from textual.app import ComposeResult
from textual.containers import Container
from textual.dom import DOMNode

from flowtui import formatting
from flowtui.model.events.event_log import Event, EventLog, reason_of, recent
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import RunKey
from flowtui.ui.base.messages import CopyRequested, RunOpened, WatchListRequested
from flowtui.ui.events.earlier_events import NOTHING_EARLIER, EarlierEvents, read_earlier
from flowtui.ui.events.event_list import EventList
from flowtui.ui.events.rows import RULE, detail_line, event_line, time_width, title_line
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.framed_screen import FramedScreen
from flowtui.ui.widgets.prompt import Prompt

_WATCHES = 60  # most cells for the names of watches in the subtitle


class EventScreen(FramedScreen):
    """Shows the events of the log."""

    PLACES = (bindings.EVENTS, bindings.PROMPT)

    def __init__(self) -> None:
        super().__init__(bindings.EVENTS)
        self._words = ""
        self._reasons: Mapping[RunKey, Reason] = {}
        self._time_cells = 0
        self._earlier: EarlierEvents = NOTHING_EARLIER
        self._asked = False

    @property
    def _log(self) -> EventLog:
        return self.app.data.notifier.log

    @property
    def event_list(self) -> EventList:
        """The list of events."""
        return self.query_one(EventList)

    @property
    def parts(self) -> Mapping[str, DOMNode]:
        """The list."""
        return {bindings.EVENTS: self.event_list}

    def compose(self) -> ComposeResult:
        yield Bar(id="header")
        with Container(id="events-frame", classes="frame"):
            yield Bar(id="event-titles")
            yield EventList()
            yield Prompt("words: a run, a thread, failed, finding, outage, told")
        yield Bar(id="event-detail")
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Give the list the focus."""
        self.event_list.focus()

    def _read_earlier(self) -> None:
        """Have earlier events read, once: a history of another key may become readable later."""
        past, until = self.app.data.past, self._log.began
        if past.ready and not self._asked:
            self._asked = True
            past.ask("events", partial(read_earlier, until, redact=self.app.settings.redact), self._take)

    def _take(self, found: EarlierEvents | None) -> None:
        trouble = f"earlier events cannot be read: {self.app.data.past.trouble}"
        self._earlier = NOTHING_EARLIER._replace(rule=trouble) if found is None else found
        self.tick()

    # -- drawing -----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Draw the newest events and all other parts of the screen."""
        if not self.ready:
            return
        self._read_earlier()
        app, new = self.app, recent(self._log.events, self._words)
        earlier = recent(self._earlier.events, self._words)
        found = [*new, *self._below(earlier)]
        now, cells = app.now(), self.event_list.cells
        self._reasons = {**self._earlier.reasons, **app.data.reasons()}
        dated = (event for event in found if event.kind != RULE)
        self._time_cells = max((time_width(event.at, now, app.zone) for event in dated), default=8)
        self.event_list.show_entries(
            found,
            lambda place: self._line(found[place]),
            words=self._words.casefold().split(),
            placeholder=self._placeholder(),
        )
        self.show_bar("event-titles", title_line(cells, self._time_cells) if found else ink.BLANK)
        self.show_bar("header", self._header(len(new), len(earlier)))
        self._draw_detail()
        self.show_footer(typing=self.typing)
        title = f'Events · "{self._words.strip()}"' if self._words.strip() else "Events"
        self.show_titles(title, self._watched())

    def _below(self, earlier: Sequence[Event]) -> Sequence[Event]:
        """Return what stands below the events of this start: a rule, the earlier events, and where the history begins."""
        if not earlier and (self._words.strip() or not self._earlier.rule):
            return ()
        end = self._earlier.begin_words(self.app.zone)
        rules = [Event(RULE, self._log.began, RULE, text) for text in (self._earlier.rule, end) if text]
        return [*rules[:1], *earlier, *rules[1:]]

    def _line(self, event: Event) -> Line:
        app, why, cells = self.app, reason_of(event, self._reasons), self.event_list.cells
        return event_line(
            event, cells, self._time_cells, glyphs=app.glyphs, zone=app.zone, now=app.now(), why=why
        )

    def _draw_detail(self) -> None:
        spans = ink.BLANK
        if (event := self.event_list.key) is not None:
            why = reason_of(event, self._reasons)
            spans = detail_line(event, self.size.width, zone=self.app.zone, why=why)
        self.show_bar("event-detail", spans)

    def _header(self, found: int, earlier: int) -> Line:
        app, log = self.app, self._log
        count = f"{found:,} of {len(log.events):,}" if self._words.strip() else f"{len(log.events):,}"
        since = formatting.clock(log.began, app.zone)
        forgotten = log.added - len(log.events)
        tail = [
            Span(f"{forgotten:,} older ones dropped  " if forgotten > 0 else "", "dim"),
            Span(f"since {since}  ", "dim"),
            Span(count, "strong"),
            Span(" event " if len(log.events) == 1 else " events ", "dim"),
            Span(f" {earlier:,} before " if earlier else "", "dim"),
        ]
        return ink.spread(app.host_label.spans, tail, self.size.width)

    def _watched(self) -> str:
        notifier = self.app.data.notifier
        names = ", ".join(watch.name for watch in notifier.watches)
        parts = [f"watching {ink.cut(names, _WATCHES)}"] if names else []
        if notifier.rules:
            broken = sum(len(row.broken) for row in notifier.rules)
            parts.append(
                formatting.plural(len(notifier.rules), "rule") + (f", {broken} broken" if broken else "")
            )
        return " · ".join(parts)

    def _placeholder(self) -> list[Line]:
        if self._words.strip():
            said = ink.line((f'No event contains "{self._words.strip()}"', "strong"))
            return [said, ink.line(("esc", "key"), (" shows all events", "dim"))]
        since = formatting.span(self.app.now() - self._log.began)
        return [
            ink.line(("Nothing has happened yet", "strong")),
            ink.line((f"for {since}: runs, findings and outages show here when they come", "dim")),
        ]

    # -- events ------------------------------------------------------------------------------------------------

    def on_cursor_list_moved(self) -> None:
        """Show the details of the event to which the cursor moved."""
        if self._drawn and self.is_current:
            self._draw_detail()

    def on_cursor_list_chosen(self) -> None:
        """Open the run of an event, or say why no run can be opened."""
        event, snapshot = self.event_list.key, self.snapshot
        key = event.key if event is not None else None
        run = snapshot.run(key) if key is not None and snapshot is not None else None
        if run is None and key is not None:
            run = self._earlier.runs.get(key)
        if run is not None:
            self.post_message(RunOpened(run))
        else:
            said = "This event is about no run" if key is None else "That run is not known any more"
            self.app.say(said, timeout=2)

    def action_narrow(self) -> None:
        """Open the search."""
        self.query_one(Prompt).open(self._words)

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """After each typed character, show only the matching events."""
        self._words = message.text
        self.tick()

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Keep showing the matching events, and move the focus to the list."""
        self._words = message.text
        self.event_list.focus()
        self.call_after_refresh(self.tick)

    def action_copy(self) -> None:
        """Copy the id of the event's run."""
        event = self.event_list.key
        if event is not None and event.key is not None:
            self.post_message(CopyRequested(event.key[1]))

    def action_watches(self) -> None:
        """Open the list of watches and rules."""
        self.post_message(WatchListRequested())

    def action_leave(self) -> None:
        """End the search and show all events; if there is no search, close the screen."""
        if self._words.strip():
            self._words = ""
            self.tick()
        else:
            super().action_leave()
