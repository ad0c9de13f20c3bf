"""`watch --gate` in fake time: when it ends, with which code and output."""

from __future__ import annotations

import json

import pytest

from flowtui.errors import NotFoundError, ServerError, UsageError
from flowtui.model.gate import parse_gate
from flowtui.watch.options import GatePlan, Options

from ..conftest import BEGIN

TEXT = "failure_rate <= base + 10%"


def options(text=TEXT, *, compare=3600.0, min_runs=20, by_agent=False, since=0.0, **more):
    gate = GatePlan(parse_gate(text), text, compare, min_runs, by_agent)
    defaults = {"until": "gate", "settle": 5.0, "fail_on": frozenset(), "wait_start": float("inf")}
    return {"gate": gate, "since": BEGIN + since, **defaults, **more}


def past(world, *, runs=100, failed=5, agent="agent_a", thread="thr_a"):
    """Add `runs` ended runs in the hour before the watch began; `failed` of them, evenly spread, have failed."""
    for number in range(runs):
        status = "failed" if number * failed % runs < failed else "completed"
        world.add(thread, f"old_{thread}_{agent}_{number}", status, created=-3500 + 30 * number, agent=agent)


def release(world, clock, *, runs, failed, agent="agent_a", thread="thr_a", every=5.0, start=10.0):
    """Add `runs` ended runs, one each `every` seconds; `failed` of them, evenly spread, have failed."""

    def add(number):
        status = "failed" if number * failed % runs < failed else "completed"
        world.add(thread, f"new_{thread}_{agent}_{number}", status, agent=agent)

    for number in range(runs):
        clock.at(start + every * number, lambda number=number: add(number))


async def test_a_gate_passes_once_it_is_certain_and_has_settled(world, clock, watch):
    past(world)
    release(world, clock, runs=400, failed=0)
    result = await watch("thr_a", **options())
    assert (result.code, result.summary["gate"]["verdict"]) == (0, "PASS")
    assert "the gate is met" in result.summary["reason"]
    passed = next(event for event in result.named("gate") if event["verdict"] == "PASS")
    assert passed["rows"][0]["judged"] >= 20
    assert result.clock.elapsed < 900, "it does not wait for all of them"


async def test_a_gate_fails_as_soon_as_it_is_certain(world, clock, watch):
    past(world)
    release(world, clock, runs=400, failed=400)
    result = await watch("thr_a", **options())
    assert result.code == 1
    assert "the gate is not met: failed share of" in result.summary["reason"]
    assert result.clock.elapsed < 120, "a catastrophe needs few runs"
    assert result.summary["failed"] == [], "no run is blamed: the gate is"


async def test_too_few_runs_are_inconclusive_and_the_needed_number_is_named(world, clock, watch):
    past(world)
    release(world, clock, runs=6, failed=1)
    result = await watch("thr_a", **options(timeout=300.0))
    gate = result.summary["gate"]
    assert (result.code, gate["verdict"]) == (4, "INCONCLUSIVE")
    assert result.summary["reason"].startswith("--timeout 5m 00s reached, the gate is undecided: ")
    assert gate["needed"] >= 20
    assert gate["rows"][0]["new"]["n"] == 6


async def test_a_gate_without_runs_waits_for_the_timeout(world, watch):
    past(world)
    result = await watch("thr_a", **options(timeout=300.0))
    assert (result.code, result.clock.elapsed >= 300) == (4, True)
    result = await watch("thr_a", **options(timeout=600.0, wait_start=30.0))
    assert result.code == 6


async def test_failed_runs_do_not_fail_a_gate_that_allows_them(world, clock, watch):
    past(world, failed=30)
    release(world, clock, runs=400, failed=3)
    text = "failure_rate <= base + 20%"
    assert (await watch("thr_a", **options(text))).code == 0


async def test_with_fail_on_a_failed_run_is_exit_1_although_the_gate_is_met(world, clock, watch):
    past(world, failed=30)
    release(world, clock, runs=400, failed=50)
    text = "failure_rate <= base + 20%"
    result = await watch("thr_a", **options(text, fail_on=frozenset({"failed"})))
    assert (result.code, result.summary["gate"]["verdict"]) == (1, "PASS")
    assert "4 failed" in result.summary["reason"]


