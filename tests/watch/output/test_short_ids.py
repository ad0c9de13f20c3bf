"""The formats for people show the ends of UUIDs; JSON lines and the commands to type have whole ids."""

from __future__ import annotations

import json

import pytest

from flowtui.cli import main
from flowtui.simulator.server import Simulator
from flowtui.text import short_id

from ...clocks import WaitingClock, watch_requests

NOW = 1_794_000_000.0


@pytest.fixture(scope="module")
def simulator():
    with Simulator(seed=7, threads=5, runs=60, clock=lambda: NOW, ids="uuid") as running:
        yield running


@pytest.fixture
def watched(simulator, capsys, tmp_path, monkeypatch):
    """Return a function that watches the quiet thread, which has a failed run, in a format, and returns the output."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    watch_requests(monkeypatch)
    thread = simulator.thread_ids()[-1]

    def run(output):
        environ = {
            "SEEKR_API_KEY": "k",
            "SEEKR_BASE_URL": simulator.url,
            "FLOWTUI_CONFIG": "",
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        }
        assert main(["watch", thread, "-o", output], environ, clock=WaitingClock(NOW)) == 1
        return capsys.readouterr().out

    run.thread = thread
    return run


def test_people_see_ends_of_ids_and_whole_commands(watched, tmp_path):
    failed = json.loads(watched("jsonl").splitlines()[-1])["failed"]
    assert all(each["thread_id"] == watched.thread and len(each["run_id"]) == 36 for each in failed)
    for output in ("plain", "github"):
        lines = watched(output).splitlines()
        told = [line for line in lines if "FAILED" in line and "see:" in line]
        assert told
        for line, each in zip(told, failed, strict=False):
            before, command = line.split("see: ")
            assert f"  {short_id(watched.thread)}  {short_id(each['run_id'])}  " in before
            assert watched.thread[:8] not in before
            assert command == f"flowtui run {each['run_id']} -t {watched.thread}"
    page = (tmp_path / "summary.md").read_text()
    (step,) = [line for line in page.splitlines() if line.startswith("- next: ")]
    assert watched.thread in step.replace("\\", "")
    table = page.replace(step, "")
    assert short_id(failed[0]["run_id"]) in table
    assert watched.thread[:8] not in table
