"""In which order the evidence of failed runs is fetched: agents by their share of the failures, the newest run first."""

from __future__ import annotations

from collections import Counter

from flowtui.model.run.parsing import parse_run
from flowtui.source.read.unexplained import Unexplained


def a_run(run_id, status="failed", agent="agent_1", created=0.0):
    return parse_run({"id": run_id, "status": status, "agent_id": agent, "created_at": created}, "thr_1")


def taken(waiting, most=100):
    found = []
    while len(found) < most and (run := waiting.next()) is not None:
        found.append(run.raw_id)
        waiting.remove(run)
    return found


def test_the_newest_failed_run_of_an_agent_comes_first():
    runs = [a_run(f"run_{at}", created=float(at)) for at in (3, 1, 2)]
    others = [a_run("run_4", "completed", created=4.0), a_run(None, created=5.0)]
    waiting = Unexplained([*runs, *others])
    assert len(waiting) == 3
    assert waiting.next() == waiting.next()  # it waits until it is removed
    assert taken(waiting) == ["run_3", "run_2", "run_1"]
    assert waiting.next() is None


def test_agents_take_turns_by_their_number_of_failures():
    many = [a_run(f"many_{at}", agent="many", created=1.0) for at in range(60)]
    few = [a_run(f"few_{at}", agent="few", created=100.0 + at) for at in range(20)]
    one = [a_run("one_0", agent="", created=1000.0)]  # of an unknown agent
    order = taken(Unexplained([*one, *few, *many]))
    assert len(order) == 81
    first = Counter(name.partition("_")[0] for name in order[:20])
    assert first == {"many": 15, "few": 5}
    assert order[0].startswith("many")
    assert "one_0" in order[60:]


def test_a_run_that_was_removed_never_waits_again():
    run, other = a_run("run_1", created=2.0), a_run("run_2", created=1.0)
    waiting = Unexplained([run])
    waiting.remove(run)
    waiting.remove(run)
    waiting.remove(other)  # it is not known yet
    waiting.add(run)
    waiting.add(other)
    waiting.add(other)
    assert waiting.keys == {other.key}
    assert taken(waiting) == ["run_2"]


def test_a_run_can_wait_again_after_it_was_removed():
    runs = [a_run("run_1", created=1.0), a_run("run_2", created=2.0)]
    waiting = Unexplained(runs)
    waiting.again(a_run("run_3"))  # it is not known yet
    waiting.again(runs[0])  # it waits already
    assert taken(waiting, 1) == ["run_2"]
    waiting.again(runs[1])
    waiting.again(runs[1])
    assert len(waiting) == 2
    assert taken(waiting) == ["run_2", "run_1"]


def test_a_run_waits_once_it_has_failed():
    waiting = Unexplained()
    waiting.add(a_run("run_1", "running"))
    assert waiting.next() is None
    waiting.add(a_run("run_1"))
    assert waiting.next() == a_run("run_1")


def test_runs_that_left_memory_are_forgotten():
    runs = [a_run(f"run_{at}", created=float(at)) for at in range(500)]
    waiting = Unexplained(runs)
    waiting.remove(runs[0])
    for run in runs[:499]:
        waiting.forget(run)
    waiting.forget(runs[0])
    assert (len(waiting), taken(waiting)) == (1, ["run_499"])
    assert len(waiting._agents["agent_1"].waiting) < 150
    waiting.forget(runs[499])
    assert (len(waiting), waiting._agents, waiting._seen) == (0, {}, set())
    waiting.add(runs[3])
    assert waiting.latest(5) == [runs[3].key]
