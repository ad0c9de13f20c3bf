"""The observer alone: the list of threads, names of agents, the server's clock. Without polling loop and schedule."""

from __future__ import annotations

import pytest

from flowtui.errors import NotFoundError, TransportError
from flowtui.model.state.changes import LET_GO
from flowtui.model.state.health import Coverage
from flowtui.model.state.known_runs import Failure
from flowtui.source.clock import ServerClock
from flowtui.source.poll import observer as observer_module
from flowtui.source.poll.observer import Observer
from flowtui.source.read.budgeted_calls import Calls


async def free():
    """Allow each request at once."""


# -- the list of threads


async def test_only_named_threads_are_known(source, looks):
    source.add("t")
    source.add("other")
    source.locks = {"t": "run_t_0", "other": "run_other_0"}
    await looks.observer.see_threads(free, whole=True)
    assert set(looks.observer.states) == {"t"}
    assert looks.state.thread.locked
    assert list(looks.observer.urgent) == ["t"]


def everybody(source, clock):
    return Observer(Calls(source, clock), 200, 2.0)


async def test_finding_a_new_thread_in_a_known_list_takes_one_request(source, clock):
    observer = everybody(source, clock)
    for number in range(5):
        source.add(f"t{number}")
    await observer.see_threads(free, whole=False)
    assert len(observer.states) == 5
    count = len(source.requests)
    source.add("new")
    observer.urgent.clear()
    await observer.see_threads(free, whole=False)
    assert len(source.requests) == count + 1
    assert list(observer.urgent) == ["new"]


async def test_more_new_threads_than_a_page_are_all_found(source, clock):
    observer = everybody(source, clock)
    source.add("old")
    await observer.see_threads(free, whole=False)
    for number in range(250):
        source.add(f"t{number}")
    await observer.see_threads(free, whole=False)
    assert len(observer.states) == 251


async def test_an_invalid_element_is_not_a_known_thread(source, clock):
    observer = everybody(source, clock)
    source.add("old")
    source.runs_of[""] = []
    await observer.see_threads(free, whole=False)
    for number in range(250):
        source.add(f"t{number}")
    source.runs_of[""] = source.runs_of.pop("")
    await observer.see_threads(free, whole=False)
    assert len(observer.states.keys() - {""}) == 251


async def test_an_incomplete_list_keeps_its_threads_and_is_read_again(source, clock):
    observer = everybody(source, clock)
    source.add("old")
    await observer.see_threads(free, whole=False)
    for number in range(150):
        source.add(f"t{number}")
    source.trouble["threads", ""] = [None, TransportError("reset")]
    observer.urgent.clear()
    with pytest.raises(TransportError):
        await observer.see_threads(free, whole=False)
    assert len(observer.urgent) == 100
    await observer.see_threads(free, whole=False)
    assert len(observer.states) == 151
    assert len(observer.urgent) == 150


async def test_an_unchanged_list_is_not_parsed_again_but_counts_as_observed(
    source, clock, looks, monkeypatch
):
    source.add("t")
    await looks.observer.see_threads(free, whole=False)
    monkeypatch.setattr(observer_module, "parse_threads", lambda *_: pytest.fail("parsed"))
    clock.elapsed += 5
    await looks.observer.see_threads(free, whole=False)
    assert looks.state.thread_at == clock.now()


async def test_only_a_changed_lock_is_urgent(source, clock):
    observer = everybody(source, clock)
    source.add("t", status="running")
    await observer.see_threads(free, whole=False)
    observer.urgent.clear()
    await observer.see_threads(free, whole=False)
    assert not observer.urgent
    source.locks["t"] = "run_t_0"
    await observer.see_threads(free, whole=False)
    assert list(observer.urgent) == ["t"]
    observer.urgent.clear()
    source.locks["t"] = "run_t_1"
    await observer.see_threads(free, whole=False)
    assert list(observer.urgent) == ["t"]
    source.locks.clear()
    observer.urgent.clear()
    await observer.see_threads(free, whole=False)
    assert list(observer.urgent) == ["t"]


async def test_elements_without_an_id_are_no_threads(source, clock):
    observer = everybody(source, clock)
    source.trouble["threads", ""] = [b'[{"id": "t"}, {}, 7, null]', b"[]"]
    await observer.see_threads(free, whole=False)
    assert set(observer.states) == {"t"}


async def test_reading_the_list_ends_once_all_named_threads_are_found(source, clock):
    observer = Observer(Calls(source, clock), 200, 2.0, ["t450"])
    for number in range(500):
        source.add(f"t{number}")
    await observer.see_threads(free, whole=True)
    assert len(source.requests) == 1
    assert observer.states["t450"].thread is not None


