"""The event stream of a run: it brings what its messages say, as the world's time passes, and ends with the run."""

import json

import httpx
import pytest

from flowtui.simulator.faults.attach import ATTACHING

BEGIN = 1_800_000_000.0


@pytest.fixture
def plans(simulator):
    """(path of a run, its plan) of the runs of all threads that exist at the start."""
    world, now = simulator.world, simulator.calendar.now()
    found = []
    for thread in range(world.threads):
        for number in range(world.timeline(thread).count(now)):
            plan = world.timeline(thread)[number]
            run = f"/v1/threads/{world.thread_id(thread)}/runs/{world.run_id(thread, number)}"
            found.append((run, plan))
    return found


@pytest.fixture
def running(simulator, clock):
    """(path of a run, its plan): the run has begun, and lasts for some seconds. Moves the clock until there is one."""
    world = simulator.world
    for _ in range(300):
        now = simulator.calendar.now()
        for thread in range(world.threads):
            plan = world.timeline(thread).holder(now)
            if plan is not None and plan.status(now) == "running" and plan.ended > now + 5:
                return f"/v1/threads/{world.thread_id(thread)}/runs/{world.run_id(thread, plan.number)}", plan
        clock.now += 1
    raise AssertionError("no run lasts")


def events_of(text):
    """Return the events of a stream that ended; check its form."""
    *lines, end = [line for line in text.split("\n") if line]
    assert end == "data: [DONE]"
    assert all(line.startswith("data: {") for line in lines)
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def texts_of(events, kind="text"):
    """Return the texts of the run's own agent. A step uses the ids of the step before it again."""
    texts = []
    for event in events:
        if event["type"] == f"{kind}-start":
            texts.append("")
        elif event["type"] == f"{kind}-delta":
            texts[-1] += event["delta"]
    return texts


def test_the_stream_of_an_ended_run_has_all_that_its_messages_have(api, plans):
    nested, messages = 0, {}
    for run, plan in plans:
        if plan.started is None or plan.outcome not in ("completed", "failed") or plan.ended > 0:
            continue
        answer = api.get(f"{run}/attach")
        assert answer.headers["content-type"] == "text/event-stream"
        events = events_of(answer.text)
        assert (events[0]["type"], events[-1]["type"]) == ("start", "finish")
        path, run_id = run.partition("/runs/")[::2]
        if path not in messages:
            asked = {"limit": 5000, "order": "asc", "include_parts": "true"}
            messages[path] = api.get(f"{path}/messages", params=asked).json()
        parts = [
            part
            for message in messages[path]
            if message["run_id"] == run_id and message["role"] == "assistant"
            for part in message["parts"]
        ]
        for kind in ("text", "reasoning"):
            assert texts_of(events, kind) == [part["text"] for part in parts if part["type"] == kind]
        assert [event["input"] for event in events if event["type"] == "tool-input-available"] == [
            part["args"] for part in parts if part["type"] == "tool-call"
        ]
        written, given = {}, {}
        for event in events:
            if event["type"] == "tool-input-delta":
                written[event["toolCallId"]] = written.get(event["toolCallId"], "") + event["inputTextDelta"]
            elif event["type"] == "tool-input-available":
                given[event["toolCallId"]] = event["input"]
        assert {call: json.loads(text) for call, text in written.items()} == given
        calls = {part["tool_call_id"] for part in parts if part["type"] in ("tool-result", "tool-error")}
        assert {event["toolCallId"] for event in events if event["type"].startswith("tool-output-")} == calls
        for event in events:
            if event["type"] == "data-nestedToolEvent":
                nested += 1
                assert event["data"]["toolCallPath"][0] in calls
    assert nested


def test_a_stream_follows_the_clock_and_ends_when_the_run_is_cancelled(api, running, clock):
    run, _ = running
    with api.stream("GET", f"{run}/attach") as answer:
        lines = (line for line in answer.iter_lines() if line)
        assert '"start"' in next(lines)
        clock.now += 2
        started = [next(lines)]
        while "-delta" not in started[-1]:
            clock.now += 0.2
            started.append(next(lines))
        api.post(f"{run}/cancel", json={"agent_id": "any"})
        clock.now += 600
        rest = list(lines)
    assert rest[-2:] == ['data: {"type":"finish"}', "data: [DONE]"]
    assert api.get(run).json()["status"] in ("canceled", "cancelled")


def test_an_open_stream_does_not_keep_the_simulator_from_stopping(simulator, api, running):
    with api.stream("GET", f"{running[0]}/attach") as answer:
        assert next(answer.iter_lines())
        server = simulator._thread  # tests of other modules may have simulators of their own
        simulator.stop()
        assert not server.is_alive()


def test_unknown_runs_are_404_and_other_methods_405(simulator, api, plans):
    run = plans[0][0]
    assert api.get(f"{run}x/attach").status_code == 404
    assert api.post(f"{run}/attach").status_code == 405


def test_each_fault_changes_event_streams_only(simulator, api, plans):
    ended = next(run for run, plan in plans if plan.outcome == "completed" and plan.ended < 0)
    before = api.get(f"{ended}/attach").text
    run = api.get(ended).content
    bodies = {}
    for name in ATTACHING:
        simulator.clear_faults()
        simulator.add_fault(name)
        assert api.get(ended).content == run, name
        try:
            with api.stream("GET", f"{ended}/attach") as answer:
                body = b""
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > 5_000_000 or (
                        name in ("attach-stall", "attach-silent") and body.count(b"\n\n") >= 3
                    ):
                        break
        except httpx.HTTPError:
            assert name == "attach-cut"
        bodies[name] = body
    same = [name for name, body in bodies.items() if body.decode("utf-8", "replace") == before]
    assert same == ["attach-bytes"]
    assert bodies["attach-refused"] == b'{"detail":"No stream for this run"}'
    assert bodies["attach-from-now"] == b"data: [DONE]\n\n"
    assert before.startswith(bodies["attach-stall"].decode())
    assert len(bodies["attach-endless"]) > 5_000_000
    assert b"[DONE]" not in bodies["attach-no-done"]


def test_the_beginning_comes_twice_or_not_at_all(simulator, api, running, clock):
    run, plan = running
    clock.now = BEGIN + plan.started + (plan.ended - plan.started) / 2
    counts = []
    for fault in (None, "attach-twice", "attach-from-now"):
        simulator.clear_faults()
        if fault:
            simulator.add_fault(fault)
        with api.stream("GET", f"{run}/attach") as answer:
            lines = answer.iter_lines()
            clock.now += 0.001
            found = []
            if fault == "attach-from-now":
                clock.now = BEGIN + plan.ended + 1
                found = list(lines)
            else:
                while sum('"type":"start"' in line for line in found) < (2 if fault else 1):
                    found.append(next(lines))
        counts.append(sum('"type":"start"' in line for line in found))
        clock.now = BEGIN + plan.started + (plan.ended - plan.started) / 2
    assert counts == [1, 2, 0]