async def test_fail_fast_with_a_gate_ends_at_the_first_failure(world, clock, watch):
    past(world)
    release(world, clock, runs=40, failed=1)
    result = await watch("thr_a", **options(fail_on=frozenset({"failed"}), fail_fast=True))
    assert (result.code, result.clock.elapsed < 30) == (1, True)


async def test_the_gate_judges_cancelled_runs(world, clock, watch):
    past(world)
    release(world, clock, runs=400, failed=0)
    clock.at(12, lambda: world.move("new_thr_a_agent_a_0", "cancelled", completed_at=None))
    assert (await watch("thr_a", **options())).code == 0


async def test_by_agent_one_bad_agent_fails_the_gate(world, clock, watch):
    for agent in ("agent_a", "agent_b"):
        past(world, agent=agent, thread=f"thr_{agent}")
        bad = 400 if agent == "agent_b" else 0
        release(world, clock, runs=400, failed=bad, agent=agent, thread=f"thr_{agent}")
    result = await watch(**options(by_agent=True))
    rows = {row["agent"]: row["verdict"] for row in result.summary["gate"]["rows"]}
    assert (result.code, rows["billing"]) == (1, "FAIL")
    assert rows["checkout"] != "FAIL"
    assert "billing: failed share" in result.summary["reason"]


async def test_only_the_wanted_agent_counts_on_both_sides(world, clock, watch):
    past(world)
    past(world, agent="agent_b", runs=100, failed=100)
    release(world, clock, runs=100, failed=100, agent="agent_b")
    release(world, clock, runs=400, failed=0)
    result = await watch("thr_a", **options(agent="checkout"))
    assert result.code == 0
    assert result.summary["gate"]["base"]["runs"] == 100


async def test_a_gate_does_not_pass_during_an_outage(world, clock, watch):
    past(world)
    release(world, clock, runs=30, failed=0)
    clock.at(200, lambda: world.trouble.update(all=lambda: ServerError("GET: 503", status=503)))
    result = await watch("thr_a", **options(timeout=260.0))
    assert result.code == 4
    assert "503" in result.summary["reason"]


async def test_an_outage_from_the_start_is_exit_3_without_a_gate_in_the_summary(world, watch):
    world.thread("thr_a")
    world.trouble["all"] = lambda: ServerError("GET: 503", status=503)
    result = await watch("thr_a", **options(timeout=600.0, give_up_after=30.0))
    assert result.code == 3
    assert "gate" not in result.summary, "there is nothing to show"


async def test_an_incomplete_base_is_not_compared(world, clock, watch):
    past(world)
    release(world, clock, runs=400, failed=400)
    world.trouble["thr_gone"] = lambda: NotFoundError("GET: 404: no such thread", status=404)
    result = await watch("thr_a", "thr_gone", **options(timeout=300.0))
    gate = result.summary["gate"]
    assert (result.code, gate["verdict"]) == (4, "INCONCLUSIVE")
    assert gate["missing"] == "not all runs before the mark are known for thr_gone: GET: 404: no such thread"
    assert {row["verdict"] for row in gate["rows"]} == {"INCONCLUSIVE"}


async def test_a_limit_without_base_needs_no_base_runs(world, clock, watch):
    past(world)
    release(world, clock, runs=400, failed=400)
    world.trouble["thr_gone"] = lambda: NotFoundError("GET: 404: no such thread", status=404)
    result = await watch("thr_a", "thr_gone", **options("failure_rate <= 10%", timeout=900.0))
    assert result.code == 1


async def test_once_ends_a_gate_at_once_with_exit_0_1_6_or_8(world, clock, watch):
    past(world)
    assert (await watch("thr_a", **options(once=True))).code == 6
    world.add("thr_a", "new", "completed", created=-50)
    result = await watch("thr_a", **options(once=True, since=-50.0))
    assert (result.code, result.summary["reason"][:22]) == (8, "the gate is undecided:")
    for number in range(80):
        world.add("thr_a", f"new_{number}", "completed", created=-40 + number / 4)
    assert (await watch("thr_a", **options(once=True, since=-50.0))).code == 0
    assert (await watch("thr_a", **options("failure_rate > 50%", once=True, since=-50.0))).code == 1


