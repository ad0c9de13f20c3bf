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
from flowtui.model.events.event_log import RUN, Event, EventLog, reason_of
from flowtui.model.events.folded import FoldedEvent, folded, matching
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run, RunKey
from flowtui.text import short_id
from flowtui.ui.base.messages import CopyRequested, RunOpened, WatchListRequested
from flowtui.ui.events.earlier_events import NOTHING_EARLIER, EarlierEvents, read_earlier
from flowtui.ui.events.event_list import Entry, EventList, Rule, entries_of
from flowtui.ui.events.rows import About, detail_line, event_line, rule_line, title_line
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
    OF_A_LINE = frozenset(f"event_{each}" for each in ("open", "copy", "notify", "agent"))

    def __init__(self) -> None:
        super().__init__(bindings.EVENTS)
        self._words = ""
        self._reasons: Mapping[RunKey, Reason] = {}
        self._earlier: EarlierEvents = NOTHING_EARLIER
        self._earlier_lines: Sequence[FoldedEvent] = ()
        self._entries: Sequence[Entry] = ()
        self._newest: Mapping[str, int] = {}
        self._asked = -1

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
            yield Prompt("words: a run, an agent, a thread, failed, finding, outage, told")
        yield Bar(id="event-detail")
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Give the list the focus."""
        self.event_list.focus()

    @property
    def run(self) -> Run | None:
        """The run of the event under the cursor; None if it is about no run, or about one that is not known any more."""
        event = self._event
        return None if event is None else self._run_of(event)

    def _run_of(self, event: Event) -> Run | None:
        if event.key is None:
            return None
        found = self.snapshot.run(event.key) if self.snapshot is not None else None
        return found or self._earlier.runs.get(event.key)

    @property
    def _folded(self) -> FoldedEvent | None:
        """What is under the cursor; None for a rule, or in an empty list."""
        place = self.event_list.place
        shown = self._entries[place].shown if place < len(self._entries) else None
        return None if isinstance(shown, Rule) else shown

    @property
    def _event(self) -> Event | None:
        return None if self._folded is None else self._folded.event

    def _read_earlier(self) -> None:
        """Have earlier events read, again once more of them can be read: a history of another key may become readable later."""
        past, until = self.app.data.past, self._log.began
        if past.ready and self._asked != past.grown:
            self._asked = past.grown
            past.ask("events", partial(read_earlier, until, redact=self.app.settings.redact), self._take)

    def _take(self, found: EarlierEvents | None) -> None:
        trouble = f"earlier events cannot be read: {self.app.data.past.trouble}"
        self._earlier = NOTHING_EARLIER._replace(rule=trouble) if found is None else found
        self._earlier_lines = folded(self._earlier.events)
        self.tick()

    # -- drawing -----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Draw the newest events and all other parts of the screen."""
        if not self.ready:
            return
        self._read_earlier()
        new = matching(folded(self._log.events), self._words, self._agent_of)
        earlier = matching(self._earlier_lines, self._words, self._agent_of)
        self._reasons = {**self._earlier.reasons, **self.app.data.reasons()}
        self._entries = self._listed(new, earlier)
        self._newest = self._newest_of_reasons()
        self.event_list.show_entries(
            [entry.identity for entry in self._entries],
            self._line,
            words=self._words.casefold().split(),
            placeholder=self._placeholder(),
        )
        self.show_bar("event-titles", title_line(self.event_list.cells) if self._entries else ink.BLANK)
        self.show_header(right=self._counts(_count(new), _count(earlier)))
        self._draw_detail()
        self.show_footer(typing=self.typing, empty=not self._entries)
        title = f'Events · "{self._words.strip()}"' if self._words.strip() else "Events"
        self.show_titles((Span(title, "strong"),), self._watched())

    def _listed(self, new: Sequence[FoldedEvent], earlier: Sequence[FoldedEvent]) -> list[Entry]:
        """Return the lines of the list. While the user searches, no rule stands above or below nothing."""
        narrowed = bool(self._words.strip())
        known = self._earlier if earlier or not narrowed else NOTHING_EARLIER
        zone = self.app.zone
        return entries_of(
            new, earlier, start=known.rule, end=known.begin_words(zone), now=self.app.now(), zone=zone
        )

    def _newest_of_reasons(self) -> Mapping[str, int]:
        """Return the text of a reason → the index of the newest line with it."""
        newest: dict[str, int] = {}
        for place, entry in enumerate(self._entries):
            if not isinstance(entry.shown, Rule) and (why := reason_of(entry.shown.event, self._reasons)):
                newest.setdefault(why, place)
        return newest

    def _line(self, place: int) -> Line:
        shown, cells, app = self._entries[place].shown, self.event_list.cells, self.app
        if isinstance(shown, Rule):
            return rule_line(shown.words, cells, app.glyphs)
        return event_line(shown, cells, self._about(shown, place), glyphs=app.glyphs, zone=app.zone)

    def _about(self, shown: FoldedEvent, place: int) -> About:
        event, why = shown.event, reason_of(shown.event, self._reasons)
        run, took = self._run_of(event), ""
        if run is not None and event.kind == RUN and run.terminal and run.status_class == event.status:
            seconds = run.duration(run.ended or 0.0)
            took = "" if seconds is None else formatting.duration(seconds)
        again = self._newest.get(why, place) != place
        return About(self._agent_of(event), took, why, again=again, known=run is not None)

    def _agent_of(self, event: Event) -> str:
        """Return the name of the agent of an event's run, or its id; "" if the run is not known."""
        run, snapshot = self._run_of(event), self.snapshot
        if run is None or not run.agent_id:
            return ""
        return (snapshot.agents.get(run.agent_id) if snapshot is not None else None) or short_id(run.agent_id)

    def _draw_detail(self) -> None:
        spans, shown = ink.BLANK, self._folded
        if shown is not None:
            about = self._about(shown, self.event_list.place)
            spans = detail_line(shown, self.size.width, about, zone=self.app.zone)
        self.show_bar("event-detail", spans)

    def _counts(self, found: int, earlier: int) -> list[Span]:
        app, log = self.app, self._log
        count = f"{found:,} of {len(log.events):,}" if self._words.strip() else f"{len(log.events):,}"
        since = formatting.clock(log.began, app.zone)
        forgotten = log.added - len(log.events)
        return [
            Span(f"{forgotten:,} older ones dropped  " if forgotten > 0 else "", "dim"),
            Span(f"since {since}  ", "dim"),
            Span(count, "strong"),
            Span(" event " if len(log.events) == 1 else " events ", "dim"),
            Span(f" {earlier:,} before " if earlier else "", "dim"),
        ]

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
        if self.run is not None:
            self.post_message(RunOpened(self.run))
        else:
            self._say_no_run()

    def _say_no_run(self) -> None:
        no_run = self._event is None or self._event.key is None
        said = "This event is about no run" if no_run else "That run is not known any more"
        self.app.say(said, timeout=2)

    def action_notify_run(self) -> None:
        """Watch the run of the event, or no longer."""
        if self.run is not None:
            super().action_notify_run()
        else:
            self._say_no_run()

    def action_open_agent(self) -> None:
        """Open the page of the agent of the event's run."""
        if self.run is not None:
            super().action_open_agent()
        else:
            self._say_no_run()

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
        if self._event is not None and self._event.key is not None:
            self.post_message(CopyRequested(self._event.key[1]))

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


def _count(lines: Sequence[FoldedEvent]) -> int:
    return sum(1 + len(line.before) for line in lines)
