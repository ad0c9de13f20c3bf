"""Plays a case to a real watch, as a list of updates in fake time, and keeps everything that the watch says."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from flowtui.errors import ApiError, AuthError, ForbiddenError, NotFoundError, RateLimitedError, ServerError
from flowtui.model.feed import FETCH
from flowtui.model.run.parsing import parse_runs, parse_thread
from flowtui.model.run.row import RunKey
from flowtui.model.state.changes import Change
from flowtui.model.state.known_runs import (
    Failure,
    ThreadState,
    apply_failure,
    apply_request,
    apply_runs,
    apply_thread,
)
from flowtui.watch.output.formats import FormatContext, make_format
from flowtui.watch.output.hooks import Hooks
from flowtui.watch.output.output import Output
from flowtui.watch.runner import Watch
from flowtui.watch.signals import Signals

from ...clocks import JumpingClock
from ...feeds import ListFeed
from .draws import Case
from .world import AGENTS, Answer, Heard

_ERRORS: Final = {
    401: AuthError,
    403: ForbiddenError,
    404: NotFoundError,
    429: RateLimitedError,
    500: ServerError,
}
_RETRY: Final = 2.0
_LONGEST: Final = 20_000.0


@dataclass(frozen=True)
class Played:
    """What a watch said: its exit code, the lines of `-o jsonl`, the summary file.

    `ended`: when, in seconds since its begin.
    """

    code: int
    events: list[dict[str, Any]]
    document: dict[str, Any]
    ended: float

    @property
    def summary(self) -> dict[str, Any]:
        """The last event."""
        return self.events[-1]

    @property
    def reason(self) -> str:
        """The sentence beside the exit code."""
        return str(self.summary["reason"])


class AnswerFeed(ListFeed):
    """A feed whose updates are the answers of a world, and which tells after some seconds why a run failed."""

    def __init__(self, case: Case, clock: JumpingClock) -> None:
        super().__init__(clock, can=() if case.fetching is None else (FETCH,), interval=case.world.interval)
        unread = {key: ThreadState(key, interval=self.interval) for key in case.wanted.threads}
        self.latest = replace(self.latest, agents=AGENTS, threads=unread)
        self._fetching = case.fetching

    async def fetch_spans(self, key: RunKey, offset: int = 0, *, oldest_first: bool = False) -> list[Any]:
        if self._fetching is None or offset or oldest_first:
            return []
        await self.clock.wait(asyncio.Event(), self._fetching)
        return [{"run_id": key[1], "is_exception": True, "message": why_of(key[1]), "level": 17}]

    def take(self, heard: Heard) -> None:
        """Make one update of what was heard at one moment."""
        at, changes = self.clock.now(), list[Change]()
        threads, failure = {**self.latest.threads}, self.latest.list_failure
        if heard.listing is not None and heard.listing.failed:
            failure = _failure(heard.listing.failed, at).after(failure)
        elif heard.listing is not None:
            failure = None
            for key, active in heard.listing.threads.items():
                state = threads.get(key) or ThreadState(key, interval=self.interval)
                row = {"id": key, "status": "locked" if active else "available", "active_run_id": active}
                threads[key] = apply_thread(state, parse_thread(row), at=at)
        for answer in heard.answers:
            state = threads.get(answer.thread) or ThreadState(answer.thread, interval=self.interval)
            threads[answer.thread], new = _after(state, answer, at)
            changes += new
        listed = self.latest.listed or failure is None
        self.push(replace(self.latest, at=at, threads=threads, listed=listed, list_failure=failure), changes)


def _failure(status: int, at: float) -> Failure:
    error: ApiError = _ERRORS[status](f"GET: {status}: trouble", status=status)
    return Failure(error.kind, str(error), at, retry_at=at + _RETRY if error.retryable else None)


def _after(state: ThreadState, answer: Answer, at: float) -> tuple[ThreadState, list[Change]]:
    if answer.failed:
        return apply_failure(apply_request(state, at), _failure(answer.failed, at)), []
    raws = [life.raw(answer.at) for life in answer.lives]
    return apply_runs(state, parse_runs(json.dumps(raws).encode(), answer.thread).rows, at=at, whole=True)


def why_of(run: str) -> str:
    """Return why a run of a simulated world failed."""
    return f"the tool of {run} broke"


async def play(case: Case, folder: Path, output: str = "jsonl") -> Played:
    """Run one watch of a case in fake time. `output`: jsonl, or another format, whose text is then the only event."""
    clock, signals, stream = JumpingClock(), Signals(), io.StringIO()
    feed = AnswerFeed(case, clock)
    file = folder / "summary.json"
    file.unlink(missing_ok=True)
    options = case.wanted.options(output, case.world.interval, str(file))
    options.check()
    for heard in case.heard:
        clock.at(heard.at, lambda heard=heard: feed.take(heard))
    if case.signal is not None:
        number, moment = case.signal
        clock.at(moment, lambda: signals._take(number))
    target = make_format(output, FormatContext(output=Output(stream), zone=UTC, interval=options.interval))
    task = asyncio.create_task(Watch(feed, options, target, Hooks((), {}, clock), signals).run())
    try:
        code = await clock.run(task, _LONGEST)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    lines = stream.getvalue().splitlines()
    events = [json.loads(line) for line in lines] if output == "jsonl" else [{"text": stream.getvalue()}]
    return Played(code, events, json.loads(file.read_text()), clock.elapsed)