async def test_gate_events_come_with_changes_and_heartbeats(world, clock, watch):
    past(world)
    release(world, clock, runs=6, failed=1)
    result = await watch("thr_a", **options(timeout=250.0, heartbeat=60.0))
    gates = result.named("gate")
    assert len(gates) >= 5
    assert result.named("watch.started")[0]["gate"] == TEXT
    assert {*gates[0]} >= {"verdict", "rows", "needed", "new_signatures", "base", "new", "missing"}
    assert [key for key in gates[-1] if key not in ("v", "event", "at")] == list(result.summary["gate"])


async def test_new_failures_are_named(world, clock, watch):
    past(world, failed=3)
    release(world, clock, runs=400, failed=400)

    def fails(text):
        return [{"is_exception": True, "span_name": "running tool x", "message": text}]

    for number in range(400):
        world.traced[f"new_thr_a_agent_a_{number}"] = fails("KeyError: 'tax_rate' in line 88")
        world.traced[f"old_thr_a_agent_a_{number}"] = fails("crm 502: bad gateway")
    result = await watch("thr_a", **options())
    gate = result.summary["gate"]
    (new,) = gate["new_signatures"]
    assert "tax_rate" in new["text"]
    assert (new["count"] > 1, gate["unexplained"]) == (True, 0)
    (reason,) = gate["new_reasons"]
    assert (reason["text"], reason["count"]) == (new["text"], new["count"])
    assert reason["source"]
    assert len(reason["reason_id"]) == 10


async def test_a_gate_out_of_reach_is_told_once_with_the_runs_that_it_takes(world, clock, watch, capsys):
    past(world)
    release(world, clock, runs=6, failed=1)
    result = await watch("thr_a", **options("failure_rate <= base + 2%", timeout=360.0, heartbeat=60.0))
    reach = result.summary["gate"]["reach"]
    assert (reach["base"], reach["expected"], reach["within"]) == (100, 10, False)
    assert reach["needed"] > 500
    told = capsys.readouterr().err
    assert told.count("an unchanged release needs about") == 1
    for text in (told, reach["warning"]):
        assert "--compare 1h 00m has 100 runs and --timeout 6m 00s brings about 10" in text
    assert result.named("watch.started")[0]["gate_warning"] is None


async def test_a_gate_without_margin_is_told_at_the_start(world, watch, capsys):
    past(world)
    result = await watch("thr_a", **options("failure_rate <= base", timeout=60.0))
    told = capsys.readouterr().err
    assert told.count("failure_rate <= base has no margin") == 1
    assert "such as base + 10%" in told
    started = result.named("watch.started")[0]
    assert started["gate_warning"] in told


async def test_a_gate_in_reach_is_not_warned_about(world, watch, capsys):
    for number in range(40):
        past(world, runs=6, failed=int(number < 2), thread=f"thr_{number}")
    result = await watch(**options("failure_rate <= base + 30%", timeout=600.0))
    assert result.summary["gate"]["reach"]["within"]
    assert result.summary["gate"]["reach"]["warning"] is None
    assert "unchanged" not in capsys.readouterr().err


async def test_names_of_agents_are_display_safe(world, clock, watch):
    world.names["agent_a"] = "evil\x1b[2J\u202e"
    past(world)
    release(world, clock, runs=40, failed=40)
    result = await watch("thr_a", output="plain", **options(by_agent=True))
    assert "\x1b" not in result.out
    assert "\u202e" not in result.out
    assert "evil␛[2J�" in result.out


@pytest.mark.parametrize(
    "words",
    [
        {"new": True, "since": None},
        {"latest": True},
        {"runs": frozenset({"r"})},
        {"expect": 3},
        {"fail_fast": True},
    ],
)
def test_options_that_a_gate_excludes(words):
    with pytest.raises(UsageError):
        Options(**{**options(), **words}).check()


async def test_the_summary_file_and_json_have_the_gate(world, clock, watch):
    past(world)
    release(world, clock, runs=40, failed=40)
    result = await watch("thr_a", output="json", **options())
    assert json.loads(result.out)["gate"]["verdict"] == "FAIL"
