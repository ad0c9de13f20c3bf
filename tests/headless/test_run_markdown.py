"""`flowtui run -o markdown`: the report of one run over real HTTP, and the parts that it names as missing."""

import json
import os
import re
import shlex
import shutil
import time
from pathlib import Path

import httpx
import pytest

from flowtui.model.export.markdown import markdown
from flowtui.model.state.marks import parse_deployments
from flowtui.simulator.faults import FAULTS

from .. import processes

GOLDEN = Path(__file__).parent / "golden" / "run-markdown.md"


@pytest.fixture
def failed(simulator):
    """(thread, run) of a run that failed."""
    world, now = simulator.world, simulator.calendar.now()
    for thread, name in enumerate(simulator.thread_ids()):
        runs = set(simulator.run_ids(name))
        for owner in range(world.threads):
            for number in range(world.timeline(owner).count(now)):
                if (
                    world.timeline(owner)[number].status(now) == "failed"
                    and world.run_id(owner, number) in runs
                ):
                    return name, world.run_id(owner, number)
        assert thread < world.threads
    raise AssertionError("nothing failed in this world")


@pytest.fixture(scope="module")
def ids():
    return "short"


def at_home(text, simulator):
    """Return a text with `HERE` in place of the simulator's address, whose port is random."""
    return text.replace(markdown(simulator.url), "HERE").replace(simulator.url, "HERE")


def test_a_complete_report(flowtui, simulator, failed):
    thread, run = failed
    assert flowtui("run", run, "-t", thread, "-o", "markdown") == 0
    assert flowtui.err == ""
    got = at_home(flowtui.out, simulator)
    if os.environ.get("FLOWTUI_GOLDEN") == "write":
        GOLDEN.write_text(got, encoding="utf-8", newline="\n")
    assert got == GOLDEN.read_text(encoding="utf-8")


def test_every_output_for_people_begins_with_the_reason(flowtui, failed):
    thread, run = failed
    assert flowtui("run", run, "-t", thread, "-o", "json") == 0
    reason = json.loads(flowtui.out)["flowtui"]["failure_reason"]
    assert reason
    assert flowtui("run", run, "-t", thread, "-o", "table") == 0
    assert re.fullmatch(rf"reason +{re.escape(reason)}   \(tool \w+\)", flowtui.out.splitlines()[0])
    assert flowtui("run", run, "-t", thread, "-o", "markdown") == 0
    assert flowtui.out.splitlines()[2].startswith(f"**Reason**: {markdown(reason)} (tool ")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("bad-gateway@spans", "Not loaded: spans"),
        ("bad-gateway@messages", "Not loaded: messages"),
    ],
)
def test_missing_parts_of_a_report_are_named(fault, said, flowtui, simulator, failed):
    simulator.add_fault(fault)
    thread, run = failed
    assert flowtui("run", run, "-t", thread, "-o", "markdown") == 0
    assert said in flowtui.out
    assert "## Look again" in flowtui.out


def test_an_unknown_run_has_no_report(flowtui, failed):
    assert flowtui("run", "nope", "-t", failed[0], "-o", "markdown") == 3
    assert flowtui.out == ""
    assert "404" in flowtui.err


def test_a_failed_result_without_error_text_takes_its_preview_as_the_reason(flowtui, simulator, failed):
    simulator.add_fault("bad-gateway@spans")
    thread, run = failed
    assert flowtui("run", run, "-t", thread, "-o", "markdown") == 0
    as_documented = flowtui.out
    simulator.add_fault("referenced-errors")
    assert flowtui("run", run, "-t", thread, "-o", "markdown") == 0
    tool_error = re.compile(r"\*\*Tool error\*\* of .*\n\n```\n(.*)\n(.*)\n")
    said, end = tool_error.search(as_documented).groups()
    assert end == "```"
    assert tool_error.search(flowtui.out).groups() == (said, "(9.1 MB, cut by the server)")


def test_times_without_a_zone_are_utc_in_runs_messages_and_spans(flowtui, simulator, failed, monkeypatch):
    """The report has times of all of them; the zone of this machine must not count."""
    thread, run = failed
    flowtui("run", run, "-t", thread, "-o", "markdown")
    with_zone = flowtui.out
    simulator.add_fault("naive-times@all")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        flowtui("run", run, "-t", thread, "-o", "markdown")
        agents = httpx.get(f"{simulator.url}/v2/flow/agents/", headers={"Authorization": "hunter2-key"})
        naive = parse_deployments(agents.content)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "created_at" not in flowtui.out
    assert flowtui.out == with_zone
    assert not any(agent["last_deployed_at"].endswith("Z") for agent in agents.json()["data"])
    simulator.clear_faults()
    agents = httpx.get(f"{simulator.url}/v2/flow/agents/", headers={"Authorization": "hunter2-key"})
    assert naive == parse_deployments(agents.content)
    assert len(naive[0]) == len(agents.json()["data"])


def test_a_run_that_never_expires_has_no_deadline_and_is_never_overdue(flowtui, simulator):
    for fault, deadline in (("overdue", True), ("null-expires-at", False)):
        simulator.clear_faults()
        simulator.add_fault(fault)
        assert flowtui("runs", "--filter", "status:active", "-o", "jsonl") == 0
        runs = [json.loads(line) for line in flowtui.out.splitlines()]
        assert runs
        for run in runs:
            assert ("overdue" in run["flowtui"]["findings"]) is deadline
            assert (run["expires_at"] is not None) is deadline
        flowtui("run", runs[0]["id"], "-t", runs[0]["thread_id"], "-o", "table")
        expires = next(line.split() for line in flowtui.out.splitlines() if line.startswith("expires"))
        assert (expires[1] != "—") is deadline


@pytest.mark.parametrize("fault", [name for name in FAULTS if name.startswith("text-")])
def test_hostile_text_adds_no_control_characters_and_keeps_the_headings(fault, flowtui, simulator, failed):
    simulator.add_fault(fault)
    thread, run = failed
    assert flowtui("run", run, "-t", thread, "-o", "markdown") == 0
    assert flowtui.out.replace("\n", "").isprintable()
    assert "## Look again" in flowtui.out.splitlines()


def test_markdown_is_an_output_of_flowtui_run_only(flowtui):
    assert flowtui("runs", "-o", "markdown") == 2


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_curl_command_of_the_report_works_unchanged(flowtui, simulator, failed):
    thread, run = failed
    flowtui("run", run, "-t", thread, "-o", "markdown", SEEKR_TEAM_ID="team 'a'")
    line = next(line for line in flowtui.out.splitlines() if line.startswith("curl "))
    assert shlex.split(line)[:3] == ["curl", "-sS", "-H"]
    done = processes.run(
        ["/bin/sh", "-c", line],
        env={"PATH": os.environ["PATH"], "SEEKR_API_KEY": "hunter2-key"},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["id"] == run
    without = processes.run(
        ["/bin/sh", "-c", line], env={"PATH": os.environ["PATH"]}, capture_output=True, check=True
    )
    assert "id" not in json.loads(without.stdout)
