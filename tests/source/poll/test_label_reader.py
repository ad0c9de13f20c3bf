"""When the wanted labels are read, and what a failure of these requests means."""

from __future__ import annotations

import json
import random

import pytest

from flowtui.errors import (
    ApiError,
    AuthError,
    ForbiddenError,
    NotFoundError,
    RejectedError,
    ServerError,
    UnreadableError,
)
from flowtui.model.run.label_terms import LabelTerms
from flowtui.model.run.parsing import parse_runs
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.label_reading import LabelReading, LabelWish
from flowtui.source.http.reply import Reply
from flowtui.source.poll.intervals import Intervals
from flowtui.source.poll.label_reader import LABELS, LabelReader
from flowtui.source.poll.observer import Observer
from flowtui.source.poll.schedule import Schedule
from flowtui.source.read.budgeted_calls import Calls

from ...clocks import BEGIN, JumpingClock

TERMS = LabelTerms(labels=(("release", "42"),))


def span(run, **labels):
    return {"span_id": f"s_{run}", "thread_id": "thr_a", "run_id": run, "seekr_metadata": labels}


class Scene:
    """A reader of three known runs. `answer`: the spans of each answer, or the error; `queries`: what was asked."""

    def __init__(self):
        self.clock = JumpingClock()
        self.answer = []
        self.queries = []
        self.woken = 0
        self.schedule = Schedule(random.Random(1))
        self.observer = Observer(Calls(self, self.clock), 10, 2.0, ["thr_a"])
        raws = [{"id": f"run_{n}", "status": "running", "created_at": BEGIN - n} for n in range(3)]
        rows = parse_runs(json.dumps(raws).encode(), "thr_a").rows
        state, _ = apply_runs(ThreadState("thr_a", 2.0), rows, at=BEGIN, whole=True)
        self.observer.states["thr_a"] = state
        self.reader = LabelReader(self.observer, self.schedule, Intervals(2.0, 30.0, 300))
        self.reader.wake = self.wake

    def wake(self):
        self.woken += 1

    async def spans(self, query):
        self.queries.append(query)
        if isinstance(self.answer, Exception):
            raise self.answer
        return Reply(json.dumps(self.answer).encode(), "", None, 0.0, None)

    def want(self, *numbers):
        self.reader.want(LabelWish(TERMS, frozenset(("thr_a", f"run_{n}") for n in numbers)))

    async def turn(self):
        """Let time pass until labels are due, and read them as the poller does; return after how many seconds, None: never."""
        due = self.schedule.next_due()
        if due is None:
            return None
        waited = due - self.clock.elapsed
        self.clock.elapsed = max(due, self.clock.elapsed)
        assert self.schedule.pop(self.clock.elapsed) == LABELS
        try:
            await self.reader.read(self.charge)
        except ApiError as error:
            self.reader.failed(error, self.clock.elapsed)
        else:
            self.reader.answered(self.clock.elapsed)
        return waited

    async def charge(self):
        pass


@pytest.fixture
def scene():
    return Scene()


async def test_nothing_is_asked_unless_labels_are_wanted(scene):
    assert (scene.schedule.next_due(), scene.reader.reading()) == (None, LabelReading())


async def test_labels_are_read_at_once_and_then_no_more(scene):
    scene.answer = [span("run_0", release="42"), span("run_1", release="41")]
    scene.want(0, 1)
    assert (await scene.turn(), scene.woken) == (0.0, 1)
    facts = scene.observer.states["thr_a"].span_facts
    assert [TERMS.match(facts.get(f"run_{n}")) for n in range(3)] == [True, False, None]
    assert (await scene.turn(), len(scene.queries)) == (None, 1)
    scene.want(2)
    scene.answer = [span("run_2")]
    assert 0 < await scene.turn() <= 2.0


async def test_a_run_that_no_span_names_is_asked_for_less_and_less_and_is_sought(scene):
    scene.want(0)
    waits = [await scene.turn() for _ in range(12)]
    assert waits[0] == 0.0
    assert waits[1] <= 2.0
    assert 20 < max(waits) <= 34.0
    assert len(scene.queries) <= 2 * len(waits), "each reading asks for matching runs, and for this one"
    (key, since), *rest = scene.reader.reading().sought.items()
    assert (key, rest, BEGIN < since < BEGIN + 5) == (("thr_a", "run_0"), [], True)
    scene.want(0, 1)
    assert await scene.turn() <= 2.0, "a new run is not kept waiting"
    scene.want()
    assert scene.reader.reading() == LabelReading()
    assert scene.schedule.next_due() is None


@pytest.mark.parametrize(
    ("error", "retried"),
    [
        (AuthError("401", status=401), False),
        (ForbiddenError("403", status=403), False),
        (NotFoundError("404", status=404), True),
        (ServerError("500", status=500), True),
        (UnreadableError("garbage"), True),
    ],
)
async def test_a_failure_is_kept_until_an_answer_comes(error, retried, scene):
    scene.answer = error
    scene.want(0)
    await scene.turn()
    failure = scene.reader.reading().failure
    assert (failure.kind, failure.final, failure.since) == (error.kind, not retried, BEGIN)
    if retried:
        for _ in range(5):
            assert await scene.turn() <= 60.0
        assert (scene.reader.reading().failure.attempts, scene.reader.reading().failure.since) == (6, BEGIN)
    else:
        assert await scene.turn() is None
    scene.answer = [span("run_0")]
    scene.reader.hasten(scene.clock.elapsed)
    await scene.turn()
    assert scene.reader.reading().failure is None


async def test_labels_wanted_anew_after_a_failure_are_read(scene):
    scene.answer = ServerError("500", status=500)
    scene.want(0)
    await scene.turn()
    scene.want()
    scene.answer = [span("run_1")]
    scene.want(1)
    await scene.turn()
    assert "run_1" in scene.observer.states["thr_a"].span_facts


async def test_a_refusal_of_the_narrow_query_is_no_failure(scene):
    scene.answer = RejectedError("422", status=422)
    scene.want(0)
    await scene.turn()
    assert (scene.reader.reading().failure, "metadata" in scene.queries[-1]) == (None, True)
    scene.answer = [span("run_0")]
    await scene.turn()
    assert "metadata" not in scene.queries[-1]
    assert "run_0" in scene.observer.states["thr_a"].span_facts


@pytest.mark.parametrize("answer", [{"data": "x"}, [1, None, "x"], [{"span_id": "s"}]])
async def test_an_answer_that_names_no_run_is_unreadable(answer, scene):
    scene.answer = answer
    scene.want(0)
    await scene.turn()
    assert scene.reader.reading().failure.kind == "unreadable"
