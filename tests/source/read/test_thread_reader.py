"""The requests of one observation of a thread, and its result. No polling loop, no schedule."""

from __future__ import annotations

import json

import pytest

from flowtui.errors import AuthError, ServerError, TransportError, UnreadableError, UsageError
from flowtui.model.state.changes import APPEARED, CHANGED, LET_GO, NOT_SEEN, SEEN_AGAIN
from flowtui.model.state.known_runs import Failure
from flowtui.source.poll import observer as observer_module
from flowtui.source.read import thread_reader as reading_module

# -- the first observation


@pytest.mark.parametrize(
    ("there", "history", "read"), [(0, 200, 0), (30, 200, 30), (350, 200, 200), (350, 90, 90)]
)
async def test_the_first_observation_reads_the_wanted_history(source, looks_of, there, history, read):
    looks = looks_of(history)
    source.runs_of["t"] = []
    source.add("t", there)
    requests, changes = await looks.look()
    assert len(changes) == len(looks.state.runs)
    assert len(looks.state.runs) == read
    assert looks.state.let_go == 0
    assert len(requests) <= 3
    assert list(looks.state.runs) == [raw["id"] for raw in source.runs_of["t"]][: len(looks.state.runs)]
    assert looks.state.whole == (there < 200 and history == 200)


# -- later observations


async def test_a_later_observation_is_one_small_page(source, looks):
    source.add("t", 95)
    await looks.look()
    (new,) = source.add("t")
    requests, changes = await looks.look()
    assert [(request.limit, request.offset) for request in requests] == [(20, 0)]
    assert changes == [(APPEARED, new)]
    assert len(looks.state.runs) == 96
    assert looks.state.not_seen == frozenset()


@pytest.mark.parametrize("new", [19, 20, 45, 300])
async def test_however_many_runs_are_new_all_are_read(source, looks, new):
    source.add("t", 95)
    await looks.look()
    ids = source.add("t", new)
    requests, changes = await looks.look()
    assert sorted(found for found in changes if found[0] != LET_GO) == sorted((APPEARED, one) for one in ids)
    assert len(requests) <= 1 + new // 80 + 1
    assert list(looks.state.runs) == [raw["id"] for raw in source.runs_of["t"]][:200]
    assert looks.state.let_go == max(0, 95 + new - 200) == sum(kind == LET_GO for kind, _ in changes)


async def test_a_server_with_small_pages_loses_nothing(source, looks, monkeypatch):
    answer = source.runs

    async def capped(key, *, limit, **options):
        return await answer(key, limit=min(limit, 7), **options)

    monkeypatch.setattr(source, "runs", capped)
    source.add("t", 60)
    await looks.look()
    source.add("t", 33)
    await looks.look()
    assert list(looks.state.runs) == [raw["id"] for raw in source.runs_of["t"]]


# -- a body equal to the last one


async def test_an_unchanged_body_is_not_parsed_and_moves_nothing(source, clock, looks, monkeypatch):
    source.add("t", 30)
    await looks.look()
    await looks.look()  # the page of later observations
    runs, observed = looks.state.runs, looks.state.observed
    monkeypatch.setattr(reading_module, "parse_runs", lambda *_: pytest.fail("parsed"))
    monkeypatch.setattr(observer_module.known_runs, "apply_runs", lambda *_, **__: pytest.fail("compared"))
    _, changes = await looks.look()
    assert changes == []
    assert looks.state.runs is runs
    assert looks.state.observed == observed + 2


async def test_a_long_page_is_recognised_by_its_digest(source, looks, monkeypatch):
    source.add("t", 20, instructions="x" * 10_000)
    await looks.look()
    await looks.look()
    assert looks.observer.reader._pages.held < 1000
    monkeypatch.setattr(reading_module, "parse_runs", lambda *_: pytest.fail("parsed"))
    assert (await looks.look())[1] == []
    monkeypatch.undo()
    source.runs_of["t"][0]["status"] = "failed"
    assert len((await looks.look())[1]) == 1


