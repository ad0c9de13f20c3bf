"""Values at paths into raw runs: read with each changed body, and once more when the paths change."""

from __future__ import annotations

from flowtui.errors import TransportError

ENV = "m.env"


def cells(looks, name=ENV):
    return {raw_id: extras.cell(name) for raw_id, extras in looks.state.extras.items()}


async def test_without_paths_no_values_are_read(source, looks):
    source.add("t", 3, m={"env": "prod"})
    await looks.look()
    assert looks.state.extras == {}


async def test_the_first_observation_reads_the_values_of_all_runs(source, looks):
    source.add("t", 150, m={"env": "prod"})
    looks.observer.read_paths((ENV,))
    await looks.look()
    assert cells(looks) == dict.fromkeys(looks.state.runs, "prod")


async def test_a_changed_value_is_read_although_the_row_is_unchanged(source, looks):
    (run,) = source.add("t", m={"env": "prod"})
    looks.observer.read_paths((ENV,))
    await looks.look()
    source.change(run, m={"env": "staging"})
    await looks.look()
    assert looks.changes == []
    assert cells(looks) == {run: "staging"}


async def test_values_are_not_read_again_from_an_unchanged_body(source, looks):
    source.add("t", 3, m={"env": "prod"})
    looks.observer.read_paths((ENV,))
    await looks.look()
    known = looks.state.extras
    await looks.look()
    assert looks.state.extras is known
    assert [request.limit for request in looks.requests] == [20]


async def test_new_paths_are_read_once_from_the_whole_history(source, looks):
    source.add("t", 150, m={"env": "prod", "region": "eu"})
    await looks.look()
    load = [(request.limit, request.offset) for request in looks.requests]
    await looks.look()
    looks.observer.read_paths((ENV,))
    await looks.look()
    assert [(request.limit, request.offset) for request in looks.requests] == load
    assert looks.changes == []
    assert cells(looks) == dict.fromkeys(looks.state.runs, "prod")
    looks.observer.read_paths((ENV, "m.region"))
    assert set(cells(looks).values()) == {"prod"}  # kept until the next observation
    await looks.look()
    assert cells(looks, "m.region") == dict.fromkeys(looks.state.runs, "eu")
    await looks.look()
    assert [request.limit for request in looks.requests] == [20]


async def test_values_of_removed_paths_are_dropped_and_read_again_later(source, looks):
    (run,) = source.add("t", m={"env": "prod"})
    looks.observer.read_paths((ENV,))
    await looks.look()
    looks.observer.read_paths(())
    assert looks.state.extras == {}
    await looks.look()
    assert looks.state.extras == {}
    looks.observer.read_paths((ENV,))
    await looks.look()
    assert cells(looks) == {run: "prod"}


async def test_values_are_read_after_a_failed_observation(source, looks):
    source.add("t", 150, m={"env": "prod"})
    await looks.look()
    looks.observer.read_paths((ENV,))
    source.trouble["runs", "t"] = [None, TransportError("GET: reset")]
    try:
        await looks.look()
    except TransportError:
        pass
    else:
        raise AssertionError("the second page was to fail")
    await looks.look()
    assert cells(looks) == dict.fromkeys(looks.state.runs, "prod")


async def test_values_of_a_run_that_is_requested_alone_are_read(source, looks):
    (deep,) = source.add("t", status="running", m={"env": "old"})
    source.add("t", 130, m={"env": "prod"})
    looks.observer.read_paths((ENV,))
    await looks.look()
    source.change(deep, m={"env": "new"}, status="completed")
    await looks.look()
    assert cells(looks)[deep] == "new"


async def test_new_paths_make_the_poller_read_all_threads(source, start, clock):
    source.add("a", 2, m={"env": "prod"})
    source.add("b", 2, m={"env": "staging"})
    poller = await start(quiet_interval=1000.0)
    await clock.advance(30)
    poller.paths = [ENV]
    assert poller.paths == (ENV,)
    await clock.advance(30)
    found = {
        extras.cell(ENV) for state in poller.snapshot().threads.values() for extras in state.extras.values()
    }
    assert found == {"prod", "staging"}
    asked = len(source.requests)
    poller.paths = (ENV,)
    await clock.settle()
    assert len(source.requests) == asked
