"""The fields of the summary that say what to do next."""

from __future__ import annotations

import pytest

from flowtui.errors import ServerError
from flowtui.model.gate import parse_gate
from flowtui.model.query.query import parse
from flowtui.watch.options import GATE, MATCH, GatePlan

from ...clocks import BEGIN
from ..conftest import iso


def ended(world, thread, run, status, at, **fields):
    world.add(thread, run, status, created=at - 10, **{f"{status}_at": iso(BEGIN + at)}, **fields)


async def test_the_first_failed_run_is_the_one_that_ended_first(world, watch):
    ended(world, "thr_a", "run_1", "failed", -10.0)
    ended(world, "thr_b", "run_2", "failed", -40.0, agent="agent_b")
    ended(world, "thr_b", "run_3", "completed", -50.0)
    summary = (await watch(since=BEGIN - 120, mark="release-42")).summary
    first = summary["first_failed"]
    assert (first["run_id"], first["agent"], first["after_s"]) == ("run_2", "billing", 80.0)
    assert (first["mark"], first["at"], first["reason_number"]) == ("release-42", iso_z(-40.0), None)
    assert summary["next"] == first["see"] == "flowtui run run_2 -t thr_b"


def iso_z(seconds):
    return iso(BEGIN + seconds).replace("+00:00", ".000Z")


@pytest.mark.parametrize(
    ("status", "given", "code", "command", "advice"),
    [
        ("completed", {}, 0, None, None),
        ("running", {"timeout": 5.0}, 4, "flowtui run run_1 -t thr_a", "give a longer --timeout"),
        ("running", {"once": True}, 8, "flowtui run run_1 -t thr_a", "without --once flowtui waits"),
        ("cancelled", {}, 5, "flowtui run run_1 -t thr_a", None),
        ("running", {"stall": 5.0, "timeout": 90.0}, 7, "flowtui run run_1 -t thr_a", None),
        (
            "running",
            {"stall": 5.0, "fail_on": frozenset({"stalled"})},
            1,
            "flowtui run run_1 -t thr_a",
            None,
        ),
        (None, {"wait_start": 5.0}, 6, "flowtui runs", "give a longer --wait-start"),
        (None, {"once": True}, 6, "flowtui runs", "without --once flowtui waits"),
        (
            None,
            {"wait_start": 5.0, "fail_on": frozenset({"missing"})},
            1,
            "flowtui runs",
            "give a longer --wait-start",
        ),
        (
            "completed",
            {"until": MATCH, "query": parse("status:failed")},
            6,
            "flowtui runs",
            "check --for, or give --follow to watch later runs too",
        ),
        (
            "completed",
            {"agent": "nobody", "wait_start": 5.0},
            6,
            "flowtui runs",
            "check --agent: the API lists no agent called 'nobody'",
        ),
        (
            "completed",
            {"agent": "Checkuot", "wait_start": 5.0},
            6,
            "flowtui runs",
            "check --agent: the API lists no agent called 'Checkuot'. Did you mean checkout?",
        ),
    ],
)
async def test_each_end_has_its_next_step(status, given, code, command, advice, *, world, watch):
    world.thread("thr_a")
    if status is not None:
        world.add("thr_a", "run_1", status, created=-60)
    summary = (await watch("thr_a", **given)).summary
    assert (summary["exit"], summary["next"], summary["advice"]) == (code, command, advice)


async def test_no_command_names_an_element_without_an_id(world, watch, tmp_path):
    world.add("thr_a", "run_1", "completed", created=-60)
    world.threads_there["thr_a"].append({"id": None, "status": "running", "is_active": True})
    report = tmp_path / "report.xml"
    summary = (await watch("thr_a", timeout=5.0, junit_file=str(report))).summary
    assert (summary["exit"], summary["next"], summary["advice"]) == (
        4,
        "flowtui runs",
        "give a longer --timeout",
    )
    text = report.read_text()
    assert "flowtui run unreadable-" not in text
    assert "see: flowtui runs<" in text


async def test_without_any_answer_the_gate_knows_nothing_and_the_connection_is_to_be_checked(world, watch):
    world.trouble["all"] = lambda: ServerError("503: down", status=503)
    plan = GatePlan(parse_gate("failure_rate <= 5%"), "failure_rate <= 5%", 3600.0)
    summary = (await watch(until=GATE, gate=plan, since=BEGIN - 60, fail_on=frozenset(), timeout=5.0)).summary
    assert (summary["exit"], summary["next"]) == (4, "flowtui doctor")
    assert summary["gate"]["missing"] == "the list of threads has not been read: 503: down"
    assert "wider limit" not in summary["advice"]


async def test_outages_are_counted_with_their_time(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    clock.at(10, lambda: world.trouble.update(all=lambda: ServerError("503", status=503)))
    clock.at(40, world.trouble.clear)
    clock.at(90, lambda: world.move("run_1", "completed"))
    outages = (await watch("thr_a")).summary["outages"]
    assert outages["count"] == 1
    assert 25 <= outages["seconds"] <= 45
    world.trouble["all"] = lambda: ServerError("503", status=503)
    summary = (await watch("thr_a", give_up_after=5.0)).summary
    assert (summary["exit"], summary["next"], summary["outages"]["count"]) == (3, "flowtui doctor", 1)


async def test_a_name_that_no_agent_has_is_said_at_once(world, watch, capsys):
    world.add("thr_a", "run_1", "completed", created=-60)
    summary = (await watch("thr_a", agent="Checkuot", new=True, timeout=30.0, wait_start=90.0)).summary
    assert summary["exit"] == 4
    said = "flowtui: --agent: the API lists no agent called 'Checkuot'. Did you mean checkout?\n"
    assert capsys.readouterr().err == said
    await watch("thr_a", agent="Checkout")
    assert capsys.readouterr().err == ""


async def test_a_thread_that_does_not_exist_is_no_outage(watch):
    summary = (await watch("thr_none")).summary
    assert (summary["exit"], summary["outages"]["count"]) == (3, 0)
