"""The screen of the deploy gate: whether runs since a mark are worse than runs before it, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from flowtui import formatting
from flowtui.errors import QueryError
from flowtui.model.export.markdown import markdown
from flowtui.model.gate import INCONCLUSIVE, parse_gate
from flowtui.model.state.snapshot import Update
from flowtui.ui.base import messages
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import signs_of
from flowtui.ui.gate import choices
from flowtui.ui.gate.choices import WINDOWS
from flowtui.ui.gate.deploy_marks import time_words
from flowtui.ui.gate.failure_rows import since_of
from flowtui.ui.gate.gate_data import GATE, GateData
from flowtui.ui.gate.page_lines import page_lines
from flowtui.ui.gate.report import report_lines
from flowtui.ui.gate.style import WORDS, Style
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.frame_titles import trouble_text
from flowtui.ui.widgets.line_pane import LinePane
from flowtui.ui.widgets.prompt import Prompt

_PATIENCE: Final = 0.3  # seconds for which the last page stays while a new question is judged


class GateBody(LinePane, inherit_bindings=False):
    """The lines of the gate; the screen binds the keys."""

    def show_instead(self, lines: Sequence[Line]) -> None:
        """Show a message instead of the page."""
        self.show(())
        self.show_entries((), lambda _: ink.BLANK, placeholder=lines)


class GateScreen(GateData):
    """Shows the question, the verdict and the comparisons. `text` is the gate that the user typed last; "" for `GATE`."""

    BINDINGS = bindings.bindings(bindings.GATE)
    PLACES = (bindings.GATE, bindings.PROMPT)

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self._scales = Scales()
        self._choices: choices.Choices | None = None
        self._drawn_as: tuple[object, ...] = ()

    @property
    def body(self) -> GateBody:
        """The widget with the lines of the gate."""
        return self.query_one(GateBody)

    def compose(self) -> ComposeResult:
        yield Bar(id="header")
        with Container(id="gate-frame", classes="frame"):
            yield Bar(id="gate-choices")
            yield GateBody(id="gate-body")
            yield Bar(id="gate-error")
            yield Prompt(GATE)
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Set up the widgets."""
        self.query_one("#gate-error").display = False
        self.body.focus()
        self.post_message(messages.MarksNeeded())
        self.post_message(messages.AgentsNeeded())

    def update(self, update: Update) -> None:
        """Judge a new snapshot, and have the deployments of agents read, which are marks."""
        self.post_message(messages.AgentsNeeded())
        super().update(update)

    # -- drawing -----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        if not self.ready:
            return
        self.judge()
        self.show_header()
        self.show_footer(typing=self.typing, incidents=True)
        cells = self.query_one("#gate-choices").size.width or self.size.width - 2
        self._choices = choices.choices(self.window, by_agent=self.by_agent, cells=cells)
        self.show_bar("gate-choices", self._choices.line)
        self.query_one("#gate-frame").set_class(bool(self.cause), "-trouble")
        self.show_titles(self._title(), trouble_text(self.cause, self._refreshed(), self.size.width))
        self._draw_body()

    def restyle(self) -> None:
        """Draw the page anew."""
        self._drawn_as = ()

    def _title(self) -> Line:
        question = self.question
        if question is None:
            return ink.line(("Deploy gate", "strong"))
        now = self.app.now()
        ago = formatting.span(max(0.0, now - question.mark.at))
        when = f"  {time_words(question.mark.at, now, self.app.zone)}, {ago} ago"
        watched = question in self.app.data.notifier.watched_gates
        sign = f"{self.app.glyphs.watched} " if watched else ""
        head = f"{sign}Deploy gate · since {question.mark.name}"
        return ink.cut_line(ink.line((head, "strong"), (when, "dim")), max(8, self.size.width - 6))

    def _refreshed(self) -> list[str]:
        """Return when the page was refreshed, for the frame; of old data the banner says that."""
        if self.read_at is None or self.cause or self.question is None or self.waiting:
            return []
        return [f"last refreshed {time_words(self.read_at, self.app.now(), self.app.zone)}"]

    def _draw_body(self) -> None:
        app, snapshot, found = self.app, self.snapshot, self.shown_page
        body = self.body
        cells = max(20, body.scrollable_content_region.width)
        if snapshot is None or app.trouble or not any(snapshot.runs()):
            self._drawn_as = ()
            body.show_instead(self.placeholder(cells))
            return
        if self.question is None:
            self._drawn_as = ()
            body.show_instead(choices.without_mark(app.user_keys.get("gate_name_moment", "m"), snapshot))
            return
        if found is None or self.waiting:
            if self._drawn_as and self.waits < _PATIENCE:
                return
            self._drawn_as = ()
            body.show_instead(choices.judging(self.question))
            return
        style = Style(
            cells,
            body.size.height,
            signs_of(app.settings),
            app.glyphs,
            app.zone,
            self._scales,
            self._as_of,
        )
        # The answer is compared by identity: a comparison of all its runs would take long.
        seen = (found, self.remembered, style[:5], style.as_of, app.theme)
        if (
            len(seen) == len(self._drawn_as)
            and seen[0] is self._drawn_as[0]
            and seen[1:] == self._drawn_as[1:]
        ):
            return
        self._drawn_as = seen
        body.show(page_lines(found.page, found.failures, self.remembered, style))

    @property
    def _as_of(self) -> float | None:
        """When the data was read, if it is not live: of threads that do not answer, that which was read first."""
        snapshot = self.snapshot
        if snapshot is None or not self.cause:
            return None
        states = snapshot.threads.values()
        failing = [each.observed for each in states if each.failure is not None and each.observed is not None]
        known = failing or [each.observed for each in states if each.observed is not None]
        return snapshot.server_time(min(known, default=snapshot.at))

    # -- actions of keys ---------------------------------------------------------------------------------------

    def action_other_mark(self, step: int) -> None:
        """Judge since the next or previous mark. The default mark, if chosen, is replaced by a newer one."""
        question, marks = self.question, self.marks
        if question is None:
            return
        place = min(max(0, marks.index(question.mark) + step), len(marks) - 1)
        self._since = "" if marks[place] == self._default_mark(marks) else marks[place].name
        self._ask_anew()

    def action_gate_window(self, step: int) -> None:
        """Compare with a longer time before the mark, or a shorter one if `step` is negative."""
        self._choose(min(max(0, self.window + step), len(WINDOWS) - 1))

    def _choose(self, window: int) -> None:
        if window != self.window:
            self.window = window
            self._ask_anew()

    def _ask_anew(self) -> None:
        self._scales.forget()
        self.renew()

    def action_by_agent(self) -> None:
        """Judge each agent alone, or all together."""
        self.by_agent = not self.by_agent
        self._ask_anew()

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked in the line of choices."""
        bar = self.query_one("#gate-choices").region
        if self._choices is None or not bar.contains(event.screen_x, event.screen_y):
            return
        cell = event.screen_x - bar.x
        if (window := self._choices.base_at(cell)) is not None:
            self._choose(window)
        elif self._choices.by_agent_at(cell) == (not self.by_agent):
            self.action_by_agent()

    def action_runs(self) -> None:
        """Go back to the dashboard, and show the runs since the mark in its table."""
        if (question := self.question) is not None:
            since = formatting.iso_time(question.mark.at)
            self.post_message(messages.FilterOpened(f"created>={since}"))
            self.action_leave()

    def action_notify_verdict(self) -> None:
        """Have the user told once the verdict is certain. A second press ends that."""
        question, found = self.question, self.current
        if question is None:
            return
        watched = question in self.app.data.notifier.watched_gates
        if found is not None and found.verdict != INCONCLUSIVE and not watched:
            self.app.say(f"The verdict is known: {WORDS[found.verdict]}", timeout=3)
            return
        self.post_message(messages.VerdictWatched(question))

    def action_copy(self) -> None:
        """Copy the page as text."""
        if (text := self._report(str)) is not None:
            self.post_message(messages.TextCopied("".join(text), "the gate"))

    def action_save(self) -> None:
        """Save the page as Markdown."""
        if (text := self._report(markdown)) is not None:
            self.post_message(messages.TextSaved(partial(iter, text), "the gate", "gate", "md"))

    def _report(self, escape: Callable[[str], str]) -> Sequence[str] | None:
        found = self.shown_page
        if found is None or self.waiting:
            self.app.say("There is no verdict to copy yet", timeout=2)
            return None
        since = since_of(found.page, found.failures, self.remembered)
        refreshed = self.read_at if self._as_of is None else self._as_of
        lines = report_lines(found.page, since, found.failures, self.app.zone, escape, refreshed=refreshed)
        return list(lines)

    def action_edit(self) -> None:
        """Open the prompt with the text of the gate."""
        self.query_one(Prompt).open(self._text or GATE)

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Show the error of the typed gate."""
        wrong = _gate_error(message.text)
        bar = self.query_one("#gate-error", Bar)
        bar.show(ink.line((f" {wrong}", "warn")))
        bar.display = bool(wrong)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Use the typed gate; if it has an error, keep the one before."""
        self.query_one("#gate-error").display = False
        self.body.focus()
        wrong = _gate_error(message.text)
        if wrong:
            self.app.say(f"The limits stay as they were: {wrong}", severity="warning")
            self.renew()
        else:
            self._scales.forget()
            self.post_message(messages.ScreenRequested(bindings.GATE, message.text.strip()))


def _gate_error(text: str) -> str:
    """Return the error in a gate, "" for a valid or empty one."""
    if not text.strip():
        return ""
    try:
        parse_gate(text)
    except QueryError as error:
        return f"column {error.column}: {error.message}"
    return ""
