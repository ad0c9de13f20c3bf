"""Cancels runs from the screen: the confirmation, the requests one after the other, and the messages.

Independent of the screens: the caller passes functions that ask the user, show messages and reach the API. No request is
sent unless the user answers Yes. A run that is being cancelled already is left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from flowtui import formatting
from flowtui.model.columns.context import status_word
from flowtui.model.events import cancellation as model
from flowtui.model.events.cancellation import Cancellation, Cancellations, CancelReply
from flowtui.model.feed import CANCEL, Feed
from flowtui.model.run.row import QUEUED, RUNNING, Run, RunKey
from flowtui.model.state.snapshot import Snapshot
from flowtui.text import short_id
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line

if TYPE_CHECKING:  # dialogs are not needed for the first rows
    from flowtui.ui.widgets.confirm import Ask, Question

READ_ONLY: Final = "flowtui is read-only: start it with --allow-actions to cancel runs"
NO_CONNECTION: Final = "There is no connection, so nothing can be cancelled"
NO_RUN: Final = "There is no run to cancel here"
CANNOT: Final = "What is shown is not read from a server, so nothing can be cancelled"

_FEW: Final = 5  # most runs that the question lists; of the others it gives the number


@dataclass(frozen=True, slots=True)
class Choice:
    """The runs that the user wants to cancel, as their newest rows.

    `runs`: the runs that can be cancelled. The other fields have the runs that are left out:
    `ended`: runs that have ended.
    `asked`: runs that are being cancelled already.
    `nameless`: runs without an id.
    """

    runs: Sequence[Run]
    ended: Sequence[Run]
    asked: Sequence[Run]
    nameless: Sequence[Run]

    def left_out(self) -> list[str]:
        """Return a sentence for each reason why runs are left out, such as `run_71 has already ended`."""
        told = (
            (self.ended, "has already ended", "have already ended"),
            (self.asked, "is being cancelled already", "are being cancelled already"),
            (self.nameless, "has no id", "have no id"),
        )
        return [f"{_named(left)} {one if len(left) == 1 else many}" for left, one, many in told if left]


def choose(runs: Sequence[Run], snapshot: Snapshot, known: Cancellations) -> Choice:
    """Divide the runs into those that can be cancelled and those that are left out. Their newest rows decide."""
    newest = [snapshot.run(run.key) or run for run in {run.key: run for run in runs}.values()]
    free: list[Run] = []
    ended: list[Run] = []
    asked: list[Run] = []
    nameless: list[Run] = []
    for run in newest:
        kind = ended if run.terminal else free if known.may_ask(run.key) else asked
        (nameless if run.placeholder else kind).append(run)
    return Choice(free, ended, asked, nameless)


def cancel_question(choice: Choice, snapshot: Snapshot, now: float, cells: int, rows: int) -> Question:
    """Return the confirmation question. `now` is server time. The question may be `cells` wide and have `rows` lines."""
    from flowtui.ui.widgets.confirm import Question  # noqa: PLC0415

    left_out = choice.left_out()
    notes = [line for told in left_out for line in ink.paragraph(f"{told}: left out.", "warn", cells)]
    if not choice.runs:
        return Question("Nothing to cancel", tuple(notes[:rows]), "", "close")
    last = ink.line(("It cannot be undone.", "text"))
    if len(choice.runs) == 1:
        lines = [*_one(choice.runs[0], snapshot, now, cells), *notes, last]
        return Question("Cancel this run?", tuple(lines[:rows]), "cancel it", "let it go on")
    count = len(choice.runs)
    room = max(1, min(_FEW, rows - len(notes) - 2))
    lines = [_row(run, snapshot, now, cells) for run in choice.runs[:room]]
    if count > room:
        lines.append(ink.line((f"…and {count - room:,} more", "dim")))
    text = tuple([*lines, *notes, last][:rows])
    return Question(f"Cancel {count:,} runs?", text, f"cancel all {count:,}", "let them go on")


def _one(run: Run, snapshot: Snapshot, now: float, cells: int) -> list[Line]:
    state = snapshot.threads.get(run.thread_key)
    facts = (
        ("run", run.id, "strong"),
        ("agent", _agent(run, snapshot), "text"),
        ("thread", state.id if state is not None else formatting.UNKNOWN, "text"),
        ("status", _status(run, now), run.status_class),
    )
    return [
        ink.line(
            (f"{name:<8}", "dim"), ((ink.cut if name == "status" else ink.cut_id)(text, cells - 8), role)
        )
        for name, text, role in facts
    ]


def _row(run: Run, snapshot: Snapshot, now: float, cells: int) -> Line:
    status = ink.cut(_status(run, now, "{word} {span}"), cells // 2)
    room = cells - ink.width(ink.line(status)) - 4
    name = ink.cut_id(short_id(run.id), max(8, room * 2 // 3))
    agent = ink.cut(_agent(run, snapshot), max(4, room - ink.width(ink.line(name))))
    return ink.line((name, "strong"), "  ", (agent, "text"), "  ", (status, run.status_class))


def _status(run: Run, now: float, form: str = "{word} for {span}") -> str:
    seconds = {QUEUED: run.wait, RUNNING: run.duration}.get(run.status_class, run.age)(now)
    word = status_word(run)
    return word if seconds is None else form.format(word=word, span=formatting.span(seconds))


def _agent(run: Run, snapshot: Snapshot) -> str:
    return snapshot.agents.get(run.agent_id) or short_id(run.agent_id) or formatting.UNKNOWN


def _named(runs: Sequence[Run]) -> str:
    return model.short_name(runs[0].id) if len(runs) == 1 else f"{len(runs):,} runs"


class CancelController:
    """Cancels runs after a confirmation, and keeps the state of each cancellation.

    `allowed`: whether flowtui was started with `--allow-actions`.
    `feed`: returns the feed; None without a connection.
    `confirm`: shows a question and returns the answer.
    `show_message`: shows a text, as a warning if its second argument is True.
    `changed`: called when the result of `state_texts` may have changed.
    `now`: returns UTC epoch seconds of the screen's clock.
    """

    def __init__(
        self,
        *,
        allowed: bool,
        feed: Callable[[], Feed | None],
        confirm: Callable[[Ask], Awaitable[bool]],
        show_message: Callable[[str, bool], None],
        changed: Callable[[], None],
        now: Callable[[], float],
    ) -> None:
        self.known = Cancellations()
        self._allowed, self._feed, self._confirm = allowed, feed, confirm
        self._show_message, self._changed, self._now = show_message, changed, now
        self._asking = False
        self._together: list[tuple[RunKey, ...]] = []

    async def cancel(self, runs: Sequence[Run]) -> None:
        """Ask for confirmation, then cancel these runs one after the other; return when all requests are answered.

        Call it in a worker, because it waits for the user and for the server. A call while a question is shown does
        nothing.
        """
        if not self._allowed:
            self._show_message(READ_ONLY, False)
            return
        feed = self._feed()
        if feed is None or not runs:
            self._show_message(NO_RUN if feed is not None else NO_CONNECTION, False)
            return
        if CANCEL not in feed.can:
            self._show_message(CANNOT, False)
            return
        choice = choose(runs, feed.snapshot(), self.known)
        if not choice.runs:
            self._show_message(f"Nothing to cancel: {', '.join(choice.left_out())}", False)
            return
        if self._asking:
            return
        self._asking = True
        try:
            sure = await self._confirm(partial(self._question, choice.runs, choice, feed))
        finally:
            self._asking = False
        if sure:
            await self._send(choose(choice.runs, feed.snapshot(), self.known).runs, feed)

    def update(self, snapshot: Snapshot) -> None:
        """Update all cancellations from a snapshot. Only snapshots tell how a run ended; replies of the server do not."""
        self.known, news = self.known.see(snapshot)
        self._report(news)

    def state_texts(self) -> dict[RunKey, str]:
        """Return run → the state of its cancellation as text; runs without such a text are left out."""
        now = self._now()
        said = ((key, model.state_text(known, now)) for key, known in self.known.known.items())
        return {key: text for key, text in said if text}

    def _question(self, runs: Sequence[Run], first: Choice, feed: Feed, cells: int, rows: int) -> Question:
        """Return the question, made from the newest rows. It also mentions the runs that `first`, the first choice, left out."""
        snapshot = feed.snapshot()
        choice = choose([*runs, *first.ended, *first.asked, *first.nameless], snapshot, self.known)
        return cancel_question(choice, snapshot, snapshot.server_time(self._now()), cells, rows)

    async def _send(self, runs: Sequence[Run], feed: Feed) -> None:
        # One after the other: polling leaves only one connection free, and a request that waits for it would count as sent.
        for run in runs:
            self.known = self.known.ask(run, self._now())
        if len(runs) > 1:
            self._together.append(tuple(run.key for run in runs))
        self._changed()
        try:
            for run in runs:
                await self._send_one(run.key, feed)
        finally:
            for run in runs:
                known = self.known.of(run.key)
                if known is not None and known.word == model.WAITING:
                    self._apply_reply(run.key, CancelReply(model.NOT_SENT, self._now(), "it was interrupted"))

    async def _send_one(self, key: RunKey, feed: Feed) -> None:
        self.known = self.known.sent(key, self._now())
        known = self.known.of(key)
        if known is None or not known.open:
            return  # the run ended while its request waited for its turn
        interrupted = "the request was interrupted. Check the run before cancelling again"
        answer = CancelReply(model.UNKNOWN, self._now(), interrupted)
        try:
            answer = await feed.cancel_run(key)
        finally:
            self._apply_reply(key, answer)

    def _apply_reply(self, key: RunKey, answer: CancelReply) -> None:
        before = self.known.of(key)
        self.known = self.known.answered(key, answer)
        known = self.known.of(key)
        if known is not None and (before is None or before.word != known.word):
            self._report((known,))
        self._changed()

    def _report(self, news: Sequence[Cancellation]) -> None:
        """Show a message for each cancellation that is decided. Runs cancelled together get one message when all are decided."""
        waited_for = {key for keys in self._together for key in keys}
        for known in news:
            if known.key not in waited_for and not known.open:
                self._show_message(_sentence(model.message(known, self._now())), known.went_wrong)
        for keys in list(self._together):
            asked = [one for key in keys if (one := self.known.of(key)) is not None]
            if not any(one.open for one in asked):
                self._together.remove(keys)
                self._show_message(self._summary(asked), any(one.went_wrong for one in asked))

    def _summary(self, asked: Sequence[Cancellation]) -> str:
        worst = next((known for known in asked if known.went_wrong and known.explanation), None)
        text = model.summary(asked)
        return text if worst is None else f"{text}. {_sentence(model.message(worst, self._now()))}"


def _sentence(text: str) -> str:
    return text.rstrip(".")
