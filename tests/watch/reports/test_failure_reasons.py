"""Events of a run whose failure waits for its reason keep their order."""

from __future__ import annotations

import asyncio
import gc
import weakref

from flowtui.model.messages.why import Why
from flowtui.model.run.parsing import parse_run
from flowtui.watch.events import NOT_FETCHED, RUN_FINDING, RUN_STATUS, Event
from flowtui.watch.reports.failure_reasons import FailureReasons

from ...clocks import JumpingClock


def event(name, run_id, at, status="failed"):
    run = parse_run({"id": run_id, "status": status}, "thr_a")
    return Event(name, at, {"thread_id": "thr_a", "run_id": run_id}, run=run)


async def test_later_events_of_a_run_wait_behind_its_failure():
    answer, clock = asyncio.Event(), JumpingClock()

    async def fetch(_key):
        await answer.wait()

    reasons = FailureReasons(fetch, clock, lambda: None, {}, dict)
    failed, finding = event(RUN_STATUS, "run_1", 5.0), event(RUN_FINDING, "run_1", 6.0)
    other = event(RUN_FINDING, "run_2", 6.0)
    assert [reasons.hold(each) for each in (failed, finding, other)] == [None, None, other]
    assert reasons.release() == []
    answer.set()
    await clock.settle()
    assert [(each.name, each.at) for each in reasons.release()] == [(RUN_STATUS, 5.0), (RUN_FINDING, 6.0)]
    assert reasons.hold(finding) is finding, "nothing of the run is held any more"


async def test_everything_can_be_released_without_reasons():
    async def never(_key) -> Why | None:
        await asyncio.Event().wait()

    reasons = FailureReasons(never, JumpingClock(), lambda: None, {}, dict)
    for each in (event(RUN_STATUS, "run_1", 5.0), event(RUN_FINDING, "run_1", 6.0)):
        reasons.hold(each)
    told = reasons.release(everything=True)
    assert [each.name for each in told] == [RUN_STATUS, RUN_FINDING]
    assert (told[0].fields["reason"], told[1].fields.get("reason", "no field")) == (None, "no field")
    reasons.cancel()


async def test_after_many_failures_a_new_reason_is_still_noticed():
    asked = []

    async def fetch(key):
        asked.append(key[1])

    clock = JumpingClock()
    reasons = FailureReasons(fetch, clock, lambda: None, {}, dict)
    for number in range(60):
        reasons.hold(event(RUN_STATUS, f"run_{number}", 0.0))
    await clock.settle()
    assert len(asked) == 50
    told = reasons.hold(event(RUN_STATUS, "run_60", 0.0))
    assert told.reason_state == NOT_FETCHED
    clock.elapsed = 12.0
    assert reasons.hold(event(RUN_STATUS, "run_61", 12.0)) is None
    await clock.settle()
    assert asked[50:] == ["run_61"]


async def test_what_is_fetched_is_not_kept_by_a_long_watch():
    made = []

    async def fetch(_key):
        made.append(asyncio.current_task())

    clock = JumpingClock()
    reasons = FailureReasons(fetch, clock, lambda: None, {}, dict)
    failed = event(RUN_STATUS, "run_1", 0.0)
    reasons.hold(failed)
    await clock.settle()
    reasons.release()
    reasons.forget([failed.run])
    task = weakref.ref(made.pop())
    gc.collect()
    assert task() is None
