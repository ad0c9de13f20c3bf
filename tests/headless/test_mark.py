"""`flowtui mark` and `flowtui marks` as a shell calls them, over real HTTP."""

from __future__ import annotations

import json

import pytest

from flowtui.config.memory.marks_file import marks_path


@pytest.fixture(autouse=True)
def _own_state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_setting_a_mark_prints_its_new_and_its_old_time(flowtui):
    assert flowtui("mark", "r1") == 0
    assert flowtui.out == "r1   2026-11-06 21:20:00 UTC\n"
    assert flowtui("mark", "r1", "--at", "10m") == 0
    assert flowtui.out == "r1   2026-11-06 21:10:00 UTC   before: 2026-11-06 21:20:00 UTC\n"
    assert flowtui.err == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("now", "21:20:00"),
        ("90", "21:18:30"),
        ("20:00", "20:00:00"),
        ("2026-11-06T12:00:00+01:00", "11:00:00"),
        ("1793999940", "21:19:00"),
        ("1793999940000", "21:19:00"),
    ],
)
def test_valid_times_of_a_mark(text, said, flowtui):
    assert flowtui("mark", "r", "--at", text) == 0
    assert flowtui.out == f"r   2026-11-06 {said} UTC\n"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["a", "b"],
        [""],
        ["a\nb"],
        ["agent:x"],
        ["r", "--at", "soon"],
        ["r", "--at", "2999-01-01"],
        ["r", "--at", "4000000000"],
        ["r", "--at", "now", "--delete"],
        ["r", "--delete"],
    ],
)
def test_invalid_marks_are_usage_errors(words, flowtui):
    assert flowtui("mark", *words) == 2
    assert flowtui.out == ""
    assert flowtui.err.startswith("flowtui: error: ")
    assert not marks_path().exists()


def test_a_mark_needs_no_key_and_no_request(flowtui, simulator):
    before = len(simulator.requests)
    assert flowtui("mark", "r", SEEKR_API_KEY="") == 0
    assert len(simulator.requests) == before


def test_a_mark_can_be_deleted(flowtui):
    flowtui("mark", "r")
    assert flowtui("mark", "r", "--delete") == 0
    assert flowtui.out == "r   deleted, was 2026-11-06 21:20:00 UTC\n"


def test_a_broken_file_is_reported_and_kept(flowtui):
    marks_path().parent.mkdir(parents=True)
    marks_path().write_text("{")
    assert flowtui("marks") == 2
    assert "is broken" in flowtui.err
    assert flowtui("mark", "r") == 0
    assert "it is kept as" in flowtui.err
    assert marks_path().with_suffix(".broken.json").read_text() == "{"


def test_marks_and_deployments_are_listed(flowtui):
    flowtui("mark", "r1", "--at", "10m")
    flowtui("mark", "r2", "--at", "30m")
    assert flowtui("marks", "-o", "table") == 0
    assert flowtui.err == ""
    lines = flowtui.out.splitlines()
    assert lines[0].split() == ["MARK", "AT", "AGE", "SOURCE"]
    assert lines[1].startswith("r1 ")
    assert ["agent:checkout", "2026-11-06", "20:56:00", "UTC", "24m", "agent"] in map(str.split, lines)
    assert [line.split()[-1] for line in lines[1:]].count("agent") == 7


@pytest.mark.parametrize("output", ["json", "jsonl", "csv"])
def test_marks_as_json_and_csv(output, flowtui, simulator):
    flowtui("mark", "=r1", "--at", "10m")
    assert flowtui("marks", "-o", output) == 0
    if output == "csv":
        assert flowtui.out.splitlines()[:2] == [
            "mark,at,age,source",
            "'=r1,2026-11-06 21:10:00 UTC,600,mark",
        ]
        return
    if output == "json":
        document = json.loads(flowtui.out)
        first, second, *_ = document["marks"]
    else:
        first, second, *_ = map(json.loads, flowtui.out.splitlines())
        assert first.pop("v") == second.pop("v") == 1
    assert first == {"name": "=r1", "at": "2026-11-06T21:10:00.000Z", "source": "mark", "agent_id": None}
    assert (second["name"], second["source"]) == ("agent:checkout", "agent")
    assert simulator.world.find_agent(second["agent_id"]) is not None


def test_marks_are_listed_without_a_server(flowtui, simulator):
    flowtui("mark", "r1")
    simulator.add_fault("unavailable@all")
    assert flowtui("marks", "-o", "jsonl") == 0
    assert [json.loads(line)["name"] for line in flowtui.out.splitlines()] == ["r1"]
    assert "the agents' deployments are missing" in flowtui.err
    assert flowtui("marks", "-o", "jsonl", SEEKR_API_KEY="") == 0
    assert "There is no API key" in flowtui.err


def test_marks_of_another_address_are_not_listed_and_counted_on_stderr(flowtui, simulator):
    simulator.add_fault("unavailable@agents")
    there = "https://staging.example"
    flowtui("mark", "r1", "--at", "10m")
    flowtui("mark", "r2", "--base-url", there)
    flowtui("mark", "r3", "--base-url", there)
    assert flowtui("marks", "-o", "jsonl") == 0
    assert [json.loads(line)["name"] for line in flowtui.out.splitlines()] == ["r1"]
    assert f"these are the marks for {simulator.url}; not listed: 2 for {there}" in flowtui.err
    assert flowtui("mark", "r2", "--delete") == 2
    assert f"There is no mark 'r2' for {simulator.url}" in flowtui.err
    assert f"A mark of this name was made for {there}" in flowtui.err
    assert flowtui("mark", "r2", "--delete", "--base-url", there) == 0


def test_an_empty_list_of_marks(flowtui, simulator):
    simulator.add_fault("unavailable@all")
    assert flowtui("marks", "-o", "table") == 0
    assert flowtui.out == "No mark yet. `flowtui mark NAME` sets one.\n"
