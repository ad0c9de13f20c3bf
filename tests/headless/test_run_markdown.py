"""`flowtui run -o markdown`: the report of one run over real HTTP, and the parts that it names as missing."""

import json
import os
import shlex
import shutil
from pathlib import Path

import pytest

from flowtui.model.export.markdown import markdown
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
