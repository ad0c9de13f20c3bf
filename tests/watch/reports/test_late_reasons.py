"""A failure whose reason takes long is told at once, and its reason when it comes; one without a reason says so."""

from __future__ import annotations

import asyncio
import re

import pytest


@pytest.fixture
def slow(world, clock):
    """A failed run whose spans come 15 seconds late, while another run goes on."""
    world.add("thr_a", "run_1", "running")
    world.add("thr_a", "run_2", "running", agent="agent_b")
    world.traced["run_1"] = [
        {"is_exception": True, "span_name": "running tool crm", "message": "crm 502: no"}
    ]
    calm, come = world.spans, asyncio.Event()

    async def later(query):
        await come.wait()
        return await calm(query)

    world.spans = later
    clock.at(10, lambda: world.move("run_1", "failed"))
    clock.at(30, come.set)
    clock.at(60, lambda: world.move("run_2", "completed"))


async def test_events(slow, watch):
    result = await watch("thr_a")
    (failed,) = [event for event in result.named("run.status") if event["to"] == "failed"]
    assert (failed["reason"], failed["reason_number"], failed["reason_state"]) == (None, None, "awaited")
    (late,) = result.named("run.reason")
    assert (late["run_id"], late["reason"], late["reason_number"]) == ("run_1", "tool error: crm 502", 1)
    assert (late["failure_reason"], late["reason_source"]) == ("crm 502: no", "tool crm")
    (reason,) = result.summary["reasons"]
    assert (reason["id"], reason["count"]) == (late["reason_id"], 1)


async def test_lines(slow, watch):
    lines = (await watch("thr_a", output="plain")).out.splitlines()
    (failed,) = [line for line in lines if "FAILED" in line]
    assert "   reason not known yet   see: flowtui run run_1 -t thr_a" in failed
    (late,) = [line for line in lines if "reason: " in line]
    assert late.endswith("thr_a  run_1  reason: #1 tool error: crm 502")
    assert lines.index(failed) < lines.index(late)


async def test_rows(slow, watch):
    stage = {"size": lambda: (120, 30)}
    out = (await watch("thr_a", output="tty", stage=stage)).out
    assert re.search(r"× failed     run_1       checkout          10s         —  reason not known yet", out)
    assert re.search(r"  reason     run_1       checkout          10s         —  #1 crm 502: no", out)


async def test_a_failure_without_a_reason_says_so(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    clock.at(10, lambda: world.move("run_1", "failed"))
    result = await watch("thr_a")
    assert result.named("run.status")[0]["reason_state"] == "not found"
    assert (result.summary["reasons"], result.summary["reasons_unknown"]) == ([], 1)
    world.add("thr_a", "run_2", "running")
    clock.at(clock.elapsed + 10, lambda: world.move("run_2", "failed"))
    assert "   no reason found   see: " in (await watch("thr_a", output="plain")).out
