"""The screen of the deploy gate: whether runs since a mark are worse than runs before it, and how sure that is.

Judges all known runs, whatever the table shows, at most once a second; many runs are judged in a thread.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from textual.app import ComposeResult
from textual.containers import Container

from flowtui import formatting
from flowtui.errors import QueryError
from flowtui.model.gate import Gate, parse_gate
from flowtui.model.gate.answer import Answer, AnswerInputs, Question, answer, inputs_of, latest_failures
from flowtui.model.gate.past_base import LATE, NO_PAST, SLACK, PastBase, from_api, past_base
from flowtui.model.gate.sides import short_threads
from flowtui.model.gate.usual import USUAL_GATE
from flowtui.model.history.past import Past
from flowtui.model.run.row import Run
from flowtui.model.state.marks import MIN_RUNS, Mark
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.messages import AgentsNeeded, MarksNeeded, ScreenRequested, WholeThreadsNeeded
from flowtui.ui.base.workers import start_worker
from flowtui.ui.gate.deploy_marks import time_words
from flowtui.ui.gate.rows import gate_lines, question_lines
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.frame_titles import trouble_text
from flowtui.ui.widgets.framed_screen import MovableScreen
from flowtui.ui.widgets.line_pane import LinePane
from flowtui.ui.widgets.prompt import Prompt

GATE: Final = USUAL_GATE
"""The gate until the user types another one."""

WINDOWS: Final = (1_800.0, 3_600.0, 7_200.0, 21_600.0, 86_400.0)
"""The lengths of time before the mark to compare with, in seconds; the user chooses one."""

_FIRST_WINDOW: Final = 2
_PAUSE: Final = 1.0  # seconds between two judgements
_MANY: Final = 500  # runs from which on judging in the event loop would delay keys
_PAST_AGAIN: Final = 60.0  # seconds between two readings of the history for the same question
_ASKED: Final = 20  # failures on each side whose reasons are fetched


class GateBody(LinePane, inherit_bindings=False):
    """The lines of the gate; the screen binds the keys."""


class GateScreen(MovableScreen):
    """Shows the question, the verdict and the comparisons. `text` is the gate that the user typed last; "" for `GATE`."""

    BINDINGS = bindings.bindings(bindings.GATE)
    PLACES = (bindings.GATE, bindings.PROMPT)

    def __init__(self, text: str = "") -> None:
        super().__init__(bindings.GATE)
        self._text = text
        self.answer: Answer | None = None
        """The last answer; None before the first."""
        self._failures: Sequence[Run] = ()
        self.window = _FIRST_WINDOW
        self.by_agent = False
        self._since = ""  # name of the chosen mark; "" for the default one, now and later
        self._ground: AnswerInputs | None = None
        self._judged_at = float("-inf")
        self._busy = False
        self._past = NO_PAST
        self._past_of: tuple[float, float] | None = None  # mark and window that the history was read for
        self._past_at = float("-inf")
        self._reading = False

    @property
    def failures(self) -> Sequence[Run]:
        """The latest failures of both sides."""
        return self._failures

    @property
    def body(self) -> GateBody:
        """The widget with the lines of the gate."""
        return self.query_one(GateBody)

    def compose(self) -> ComposeResult:
        yield Bar(id="header")
        with Container(id="gate-frame", classes="frame"):
            yield GateBody(id="gate-body")
            yield Bar(id="gate-error")
            yield Prompt(GATE)
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Set up the widgets."""
        for name in ("#gate-frame", "#gate-body"):
            self.query_one(name).styles.height = "1fr"
        self.query_one("#gate-error").display = False
        self.body.focus()
        self.post_message(MarksNeeded())
        self.post_message(AgentsNeeded())

    def update(self, update: Update) -> None:
        """Judge a new snapshot, and have the deployments of agents read, which are marks."""
        self.post_message(AgentsNeeded())
        super().update(update)

    def renew(self, argument: str = "") -> None:
        """Judge at once: the question has changed. `argument`: the new gate; "" keeps the gate."""
        self._text = argument or self._text
        self._judged_at = float("-inf")
        self.tick()

    # -- judging -----------------------------------------------------------------------------------------------

    @property
    def marks(self) -> list[Mark]:
        """The user's marks and the agents' deployments up to now, the newest last."""
        now = self.app.now()
        return [
            mark
            for mark in self.app.data.deploy_marks.with_deployments(self.shown.snapshot)
            if mark.at <= now
        ]

    def _default_mark(self, marks: Sequence[Mark]) -> Mark | None:
        """Return the default mark: the user's newest one; without any, the newest deployment; None without that."""
        own = [mark for mark in marks if mark in self.app.data.deploy_marks.marks]
        return next(reversed(own or marks), None)

    @property
    def gate(self) -> Gate:
        """The gate that the user typed, or `GATE`."""
        return parse_gate(self._text or GATE)

    @property
    def question(self) -> Question | None:
        """What the gate is asked now: mark, window, gate, least runs, by agent or not. None while there is no mark."""
        marks = self.marks
        mark = next((each for each in marks if each.name == self._since), self._default_mark(marks))
        if mark is None:
            return None
        return Question(mark, WINDOWS[self.window], self.gate, MIN_RUNS, self.by_agent)

    @property
    def current(self) -> Answer | None:
        """The answer to the current question; None until it has been judged."""
        return self.answer if self.answer is not None and self.answer.question == self.question else None

    def _judge(self) -> None:
        """Judge, if the question or its runs have changed and the last judgement is at least `_PAUSE` old."""
        question, snapshot = self.question, self.snapshot
        moment = time.monotonic()
        if question is None or snapshot is None or self._busy or moment < self._judged_at + _PAUSE:
            return
        self._read_past(question, snapshot)
        reasons = self.app.data.reasons()
        ground = inputs_of(question, snapshot, reasons, self._past)
        if self._ground is not None and self._ground.same(ground):
            return
        self._ground, self._judged_at = ground, moment
        ask = partial(answer, question, snapshot, reasons, past=self._past)
        if sum(len(runs) for runs in ground.runs) <= _MANY:
            self._take(ask())
            return
        self._busy = True
        start_worker(self, partial(self._judge_many, ask), "gate")

    def _read_past(self, question: Question, snapshot: Snapshot) -> None:
        """Have the history read for a new window, and again once it and the known runs do not reach far enough."""
        reader, at, compare = self.app.data.past, question.mark.at, question.compare
        if self._past_of != (at, compare):
            self._past, self._past_of, self._past_at = NO_PAST, (at, compare), float("-inf")
        elif (
            self.answer is None
            or not self.answer.sides.missing
            or self.app.now() < self._past_at + _PAST_AGAIN
        ):
            return
        if not reader.ready:
            return
        self._reading, self._past_at = True, self.app.now()
        now, offset = snapshot.server_time(snapshot.at), snapshot.clock_offset
        slack = LATE if snapshot.clock_known else SLACK

        def read(past: Past) -> PastBase:
            return past_base(past, at - compare, at, now, clock_offset=offset, slack=slack)

        reader.ask("gate", read, partial(self._take_past, (at, compare)))

    def _take_past(self, window: tuple[float, float], found: PastBase | None) -> None:
        self._reading = False
        if window == self._past_of:
            self._past = from_api(self.app.data.past.trouble) if found is None else found
            self._judged_at = float("-inf")
        self.tick()

    async def _judge_many(self, ask: partial[Answer]) -> None:
        try:
            found = await asyncio.to_thread(ask)
        finally:
            self._busy = False
        self._take(found)
        if found.question != self.question:
            self._judged_at = float("-inf")
        self.tick()

    def _take(self, found: Answer) -> None:
        self.answer = found
        self._failures = latest_failures(found.sides, _ASKED)
        if found.sides.missing and self.snapshot is not None and not self._reading:
            back_to = found.question.mark.at - found.question.compare
            short = [state.key for state in short_threads(self.snapshot, back_to, past=found.sides.past)]
            self.post_message(WholeThreadsNeeded(short))

    # -- drawing -----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        if not self.ready:
            return
        self._judge()
        self.body.show(self._lines())
        self.show_header(self.app.host_label.redaction)
        self.show_footer(typing=self.typing, incidents=True)
        self.show_titles("Deploy gate · all known runs", trouble_text(self.cause, [], self.size.width))

    def _lines(self) -> list[Line]:
        app, snapshot, question = self.app, self.snapshot, self.question
        cells = max(20, self.body.scrollable_content_region.width)
        if snapshot is None or app.trouble or not any(snapshot.runs()):
            return [ink.BLANK, *self.placeholder(cells)]
        if question is None:
            return self._without_mark()
        now = app.now()
        ago = formatting.span(max(0.0, now - question.mark.at))
        when = f"{time_words(question.mark.at, now, app.zone)}, {ago} ago"
        lines = [*question_lines(question, WINDOWS, when, cells), ink.BLANK]
        found = self.current
        if found is None:
            return [*lines, ink.line((" Judging …", "strong"))]
        return [*lines, *gate_lines(found, cells, app.glyphs)]

    def _without_mark(self) -> list[Line]:
        key = self.app.user_keys.get("gate_name_moment", "m")
        return [
            ink.BLANK,
            ink.line((" No mark yet", "strong")),
            ink.line((f" {key}", "key"), (" names this moment, when you deploy", "dim")),
            ink.line((" flowtui mark NAME", "text"), (" does so in a pipeline", "dim")),
        ]

    # -- actions of keys ---------------------------------------------------------------------------------------

    def action_other_mark(self, step: int) -> None:
        """Judge since the next or previous mark. The default mark, if chosen, is replaced by a newer one."""
        question, marks = self.question, self.marks
        if question is None:
            return
        place = min(max(0, marks.index(question.mark) + step), len(marks) - 1)
        self._since = "" if marks[place] == self._default_mark(marks) else marks[place].name
        self.renew()

    def action_gate_window(self) -> None:
        """Compare with the next time span before the mark."""
        self.window = (self.window + 1) % len(WINDOWS)
        self.renew()

    def action_by_agent(self) -> None:
        """Judge each agent alone, or all together."""
        self.by_agent = not self.by_agent
        self.renew()

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
            self.post_message(ScreenRequested(bindings.GATE, message.text.strip()))


def _gate_error(text: str) -> str:
    """Return the error in a gate, "" for a valid or empty one."""
    if not text.strip():
        return ""
    try:
        parse_gate(text)
    except QueryError as error:
        return f"column {error.column}: {error.message}"
    return ""
