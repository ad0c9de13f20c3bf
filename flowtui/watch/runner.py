"""Runs a watch: takes the updates of a feed, prints events and judges until there is a verdict; then prints the summary.

The feed's clock is the only source of time. An outage raises no error, but is part of the snapshot. Even if flowtui
itself crashes, the watch ends with a summary.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flowtui.config.memory.marks import AGENT
from flowtui.model.export.json_text import to_json
from flowtui.model.feed import Feed
from flowtui.model.history.clocks import since_warning
from flowtui.model.run.row import FAILED, RunKey
from flowtui.model.state.changes import Change
from flowtui.model.state.label_reading import LabelWish
from flowtui.model.state.letting_go import EveryRun, Held
from flowtui.model.state.snapshot import Snapshot
from flowtui.source.read.tracing import fetch_why
from flowtui.watch import exits
from flowtui.watch.events import RUN_USAGE, Event
from flowtui.watch.judge.facts import Facts
from flowtui.watch.judge.gate import GateJudge
from flowtui.watch.judge.judge_input import JudgeInput
from flowtui.watch.judge.outcome import DEFECT, REFUSED, Verdict, tally_of
from flowtui.watch.judge.progress import Progress, progress_of
from flowtui.watch.judge.update_reducer import UpdateReducer
from flowtui.watch.judge.verdict import judge
from flowtui.watch.options import MATCH, Options
from flowtui.watch.output.formats.format import Format, LiveState
from flowtui.watch.output.hooks import Hooks
from flowtui.watch.output.output import print_error, write_file
from flowtui.watch.output.printing import Printer
from flowtui.watch.reason_numbers import Groups
from flowtui.watch.reports.closing import (
    Ending,
    OutageCount,
    closing_fields,
    unlisted_agent,
    with_reasons,
)
from flowtui.watch.reports.event_times import EventTimes
from flowtui.watch.reports.failure_reasons import MOST_OF_SIDE, FailureReasons
from flowtui.watch.reports.gate_events import GateEvents
from flowtui.watch.reports.heartbeat import heartbeat
from flowtui.watch.reports.started import started
from flowtui.watch.reports.summary import summary, with_runs
from flowtui.watch.signals import Signals

if TYPE_CHECKING:  # a watch without a gate needs no judge
    from flowtui.model.gate.answer import Answer
    from flowtui.model.gate.past_base import PastBase

_PACE: Final = 0.1  # minimum seconds between two updates; the changes in between are collected
_FRAME: Final = 0.2  # seconds between two frames of a live view
_LONGEST: Final = 5.0  # after at most so many seconds the conditions are checked again
_MATCH_AGAIN: Final = 1.0  # the same with `--for EXPR`: `age>5m` becomes true without an update
# fractions of --give-up-after at which an extra poll is made: else flowtui could give up during a long backoff
_ASK_AGAIN: Final = (0.5, 0.9)

_LOG: Final = logging.getLogger(__name__)


class Watch:
    """One watch. `run` starts and stops its feed. `past`: what the history says of the gate's base; None: nothing."""

    def __init__(
        self,
        feed: Feed,
        options: Options,
        target: Format,
        hooks: Hooks,
        signals: Signals | None = None,
        *,
        past: PastBase | None = None,
    ) -> None:
        self.clock = feed.clock
        self._feed = feed
        self._options = options
        self._format = target
        self._signals = signals or Signals()
        self._wake = asyncio.Event()
        self._second_signal = asyncio.Event()
        self._began = self.clock.monotonic()
        usage = target.usage or hooks.wants(RUN_USAGE)
        self._reducer = UpdateReducer(options, self.clock.now(), usage=usage)
        self._hooks = hooks
        self._printer = Printer(target, hooks, quiet=options.quiet, interval=options.interval)
        self._reasons = FailureReasons(
            partial(fetch_why, feed, redact=options.redact),
            self.clock,
            self._wake.set,
            self._reducer.ledger.runs,
            lambda: self._snapshot.agents,
        )
        selection = self._reducer.selection
        self._gate_judge = GateJudge(
            options, selection.admits, self._reasons.known, labels=selection.labels.side, past=past
        )
        self._gate_events = GateEvents(options)
        self._warned: set[int] = set()
        self._times = EventTimes()
        self._learned: Answer | None = None
        self._judge_input = JudgeInput(options, self._reducer, self._began, self._gate_judge)
        self._snapshot: Snapshot = feed.snapshot()
        self._taken: Snapshot | None = None
        feed.hold = self._held
        self._fresh = False
        self._changes: list[Change] = []
        self._outages = OutageCount()
        self._beat = self._began + options.heartbeat
        self._asked_again = 0
        self._wish = LabelWish()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def run(self) -> int:
        """Watch until there is a verdict, print the summary and return the exit code."""
        self._signals.wake_with(self._on_signal)
        if self._format.live:
            self._signals.pause_with(self._format.close, self._on_return)
        self._tasks = (asyncio.create_task(self._feed.run()), asyncio.create_task(self._read()))
        for task in self._tasks:
            task.add_done_callback(lambda _: self._wake.set())
        try:
            try:
                verdict = await self._watch()
            # The caller must get a verdict: after a crash of flowtui it is exit code 3, no answer.
            except Exception as error:  # noqa: BLE001
                verdict = self._defect(error)
            finally:
                for task in self._tasks:
                    task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            return await self._finish(verdict)
        finally:
            self._reasons.cancel()
            self._format.close()

    async def refuse(self, reason: str) -> int:
        """End the watch without polling: print `reason` in the summary, and return the exit code 3 (no answer)."""
        self._tell([started(self._options, self._snapshot.budget, self.clock.now())])
        return await self._finish(self._unanswered(REFUSED, reason))

    # -- until there is a verdict --------------------------------------------------------------------------------

    async def _watch(self) -> Verdict:
        self._tell([started(self._options, self._snapshot.budget, self.clock.now())])
        while True:
            self._wake.clear()
            verdict = self._step()
            if verdict is not None:
                return verdict
            if dead := next((task for task in self._tasks if task.done()), None):
                # A task has ended, so no update would come any more. (A poller restarts its own loop if it can.)
                await dead
                raise RuntimeError
            await self.clock.wait(self._wake, self._pause())

    async def _read(self) -> None:
        """Collect the feed's updates, at most one in 0.1 seconds. Each update has all changes since the one before."""
        async with aclosing(self._feed.updates()) as updates:
            async for update in updates:
                self._snapshot = update.snapshot
                self._changes += update.changes
                self._fresh = True
                self._wake.set()
                await self.clock.wait(asyncio.Event(), _PACE)

    def _step(self) -> Verdict | None:
        moment, now = self.clock.monotonic(), self.clock.now()
        if self._fresh:
            changes, self._changes, self._fresh = self._changes, [], False
            self._take(changes, moment)
        self._tell(self._reasons.release())
        facts = self._judge_input.facts(self._snapshot, moment, now, self._signals.caught)
        self._tell(self._gate_events.take(facts.gate, now))
        self._warn()
        self._learn_sides()
        verdict = judge(facts, self._options)
        if verdict is not None:
            return verdict
        self._ask_again()
        if moment >= self._beat:
            self._beat = moment + self._options.heartbeat
            beat = heartbeat(
                self._snapshot,
                self._reducer.ledger,
                self._options,
                self._judge_input.trouble,
                at=now,
                progress=self._progress(facts),
            )
            self._tell([beat, *self._gate_events.again(now)])
        self._printer.flush(moment)
        if self._format.live:
            self._draw(facts, moment, now)
        return None

    def _warn(self) -> None:
        """Say on stderr, each once, what may be wrong with the options. A live view says the first two by itself.

        These are: an unchanged release can hardly pass the gate; `--agent` may be mistyped; the clock of --since is off.
        """
        mistyped = self._unlisted_agent()
        warnings = (
            self._gate_events.warning,
            f"--agent: {mistyped}" if mistyped else "",
            self._clock_warning(),
        )
        for number, told in enumerate(warnings):
            if told and number not in self._warned and not self._format.live:
                print_error(told)
                self._warned.add(number)

    def _unlisted_agent(self) -> str:
        return "" if self._reducer.ledger.total else unlisted_agent(self._options, self._snapshot.agents)

    def _clock_warning(self) -> str:
        """Return that --since is by a clock far from the server's, unless only the server knew the time."""
        options, snapshot = self._options, self._snapshot
        if options.since is None or options.mark.startswith(AGENT) or not snapshot.clock_known:
            return ""
        return since_warning(snapshot.clock_offset)

    def _draw(self, facts: Facts, moment: float, now: float) -> None:
        trouble = self._judge_input.trouble
        board = LiveState(
            self._reducer.ledger,
            self._snapshot,
            moment - self._began,
            trouble.message if trouble is not None else self._unlisted_agent(),
            self._gate_events.fields,
            now,
            self._groups(),
            self._progress(facts),
        )
        self._format.draw(board)

    def _progress(self, facts: Facts) -> Progress:
        return progress_of(facts, self._options, met=self._judge_input.met_since is not None)

    def _groups(self) -> Groups:
        failed = self._reducer.ledger.counts.by_class.get(FAILED, 0)
        return self._reasons.numbers.groups(failed, self._gate_judge.failed_before)

    def _learn_sides(self) -> None:
        """After each new result of the gate, fetch why runs failed on both sides, to tell which failures are new."""
        if self._gate_judge.view is self._learned:
            return
        self._learned = self._gate_judge.view
        for run in self._gate_judge.failures(MOST_OF_SIDE):
            self._reasons.learn(run.key, most=2 * MOST_OF_SIDE)

    def _take(self, changes: list[Change], moment: float) -> None:
        view = self._gate_judge.view
        told = self._reducer.take(self._snapshot, changes, moment)
        self._reasons.forget(self._reducer.folded)
        self._printer.forget(self._reducer.folded)
        self._taken = self._snapshot
        labels = self._reducer.selection.labels
        if changes or view is None or view.sides.missing or labels.moved:
            self._gate_judge.refresh()
        wish = labels.wish(self._snapshot)
        if wish != self._wish and (wish.runs or self._wish.runs):
            self._wish = wish
            self._feed.read_labels(wish)
        for event in reversed(told):  # the newest first, as not all reasons are read
            if event.old_failure and event.run is not None and not self._options.gate:
                self._reasons.learn(event.run.key)  # for the summary
        # The line of a failure waits a few seconds for its reason.
        at_once = [self._reasons.hold(event) for event in told]
        self._tell([event for event in at_once if event is not None])

    def _held(self) -> Container[RunKey]:
        """Return the runs that must stay in the feed's memory. A gate judges all, and the first runs join only once all are read."""
        selection = self._reducer.selection
        if self._options.gate is not None or self._taken is None or not selection.loaded:
            return EveryRun()
        return Held(self._taken, {*self._reducer.ledger.undecided, *selection.labels.unread})

    def _tell(self, told: list[Event]) -> None:
        self._outages.take(told)
        if told:
            told = [self._times.dated(event) for event in told]
            self._printer.tell(told, self.clock.monotonic(), self._reducer.ledger.total)

    def _ask_again(self) -> None:
        trouble = self._judge_input.trouble
        if trouble is None:
            self._asked_again = 0
            return
        shares = _ASK_AGAIN[self._asked_again :]
        if shares and trouble.seconds >= shares[0] * self._options.give_up_after and not trouble.final:
            self._asked_again += 1
            self._feed.refresh()

    def _pause(self) -> float:
        """Return for how many seconds nothing need be done and no condition can become true, unless an update comes."""
        options, moment = self._options, self.clock.monotonic()
        judge_input, trouble = self._judge_input, self._judge_input.trouble
        dues = [self._beat, self._began + options.wait_start]
        dues += [
            due for due in (self._reasons.due, self._printer.due, self._gate_judge.due) if due is not None
        ]
        if options.time_limit is not None:
            dues.append(self._began + options.time_limit)
        if judge_input.met_since is not None:
            dues.append(judge_input.met_since + options.settle)
        if options.stall is not None:
            dues.append(max(self._reducer.ledger.moved_at, self._reducer.outage.over) + options.stall)
        if trouble is not None:
            shares = (*_ASK_AGAIN, 1.0)
            dues += [moment + share * options.give_up_after - trouble.seconds for share in shares]
        longest = _FRAME if self._format.live else _MATCH_AGAIN if options.until == MATCH else _LONGEST
        return min([longest, *(due - moment for due in dues if due > moment)])

    def _on_signal(self) -> None:
        self._wake.set()
        if self._signals.again:
            self._second_signal.set()

    def _on_return(self) -> None:
        self._format.resume()
        self._wake.set()

    # -- the end -------------------------------------------------------------------------------------------------

    async def _finish(self, verdict: Verdict) -> int:
        stopped = verdict.code in exits.SIGNALS
        if stopped:
            self._tell(self._reasons.release(everything=True))
        else:
            self._tell(await self._reasons.finish())
        moment, now = self.clock.monotonic(), self.clock.now()
        ledger, options, snapshot = self._reducer.ledger, self._options, self._snapshot
        self._tell(self._gate_events.take(self._gate_judge.last(snapshot), now))
        self._printer.flush(moment, last=True)
        reasons = self._reasons.known
        last = summary(
            verdict,
            ledger,
            ledger.failures(options.fail_on),
            reasons,
            at=now,
            seconds=moment - self._began,
            exit_zero=options.exit_zero,
            gate=self._gate_events.fields,
        )
        closing = closing_fields(
            Ending(ledger, options, verdict, self._gate_events.fields, last.fields["failed"]),
            self._groups(),
            self._reasons.numbers,
            snapshot.agents,
            outages=self._outages,
        )
        last = replace(last, fields={**last.fields, **closing})

        def document() -> dict[str, Any]:
            every = with_runs(last, ledger, snapshot.agents, snapshot.server_time(now), reasons)
            return with_reasons(every, self._reasons.numbers, reasons)

        self._format.finish(last, document)
        if self._format.live and (told := self._clock_warning()):
            print_error(told)
        self._hooks.tell([last])
        if options.summary_file is not None:
            write_file(options.summary_file, f"{to_json(document())}\n")
        if options.junit_file is not None:
            from flowtui.watch.output.junit import junit  # noqa: PLC0415  few watches write it

            write_file(options.junit_file, junit(document()))
        with suppress(asyncio.CancelledError):
            await self._hooks.finish(self._second_signal)
        code: int = last.fields["exit"]
        return code

    def _defect(self, error: Exception) -> Verdict:
        from flowtui.config import crash  # noqa: PLC0415  rarely needed

        # Only the type: the message may hold secrets.
        _LOG.error("the watch failed: %s", type(error).__name__)
        print_error(f"it crashed. The report, without your data: {crash.write_report(error)}")
        return self._unanswered(DEFECT, f"flowtui itself failed ({type(error).__name__})")

    def _unanswered(self, ended_by: str, ended: str) -> Verdict:
        tally = tally_of(self._reducer.ledger, self._options)
        return Verdict(
            code=exits.UNANSWERED,
            condition=self._options.condition,
            ended_by=ended_by,
            ended=ended,
            tally=tally,
        )
