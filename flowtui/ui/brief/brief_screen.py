"""The brief on the whole screen: what happened since the user left, and what is still open. One page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from flowtui import formatting
from flowtui.model.answers.brief.brief import Brief
from flowtui.model.answers.brief.moments import short_time
from flowtui.model.answers.brief.ranges import RANGES
from flowtui.model.answers.brief.remarks import title_words
from flowtui.model.answers.brief.sentence import GAP, NEW_AGENT, OUTAGE, RELEASE, Sentence
from flowtui.model.export.brief.document import brief_markdown
from flowtui.model.export.brief.text import brief_text
from flowtui.model.history.coverage import remembered_words
from flowtui.model.run.row import Run, RunKey
from flowtui.ui.base import messages
from flowtui.ui.base.workers import start_worker
from flowtui.ui.brief.brief_reader import BriefReader
from flowtui.ui.brief.items import Page, Style, Target
from flowtui.ui.brief.page import page_of
from flowtui.ui.brief.page_view import PageView
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import signs_of
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.answer_screen import AnswerScreen
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.choice_row import ChoiceRow
from flowtui.ui.widgets.frame_titles import trouble_text
from flowtui.ui.widgets.memory_words import unread_words

_WHY: Final = 5  # index of the tab that says why a run failed
_ASKED: Final = 20  # failed runs whose reasons are fetched


class BriefScreen(AnswerScreen[BriefReader]):
    """Shows the brief of a range. `name`: the name of the first range; "" for the first of `RANGES`."""

    BINDINGS = bindings.bindings(bindings.BRIEF)
    PLACES = (bindings.BRIEF,)

    def __init__(self, name: str = "") -> None:
        super().__init__(bindings.BRIEF)
        self.range = RANGES.index(name) if name in RANGES else 0
        self._scales = Scales()
        self._drawn_as: tuple[object, ...] = ()
        self._page = Page()

    # -- parts -------------------------------------------------------------------------------------------------

    @property
    def view(self) -> PageView:
        """The page."""
        return self.query_one(PageView)

    @property
    def found(self) -> Brief | None:
        """The brief that is shown; None before the first."""
        return self._reader.found if self._reader is not None else None

    @property
    def run(self) -> Run | None:
        """The run under the cursor."""
        target = self.view.target if self._drawn else None
        return None if target is None else self._run(target.run)

    @property
    def failures(self) -> Sequence[Run | None]:
        """The failed runs without a reason, the newest first."""
        brief = self.found
        if brief is None:
            return ()
        known = brief.data.reasons
        return [one.run for one in reversed(brief.data.failures) if one.run.key not in known][:_ASKED]

    def compose(self) -> ComposeResult:
        self.put_off_searches()
        yield Bar(id="header")
        with Container(id="brief-frame", classes="frame"):
            yield Bar(id="brief-head")
            yield PageView(id="brief-page")
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Give the page the focus, and read the range."""
        self.view.focus()
        super().prepare()

    def new_reader(self) -> BriefReader:
        """Return what reads the range."""
        app = self.app
        return BriefReader(
            app.data,
            app.settings.prices,
            app.zone,
            start=lambda work: start_worker(self, work, "brief"),
            changed=self.tick,
            drawn=self._drawn_once,
        )

    def renew(self, argument: str) -> None:
        """Show the range with this name, if there is one."""
        if argument in RANGES:
            self.action_range(RANGES.index(argument) - self.range)

    # -- drawing -----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        if not self.ready or self._reader is None:
            return
        self._ask()
        self.show_header()
        self.show_footer(incidents=True)
        self._draw_head()
        self._draw_page()
        named, width = self._reader.named, self.size.width
        title = f"Brief · {title_words(named, self.app.zone)}" if named is not None else "Brief"
        trouble = self.cause or self._reader.trouble
        self.query_one("#brief-frame").set_class(bool(trouble), "-trouble")
        below = trouble_text(trouble, [self._basis()], width)
        self.show_titles(ink.line((ink.cut(title, max(8, width - 6)), "strong")), below)

    def restyle(self) -> None:
        """Draw the page anew."""
        self._drawn_as = ()

    def _basis(self) -> str:
        """Return how old the brief is, and on what it rests: what is remembered, else what was read from the API."""
        brief, snapshot, reader = self.found, self.snapshot, self._reader
        if brief is None or snapshot is None or reader is None or not (snapshot.listed or snapshot.threads):
            return ""
        data, zone = brief.data, self.app.zone
        at = min(data.now, reader.watched_until(snapshot, self.app.now()))  # not when it was computed
        rests = [f"as of {formatting.clock(at, zone)}"]
        if data.begin is not None and data.begin <= data.since:
            rests.append(remembered_words(data.begin, data.now))
        elif unread := unread_words(snapshot):
            rests.append(unread)
        elif data.reach <= data.since:
            rests.append("every run of this time was read")
        elif (known := min(data.reach, data.now if data.begin is None else data.begin)) < data.now:
            rests.append(f"all runs since {short_time(known, data.now, zone)} are known")
        return ", ".join(rests)

    def _ask(self) -> None:
        """Have the range read, if that was not done yet, and the brief be computed again if it is time to."""
        reader, snapshot = self._reader, self.snapshot
        if reader is None or snapshot is None:
            return
        now = snapshot.server_time(self.app.now())
        if reader.wanted != RANGES[self.range] or reader.due(now):
            reader.ask(RANGES[self.range], snapshot, self.app.now())
        else:
            reader.refresh(snapshot, self.app.now())

    def ask_again(self) -> None:
        """Have the range read anew."""
        if self._reader is not None and self.snapshot is not None:
            self._reader.ask(RANGES[self.range], self.snapshot, self.app.now())

    def _draw_head(self) -> None:
        self.show_bar("brief-head", tuple(self._times.spans))

    @property
    def _times(self) -> ChoiceRow:
        return ChoiceRow.within(self.query_one("#brief-head").size.width, "time", RANGES, self.range)

    def on_click(self, event: events.Click) -> None:
        """Show the time range that was clicked."""
        head = self.query_one("#brief-head").region
        if head.contains(event.screen_x, event.screen_y):
            place = self._times.place_at(event.screen_x - head.x)
            if place is not None:
                self.action_range(place - self.range)

    def _draw_page(self) -> None:
        """Draw the page, if it is another one or has another size."""
        brief, view, app = self.found, self.view, self.app
        size = (view.cells - 1, view.size.height)
        seen = (brief, size, self.old, app.settings.ascii, app.settings.no_color, app.theme)
        if brief is None or self._unread(brief):
            self._drawn_as = ()
            view.show_page(Page(), self._loading(view.cells, unread=brief is not None))
            return
        if (
            len(seen) == len(self._drawn_as)
            and all(
                one is other or one == other for one, other in zip(seen[1:], self._drawn_as[1:], strict=True)
            )
            and self._drawn_as[0] is brief
        ):
            return
        self._drawn_as = seen
        style = Style(*size, signs_of(app.settings), app.glyphs, app.zone, self._scales)
        page = page_of(brief, style)
        self._page = page._replace(lines=[*map(ink.grey, page.lines)]) if self.old else page
        view.show_page(self._page)

    def _unread(self, brief: Brief) -> bool:
        """Whether no run is known only because nothing was read."""
        data = brief.data
        return not (data.ended or data.active) and self.unread(data.since, data.begin)

    def _loading(self, cells: int, *, unread: bool) -> list[Line]:
        if unread or self.snapshot is None or self.app.trouble or self.snapshot.stopped:
            return self.placeholder(cells)
        return [ink.line(("Loading …", "strong")), ink.line((f"what happened {RANGES[self.range]}", "dim"))]

    # -- actions of keys ---------------------------------------------------------------------------------------

    def action_range(self, step: int) -> None:
        """Show the next range (1), or the previous one (-1)."""
        chosen = min(max(0, self.range + step), len(RANGES) - 1)
        if chosen != self.range:
            self.range = chosen
            self._scales.forget()
            self.tick()

    def action_open(self) -> None:
        """Open what the cursor is on."""
        target = self.view.target
        if target is not None:
            self._open(target)

    def on_cursor_list_chosen(self) -> None:
        """Open what was clicked twice."""
        self.action_open()

    def _open(self, target: Target) -> None:
        if target.sentence is not None:
            self._open_sentence(target.sentence)
        elif target.agent:
            self._show(bindings.AGENT, target.agent)
        elif target.release:
            self._show(bindings.GATE)
        elif target.screen:
            self._show(target.screen)
        elif target.reason is not None and self.found is not None:
            known = self.found.data.reasons
            keys = [
                one.run.key for one in self.found.data.failures if known.get(one.run.key) == target.reason
            ]
            self._open_run(keys[-1:])
        elif target.run is not None:
            self._open_run([target.run], tab=None)

    def _open_sentence(self, one: Sentence) -> None:
        if one.kind == RELEASE:
            self._show(bindings.GATE)
        elif one.kind in (OUTAGE, GAP):
            self._show(bindings.EVENTS)
        elif one.kind == NEW_AGENT:
            self._show(bindings.AGENT, one.agent_ids[0])
        elif one.keys:
            self._open_run(one.keys[-1:])
        else:
            self.app.say("No run is behind this sentence", timeout=2)

    def _open_run(self, keys: Iterable[RunKey], tab: int | None = _WHY) -> None:
        run = next(filter(None, map(self._run, keys)), None)
        if run is None:
            self.app.say("That run is not known any more", timeout=2)
        else:
            self.post_message(messages.RunOpened(run, tab))

    def _run(self, key: RunKey | None) -> Run | None:
        if key is None:
            return None
        found = self.snapshot.run(key) if self.snapshot is not None else None
        if found is None and self.found is not None:
            runs = (*self.found.data.runs, *self.found.data.active)
            found = next((run for run in runs if run.key == key), None)
        return found

    def _show(self, screen: str, argument: str = "") -> None:
        self.post_message(messages.ScreenRequested(screen, argument))

    def action_agent(self) -> None:
        """Open the page of the agent that the cursor is on, or of the first agent of the page."""
        brief, target = self.found, self.view.target
        if brief is None:
            return
        run = self.run
        ids = [target.agent] if target is not None and target.agent else []
        ids += target.sentence.agent_ids if target is not None and target.sentence is not None else ()
        ids += [run.agent_id] if run is not None else []
        ids += [one.agent_id for one in brief.agents]
        if ids:
            self._show(bindings.AGENT, ids[0])

    def action_copy(self) -> None:
        """Copy the brief as text."""
        if (text := self._text()) is not None:
            self.post_message(messages.TextCopied(text, "the brief"))

    def _text(self) -> str | None:
        reader, brief = self._reader, self.found
        if reader is None or brief is None or reader.named is None:
            return None
        return brief_text(brief, reader.named, self.app.zone)

    def action_save_brief(self) -> None:
        """Save the brief as Markdown."""
        reader, brief = self._reader, self.found
        if reader is None or brief is None or reader.named is None:
            return
        text = partial(_parts, brief_markdown(brief, reader.named, self.app.zone))
        self.post_message(messages.TextSaved(text, "the brief", "brief", "md"))


def _parts(text: str) -> Iterable[str]:
    return (text,)