async def test_an_unchanged_body_ends_a_failure(source, looks):
    source.add("t", 3)
    await looks.look()
    looks.observer.fail_runs("t", Failure("server", "down", 0.0))
    await looks.look()
    assert looks.state.failure is None


# -- active runs beyond the newest page, and runs that are gone


@pytest.mark.parametrize(("depth", "cost"), [(10, 1), (30, 1), (90, 1), (150, 2)])
async def test_an_old_active_run_is_followed_until_it_ends(source, looks, depth, cost):
    (run,) = source.add("t", status="running")
    source.add("t", depth)
    await looks.look()
    requests, changes = await looks.look()
    assert changes == []
    assert len(requests) == cost
    source.change(run, status="completed", completed_at="2027-01-01T00:00:00Z")
    _, changes = await looks.look()
    assert changes == [(CHANGED, run)]
    assert looks.state.runs[run].status == "completed"
    requests, _ = await looks.look()
    assert [(request.what, request.limit) for request in requests] == [("runs", 20)]


async def test_many_old_active_runs_are_read_in_turn(source, looks):
    stuck = source.add("t", 9, status="running")
    source.add("t", 150)
    await looks.look()
    asked = []
    for _ in range(9):
        requests, _ = await looks.look()
        assert len(requests) <= 3
        asked += [request.key for request in requests if request.what == "run"]
    assert sorted(set(asked)) == sorted(stuck)
    assert max(asked.count(run) for run in stuck) - min(asked.count(run) for run in stuck) <= 1


async def test_an_old_run_that_is_gone_is_not_requested_again(source, looks):
    (run,) = source.add("t", status="running")
    source.add("t", 150)
    await looks.look()
    source.remove(run)
    _, changes = await looks.look()
    assert changes == [(NOT_SEEN, run)]
    assert run in looks.state.runs
    assert not looks.observer.moving("t"), "a run that is gone does not make its thread moving"
    requests, changes = await looks.look()
    assert (len(requests), changes) == (1, [])


async def test_a_failure_of_one_old_run_affects_no_other(source, looks):
    (run,) = source.add("t", status="running")
    source.add("t", 150)
    await looks.look()
    source.trouble["run", run] = ServerError("500", status=500)
    (new,) = source.add("t")
    assert (await looks.look())[1] == [(APPEARED, new)]
    source.trouble["run", run] = UsageError("'..' is no id")
    await looks.look()
    source.trouble["run", run] = AuthError("401", status=401)
    looks.observer.reader._gone.clear()
    with pytest.raises(AuthError):
        await looks.look()


async def test_a_run_that_the_page_lacks_is_not_seen_and_not_deleted(source, looks):
    source.add("t", 30)
    await looks.look()
    gone = source.runs_of["t"][4]
    source.remove(gone["id"])
    _, changes = await looks.look()
    assert changes == [(NOT_SEEN, gone["id"])]
    assert gone["id"] in looks.state.runs
    source.runs_of["t"].insert(4, gone)
    assert (await looks.look())[1] == [(SEEN_AGAIN, gone["id"])]
    assert looks.state.not_seen == frozenset()


async def test_an_active_run_that_only_the_list_lacks_causes_no_changes(source, looks):
    source.add("t", 30)
    (run,) = source.add("t", status="running")
    source.add("t", 5)
    await looks.look()
    raw = next(raw for raw in source.runs_of["t"] if raw["id"] == run)
    whole = list(source.runs_of["t"])
    lacking = json.dumps([other for other in whole[:20] if other is not raw]).encode()
    source.trouble["runs", "t"] = lacking
    for _ in range(3):
        assert (await looks.look())[1] == []
    assert run not in looks.state.not_seen


# -- broken answers