async def test_the_lock_of_a_named_thread_is_seen_however_deep_it_lies(source, clock):
    observer = Observer(Calls(source, clock), 200, 2.0, ["t5"])
    for number in range(300):
        source.add(f"t{number}")
    await observer.see_threads(free, whole=True)
    source.locks["t5"] = "run_t5_0"
    await observer.see_threads(free, whole=True)
    assert observer.states["t5"].thread.locked


async def test_a_failing_list_remembers_since_when(source, clock):
    observer = everybody(source, clock)
    for at in (5.0, 9.0):
        observer.fail_list(Failure("server", "down", at))
    assert (observer.list_failure.since, observer.list_failure.attempts) == (5.0, 2)
    source.runs_of["t"] = []
    await observer.see_threads(free, whole=True)
    assert observer.list_failure is None


# -- agents and clocks


async def test_unknown_names_are_requested_once(source, looks):
    source.add("t", 2, agent_id="agent_gone")
    source.add("t", agent_id="")
    source.names = {"agent_a": "checkout"}
    await looks.look()
    changes = looks.changes
    assert looks.observer.unknown_agent(changes)
    await looks.observer.see_agents(free)
    assert looks.observer.agents == {"agent_a": "checkout"}
    assert not looks.observer.unknown_agent(changes)
    source.add("t", agent_id="agent_new")
    await looks.look()
    assert looks.observer.unknown_agent(looks.changes)


def offset_of(samples):
    clock = ServerClock()
    for server, now, elapsed in samples:
        clock.learn(server, now, elapsed)
    return clock.offset


def test_the_servers_clock_is_learned_from_its_dates():
    assert offset_of([]) == 0
    assert offset_of([(None, 50.0, 0.0)]) == 0
    assert offset_of([(100.0, 50.5, 0.0)]) == 50.0
    assert offset_of([(100.0, 50.5, 4.0)]) == 52.0, "the server answered halfway through"


@pytest.mark.parametrize("true", [-1.4, 0.0, 0.9, 1.4])
def test_differences_within_rounding_count_as_zero(true):
    assert offset_of([(float(int(now + true)), now, 0.0) for now in (100.0, 100.3, 100.6, 100.9)]) == 0


def test_one_odd_date_has_no_effect():
    assert offset_of([(100.0, 100.5, 0.0), (9e9, 101.5, 0.0), (102.0, 102.5, 0.0)]) == 0


def test_a_step_of_the_local_clock_is_learned_within_a_few_answers():
    assert offset_of([(100.0, 100.5, 0.0)] * 9 + [(101.0, 41.5, 0.0)] * 5) == 60.0


async def test_observing_a_thread_that_the_server_does_not_know_raises(source, looks):
    with pytest.raises(NotFoundError):
        await looks.look()


# -- how much is known


async def test_read_failing_and_unread_threads_are_counted_apart(source, clock):
    observer, down = everybody(source, clock), Failure("server", "500", since=clock.now())
    for key in "abcde":
        source.add(key)
    await observer.see_threads(free, whole=True)
    began = clock.now()
    for key in "abc":
        await observer.see_runs(key, free)
        clock.elapsed += 20
    for key in "ace":
        observer.fail_runs(key, down)
    assert observer.coverage() == Coverage(threads=5, read=3, failed=3, unread=1, oldest=began)
    await observer.see_runs("a", free)
    assert observer.coverage() == Coverage(threads=5, read=3, failed=2, unread=1, oldest=began + 20)


async def test_runs_leave_memory_and_no_reading_brings_them_back(source, looks_of):
    looks = looks_of(30)
    source.add("t", 25)
    await looks.look()
    for _ in range(10):
        source.add("t", 12)
        await looks.look()
    assert (len(looks.state.runs), looks.state.let_go) == (30, 115)
    calm = looks.state.runs
    requests, changes = await looks.look()
    assert (len(requests), changes) == (1, [])
    looks.observer.reader.short.add("t")  # a front end asks for the rest of the history
    await looks.observer.see_runs("t", free, deepen=True)
    assert (looks.observer.news, looks.state.let_go) == ([], 115)
    assert looks.state.runs == calm
    assert not looks.observer.short("t")


async def test_a_held_run_stays_in_memory(source, looks_of):
    looks = looks_of(20)
    (first,) = source.add("t", 1)
    await looks.look()
    held = {("t", first)}
    looks.observer.held = lambda: held
    source.add("t", 40)
    await looks.look()
    assert list(looks.state.runs)[20:] == [first]
    held.clear()
    assert (await looks.look())[1] == [(LET_GO, first)]
    assert len(looks.state.runs) == 20
