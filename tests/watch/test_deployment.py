"""The deployment case over real HTTP: runs of an agent on threads that do not exist when the watch begins."""

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from ..clocks import WaitingClock
from .conftest import BEGIN

spec = spec_from_file_location("script_server", Path(__file__).with_name("script_server.py"))
script_server = module_from_spec(spec)
spec.loader.exec_module(script_server)


def nothing(_server):
    pass


def test_a_new_run_on_a_new_thread_is_found_and_followed_to_its_end(shell):
    steps = [
        nothing,
        nothing,
        lambda server: server.put("thr_new", "run_1", "queued"),
        lambda server: server.put("thr_else", "run_2", "failed", agent="agent_b"),
        lambda server: server.put("thr_new", "run_1", "running"),
        nothing,
        lambda server: server.put("thr_new", "run_1", "completed"),
    ]
    clock = WaitingClock(BEGIN)
    with script_server.ScriptServer(steps, clock.now) as server:
        server.put("thr_old", "run_old", "failed")
        server.threads["thr_old"][0]["created_at"] = "2026-01-01T00:00:00Z"
        words = ["--agent", "checkout", "--new", "--interval", "0.5", "--settle", "0.5", "-o", "jsonl"]
        code, out, _ = shell(server.url, *words, clock=clock)
        lists = [place for place, path in enumerate(server.paths) if path == "/v1/threads 0"]
        first = server.paths.index("/v1/threads/thr_new/runs 0")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [event["run_id"] for event in events if event["event"] == "run.appeared"] == ["run_1"]
    assert sum(place < first for place in lists) == 3, "looked at as soon as the list told of it"
    assert events[-1]["counts"]["completed"] == 1


def test_a_late_run_on_an_existing_thread_is_found(shell):
    steps = [nothing, nothing, lambda server: server.put("thr_a", "run_1", "completed")]
    clock = WaitingClock(BEGIN)
    with script_server.ScriptServer(steps, clock.now) as server:
        server.threads["thr_a"] = []
        code, out, _ = shell(server.url, "thr_a", "--interval", "0.5", "-o", "plain", clock=clock)
    assert code == 0
    assert "run_1  appeared completed" in out
