"""`--for idle` without --follow waits for all runs of its threads, also for those that are not watched."""

from __future__ import annotations

import pytest

from flowtui.errors import AuthError, ServerError

REFUSED = AuthError("GET: 401: no key", status=401)
DOWN = ServerError("GET: 503: down", status=503)


@pytest.mark.parametrize(("error", "ended_by"), [(REFUSED, "refused"), (DOWN, "give_up_after")])
async def test_an_outage_after_the_last_watched_run_has_ended_is_noticed(error, ended_by, world, watch):
    world.add("thr_a", "run_1", "completed", created=-50)
    world.clock.at(15, lambda: world.trouble.update(all=lambda: error))
    result = await watch("thr_a", until="idle", settle=20.0, give_up_after=40.0)
    assert (result.code, result.summary["ended_by"]) == (3, ended_by)
    assert len(result.named("poll.error")) == 1
    assert world.clock.elapsed < 60


async def test_the_sentence_names_runs_that_are_not_watched(world, clock, watch):
    world.add("thr_a", "run_1", "completed", created=-50)
    clock.at(5, lambda: world.add("thr_a", "run_2", "running"))
    result = await watch("thr_a", until="idle", timeout=30.0)
    assert (result.code, result.summary["ended"]) == (
        4,
        "--timeout 30s reached, runs that are not watched are active",
    )
