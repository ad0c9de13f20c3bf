"""Values at paths beside the rows: read with every body that differs, and once more when other paths are wanted."""

from __future__ import annotations

from flowtui.errors import TransportError

ENV = "m.env"


def cells(looks, name=ENV):
    return {raw_id: extras.cell(name) for raw_id, extras in looks.state.extras.items()}


async def test_nothing_is_read_that_nobody_wants(source, looks):
    source.add("t", 3, m={"env": "prod"})
    await looks.look()
    assert looks.state.extras == {}


async def test_the_first_look_reads_what_is_wanted_of_all_runs(source, looks):
    source.add("t", 150, m={"env": "prod"})
    looks.observer.paths = (ENV,)
    await looks.look()
    assert cells(looks) == dict.fromkeys(looks.state.runs, "prod")


async def test_a_changed_value_is_read_also_where_nothing_else_changed(source, looks):
    (run,) = source.add("t", m={"env": "prod"})
    looks.observer.paths = (ENV,)
    await looks.look()
    source.change(run, m={"env": "staging"})
    await looks.look()
    assert looks.changes == []
    assert cells(looks) == {run: "staging"}


async def test_an_unchanged_body_costs_nothing(source, looks):
    source.add("t", 3, m={"env": "prod"})
    looks.observer.paths = (ENV,)
    await looks.look()
    known = looks.state.extras
    await looks.look()
    assert looks.state.extras is known
    assert [request.limit for request in looks.requests] == [20]


async def test_other_paths_are_read_of_the_whole_history_once_though_no_body_changed(source, looks):
    source.add("t", 150, m={"env": "prod", "region": "eu"})
    await looks.look()
    load = [(request.limit, request.offset) for request in looks.requests]
    await looks.look()
    looks.observer.paths = (ENV,)
    await looks.look()
    assert [(request.limit, request.offset) for request in looks.requests] == load
    assert looks.changes == []
    assert cells(looks) == dict.fromkeys(looks.state.runs, "prod")
    looks.observer.paths = (ENV, "m.region")
    assert set(cells(looks).values()) == {"prod"}  # as fresh as the rows until the next look
    await looks.look()
    assert cells(looks, "m.region") == dict.fromkeys(looks.state.runs, "eu")
    await looks.look()
    assert [request.limit for request in looks.requests] == [20]


async def test_what_nobody_wants_any_more_is_forgotten_and_read_anew_when_it_is(source, looks):
    (run,) = source.add("t", m={"env": "prod"})
    looks.observer.paths = (ENV,)
    await looks.look()
    looks.observer.paths = ()
    assert looks.state.extras == {}
    await looks.look()
    assert looks.state.extras == {}
    looks.observer.paths = (ENV,)
    await looks.look()
    assert cells(looks) == {run: "prod"}


async def test_a_look_that_failed_is_made_up_for(source, looks):
    source.add("t", 150, m={"env": "prod"})
    await looks.look()
    looks.observer.paths = (ENV,)
    source.trouble["runs", "t"] = [None, TransportError("GET: reset")]
    try:
        await looks.look()
    except TransportError:
        pass
    else:
        raise AssertionError("the second page was to fail")
    await looks.look()
    assert cells(looks) == dict.fromkeys(looks.state.runs, "prod")


async def test_a_run_that_is_asked_for_alone_has_its_values_too(source, looks):
    (deep,) = source.add("t", status="running", m={"env": "old"})
    source.add("t", 130, m={"env": "prod"})
    looks.observer.paths = (ENV,)
    await looks.look()
    source.change(deep, m={"env": "new"}, status="completed")
    await looks.look()
    assert cells(looks)[deep] == "new"


async def test_the_poller_looks_at_everything_when_other_paths_are_wanted(source, start, clock):
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