async def test_a_truncated_body_keeps_the_good_rows(source, looks):
    source.add("t", 30)
    await looks.look()
    new = source.add("t", 3)
    source.change(new[0], status="failed")
    gone = source.runs_of["t"][5]["id"]
    source.remove(gone)
    body = json.dumps(source.runs_of["t"][:20]).encode()
    source.trouble["runs", "t"] = [body[: len(body) // 2]]
    with pytest.raises(UnreadableError, match="Runs of t"):
        await looks.look()
    assert sorted((change.kind, change.after.raw_id) for change in looks.changes) == [
        (APPEARED, raw_id) for raw_id in sorted(new)
    ]
    assert len(looks.state.runs) == 33
    assert next(iter(looks.state.runs)) == new[-1]
    assert looks.state.not_seen == frozenset()
    _, changes = await looks.look()
    assert changes == [(NOT_SEEN, gone)], (
        "a run is missing only after a complete answer; new runs are not reported again"
    )


async def test_rows_saved_from_an_incomplete_page_are_compared_later(source, looks):
    (run,) = source.add("t", status="running")
    source.add("t", 150)
    await looks.look()
    await looks.look()
    gone = source.runs_of["t"][5]["id"]
    source.remove(gone)
    source.trouble["run", run] = [TransportError("reset")]
    with pytest.raises(TransportError):
        await looks.look()
    assert looks.changes == []
    assert (await looks.look())[1] == [(NOT_SEEN, gone)]


async def test_saved_rows_do_not_hide_the_rows_between(source, looks):
    """A row of a broken answer does not prove that all rows below it were read."""
    source.add("t", 30)
    await looks.look()
    ids = source.add("t", 150)
    source.trouble["runs", "t"] = [None, TransportError("reset")]
    with pytest.raises(TransportError):
        await looks.look()
    saved = len(looks.changes)
    assert saved == 20
    source.trouble["runs", "t"] = [json.dumps(source.runs_of["t"][:20]).encode()[:-5]]
    with pytest.raises(UnreadableError):
        await looks.look()
    _, changes = await looks.look()
    assert len(changes) == 130
    assert set(ids) <= set(looks.state.runs)
    assert list(looks.state.runs) == [raw["id"] for raw in source.runs_of["t"]]
    assert len((await looks.look())[0]) == 1


async def test_an_invalid_element_is_not_a_known_run(source, looks):
    """All `null` elements are equal: one on the newest page does not prove that all below it were read."""
    source.add("t", 30)
    source.runs_of["t"].insert(3, None)
    await looks.look()
    ids = source.add("t", 150)
    source.runs_of["t"].insert(3, None)
    await looks.look()
    assert set(ids) <= set(looks.state.runs)


async def test_a_run_that_is_read_twice_has_its_last_state(source, looks, monkeypatch):
    """A list that changes is read again. If a run has changed meanwhile, both of its states were seen."""
    source.add("t", 150)
    answer, asked = source.runs, []

    async def moving(key, **options):
        asked.append(options["offset"])
        if len(asked) == 2:  # so that the walk is repeated
            source.add("t")
        if asked.count(0) == 2:
            source.change(source.runs_of["t"][5]["id"], status="failed")
        return await answer(key, **options)

    monkeypatch.setattr(source, "runs", moving)
    await looks.look()
    assert asked.count(0) >= 2
    assert looks.state.runs[source.runs_of["t"][5]["id"]].status == "failed"
    assert [
        change.kind for change in looks.changes if change.after.raw_id == source.runs_of["t"][5]["id"]
    ] == [
        APPEARED,
        CHANGED,
    ]


async def test_an_incomplete_first_observation_keeps_its_rows(source, looks):
    source.add("t", 150)
    source.trouble["runs", "t"] = [None, ServerError("500", status=500)]
    with pytest.raises(ServerError):
        await looks.look()
    assert len(looks.state.runs) == 100
    assert looks.state.observed is None
    await looks.look()
    assert len(looks.state.runs) == 150
    assert looks.state.whole


async def test_a_page_of_a_proxy_changes_nothing(source, looks):
    source.add("t", 3)
    await looks.look()
    runs = looks.state.runs
    source.trouble["runs", "t"] = b"<html>502 Bad Gateway</html>"
    for _ in range(2):
        with pytest.raises(UnreadableError):
            await looks.look()
    assert looks.state.runs is runs
    source.trouble.clear()
    assert (await looks.look())[1] == []
