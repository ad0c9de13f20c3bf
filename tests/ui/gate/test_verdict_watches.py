"""Gates that are watched while other screens are open: judged again with new runs, told once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.gate import parse_gate
from flowtui.model.gate.answer import Question
from flowtui.model.history.past import LIVE, Reach, Watched
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.gate import verdict_watches
from flowtui.ui.gate.verdict_watches import VerdictWatches

from ...past import ListPast, reader_of
from ..services import FakeServices

NOW = 1_800_000_000.0
CUT = NOW - 600
QUESTION = Question(Mark(CUT, "release-42"), 1_800.0, parse_gate("failure_rate <= 20%"), 20, by_agent=False)
COMPARED = QUESTION._replace(gate=parse_gate("failure_rate <= base + 20%"))


@pytest.fixture
def world(a_run):
    """Return a snapshot with ten runs before the mark, and so many after it, of which the first failed."""

    def make(after, failed=0, *, whole=True):
        def one(name, created, status):
            end = {"failed": created + 3} if status == "failed" else {"completed": created + 3}
            return a_run(name, status, created=created, started=created + 1, **end)

        old = [one(f"old_{n:02}", CUT - 60 * (n + 1), "completed") for n in range(10)]
        new = [one(f"new_{n:02}", CUT + n, "failed" if n < failed else "completed") for n in range(after)]
        state, _ = apply_runs(ThreadState("thr_1", 2.0), [*reversed(new), *old], at=NOW, whole=whole)
        return Snapshot(NOW, {"thr_1": state}, {}, listed=True)

    return make


async def test_a_verdict_is_told_once_and_then_the_watch_has_ended(world):
    services, told = FakeServices(NOW), []
    watches = VerdictWatches(services, reader_of(), told.append)
    assert watches.toggle(QUESTION)
    assert watches.watches[0].name == "since release-42: failure_rate <= 20%"
    watches.tick(None)
    undecided = world(3, 1)
    for _ in range(2):  # the second time, it is not judged: nothing has changed
        watches.tick(undecided)
        watches.tick(undecided)
        await services.work()
    assert (told, len(watches.watches)) == ([], 1)
    bad = world(40, 36)
    watches.tick(bad)
    assert not services.started  # too soon
    services.clock += 60
    watches.tick(bad)
    await services.work()
    [notice] = told
    assert (notice.kind, notice.title, notice.severity) == ("gate", "Deploy gate: release-42", "error")
    assert notice.text == "FAIL since release-42: failed share of 38 judged runs is 94.7%, surely above 20%"
    assert watches.watches == ()
    watches.tick(world(50, 40))
    assert not services.started


async def test_a_snapshot_with_the_same_runs_is_not_judged_again(world):
    services = FakeServices(NOW)
    watches = VerdictWatches(services, reader_of(), [].append)
    watches.toggle(QUESTION)
    undecided = world(3, 1)
    watches.tick(undecided)
    await services.work()
    services.clock += 60
    watches.tick(replace(undecided, at=NOW + 1))
    assert not services.started
    watches.tick(replace(undecided, at=NOW + 10))  # time alone may change a verdict
    assert services.started


async def test_several_gates_take_turns_and_share_one_rest(world, monkeypatch):
    services, judged = FakeServices(NOW), []
    monkeypatch.setattr(verdict_watches, "_answer", _noting(judged))
    watches = VerdictWatches(services, reader_of(), [].append)
    watches.toggle(QUESTION)
    watches.toggle(COMPARED)
    for runs in range(3, 7):
        watches.tick(world(runs, 1))
        await services.work()
        watches.tick(world(runs, 1))
        assert not services.started  # the other gate rests as well
        services.clock += 60
    assert judged == [QUESTION, COMPARED] * 2


def _noting(judged):
    real = verdict_watches._answer

    def noted(question, *rest):
        judged.append(question)
        return real(question, *rest)

    return noted


async def test_a_good_release_is_told_too(world):
    services, told = FakeServices(NOW), []
    watches = VerdictWatches(services, reader_of(), told.append)
    watches.toggle(QUESTION)
    watches.tick(world(60))
    await services.work()
    assert (told[0].text, told[0].severity) == (
        "PASS since release-42: every limit is surely kept",
        "information",
    )


async def test_a_watch_that_was_ended_meanwhile_is_not_told(world):
    services, told = FakeServices(NOW), []
    watches = VerdictWatches(services, reader_of(), told.append)
    watches.toggle(QUESTION)
    watches.tick(world(60, 60))
    assert not watches.toggle(QUESTION)
    await services.work()
    assert told == []


async def test_runs_that_are_missing_come_from_the_history(world):
    whole = world(60, 60)
    known = [Watched(NOW - 86_400, NOW, LIVE)]
    past = ListPast(list(whole.runs()), known, reached={"thr_1": Reach(NOW, True, float("inf"))})
    services, told = FakeServices(NOW), []
    watches = VerdictWatches(services, reader_of(past, services), told.append)
    watches.toggle(COMPARED)
    part = world(60, 60, whole=False)
    state = part.threads["thr_1"]
    runs = {raw_id: run for raw_id, run in state.runs.items() if run.created >= CUT}
    part = replace(part, threads={"thr_1": replace(state, runs=runs)})
    watches.tick(part)
    await services.work()  # judged without the base, then the history is read
    await services.work()
    assert told == []
    watches.tick(part)
    await services.work()
    assert told[0].text.startswith("FAIL since release-42")
