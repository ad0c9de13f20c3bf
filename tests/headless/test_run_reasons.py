"""`flowtui runs` and `run` with reasons of failures, over real HTTP: requests, columns, filter, JSON, what is unknown."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from unittest.mock import patch

import pytest

from flowtui.config.memory import installation_key as keys
from flowtui.headless import run_reasons
from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.simulator.server import Simulator

from .conftest import NOW

SPANS = "/v1/observability/spans"


@pytest.fixture(scope="module")
def world(ids):
    """Serve three threads with a dozen failed runs, whose time stands still."""
    with Simulator(seed=10, threads=3, runs=50, clock=lambda: NOW, ids=ids) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _own_key():
    keys._key.cache_clear()
    yield
    keys._key.cache_clear()


@pytest.fixture
def asked(simulator):
    """Return a function that counts the requests for spans and for messages since the test began."""
    before = len(simulator.requests)

    def count():
        paths = [path for _, path, _ in list(simulator.requests)[before:]]
        return sum(path == SPANS for path in paths), sum(path.endswith("/messages") for path in paths)

    return count


def rows(flowtui, *words):
    assert flowtui("runs", "--all", *words) == 0
    return [json.loads(line) for line in flowtui.out.splitlines()]


def failed(flowtui, *words):
    return [row for row in rows(flowtui, "--filter", "status:failed", *words) if row["status"] == "failed"]


def test_nothing_is_read_unless_it_is_asked_for_and_null_says_so(flowtui, asked):
    every = rows(flowtui, "-o", "jsonl")
    assert flowtui.err == ""
    assert asked() == (0, 0)
    for row in every:
        told = {name: row["flowtui"].get(name, "absent") for name in ("failure_reason", "reason_id")}
        assert set(told.values()) == ({None} if row["status"] == "failed" else {"absent"})
    assert len(failed(flowtui)) > 8


def test_the_column_reads_one_page_of_spans_for_each_failed_run(flowtui, asked):
    known = failed(flowtui, "--columns", "reason")
    assert flowtui.err == ""
    assert asked()[0] == len(known)
    reasons = [row["flowtui"]["failure_reason"] for row in known]
    assert all(reasons)
    assert 1 < len(set(reasons)) < len(reasons)
    assert not any(" error: " in reason[:20] for reason in reasons)
    ids = {row["flowtui"]["failure_reason"]: row["flowtui"]["reason_id"] for row in known}
    assert len(set(ids.values())) == len(ids)
    assert flowtui("runs", "--all", "-o", "csv", "--columns", "run,status,reason,note") == 0
    table = list(csv.DictReader(io.StringIO(flowtui.out)))
    told = {row["id"]: row["flowtui"]["failure_reason"] for row in known}
    assert {row["run"]: row["reason"] for row in table if row["status"] == "failed"} == told
    assert {row["reason"] for row in table if row["status"] != "failed"} == {""}
    assert all(row["note"] == row["reason"] for row in table if row["status"] == "failed")


def test_a_table_says_how_many_runs_failed_for_the_same_reason(flowtui):
    assert (
        flowtui("runs", "--all", "-o", "table", "--columns", "run,reason,note", "--filter", "has:reason") == 0
    )
    lines = flowtui.out.splitlines()[1:]
    reason, count = Counter(line.split("  ")[1].strip() for line in lines).most_common(1)[0]
    assert count > 1
    assert sum(f"{count}× {reason}" in line for line in lines) == count


def test_a_filter_reads_only_the_runs_that_it_might_show(flowtui, asked):
    known = failed(flowtui, "--columns", "reason")
    reason, times = Counter(row["flowtui"]["failure_reason"] for row in known).most_common(1)[0]
    before = asked()[0]
    shown = rows(flowtui, "--filter", f'reason="{reason}"')
    assert {row["flowtui"]["failure_reason"] for row in shown} == {reason}
    assert len(shown) == times
    assert asked()[0] == before + len(known)
    thread = shown[0]["thread_id"]
    some = rows(flowtui, "--filter", f'thread={thread} and reason="{reason}"')
    assert len(some) == sum(row["thread_id"] == thread for row in shown)
    assert asked()[0] == before + len(known) + sum(row["thread_id"] == thread for row in known)
    assert rows(flowtui, "--filter", "status:completed reason:e") == []
    assert asked()[0] == before + len(known) + sum(row["thread_id"] == thread for row in known)


def test_it_is_said_of_how_many_runs_no_reason_is_known(flowtui, simulator, asked):
    simulator.add_fault("span-bare")
    simulator.add_fault("no-run-id")
    unknown = rows(flowtui, "--filter", "not has:reason status:failed")
    said = (
        f"{len(unknown)} failed runs without a known reason: neither spans nor messages say why they failed"
    )
    assert flowtui.err == f"flowtui: {said}\n"
    assert {row["flowtui"]["failure_reason"] for row in unknown} == {None}
    assert 0 < asked()[1] <= 4  # the messages of a thread are read once for all its runs


def test_what_could_not_be_read_ends_in_3_with_all_that_is_known(flowtui, simulator, asked):
    words = ("--all", "--filter", "status:failed", "--columns", "run,reason", "-o", "csv")
    with patch.object(run_reasons, "MAX_REQUESTS", 6):
        assert flowtui("runs", *words) == 3
    assert sum(asked()) == 6
    table = list(csv.DictReader(io.StringIO(flowtui.out)))
    missing = sum(not row["reason"] for row in table)
    assert 0 < missing < len(table)
    assert flowtui.err.splitlines() == [
        f"flowtui: {missing} failed runs without a known reason",
        "flowtui: reasons: at most 6 requests are made",
    ]
    simulator.add_fault("not-found@spans")
    before = asked()[0]
    assert flowtui("runs", *words) == 3
    missing = sum(not row["reason"] for row in csv.DictReader(io.StringIO(flowtui.out)))
    assert len(table) - 5 <= missing  # messages may have told of the first ones
    assert f"{missing} failed runs without a known reason\n" in flowtui.err
    assert asked()[0] - before <= 5  # those under way when the first was refused


def test_redact_hides_texts_and_keeps_reasons_apart(flowtui, tmp_path):
    plain = {row["id"]: row["flowtui"] for row in failed(flowtui, "--columns", "reason")}
    hidden = {row["id"]: row["flowtui"] for row in failed(flowtui, "--columns", "reason", "--redact")}
    assert plain.keys() == hidden.keys()
    pairs = {(plain[key]["reason_id"], hidden[key]["reason_id"]) for key in plain}
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs}) > 1
    for key, row in hidden.items():
        assert row["failure_reason"].endswith("[redacted]")
        assert plain[key]["failure_reason"] not in row["failure_reason"]
        guess = Reason(plain[key]["failure_reason"])
        sources = ["", "model", "tool", *(f"tool {word}" for word in row["failure_reason"].split(": "))]
        guesses = {reason_id(guess._replace(source=source)) for source in sources}
        assert plain[key]["reason_id"] in guesses  # without a key, the text can be guessed
        assert row["reason_id"] not in guesses
    again = {row["id"]: row["flowtui"] for row in failed(flowtui, "--columns", "reason", "--redact")}
    assert again == hidden
    (tmp_path / "state" / "flowtui" / "installation.key").unlink()
    keys._key.cache_clear()
    other = {row["id"]: row["flowtui"] for row in failed(flowtui, "--columns", "reason", "--redact")}
    assert not {row["reason_id"] for row in other.values()} & {row["reason_id"] for row in hidden.values()}
    first = next(iter(other.values()))["reason_id"]
    shown = rows(flowtui, "--filter", f"reason:{first}", "--redact")
    assert {row["flowtui"]["reason_id"] for row in shown} == {first}


def test_one_run_has_its_reason_in_every_format(flowtui, simulator):
    known = failed(flowtui, "--columns", "reason")[0]
    words = ("run", known["id"], "-t", known["thread_id"])
    reason = known["flowtui"]["failure_reason"]
    for form in ("json", "jsonl"):
        assert flowtui(*words, "-o", form) == 0
        told = json.loads(flowtui.out)["flowtui"]
        assert (told["failure_reason"], told["reason_id"]) == (reason, known["flowtui"]["reason_id"])
        assert told["agent_name"]
    assert flowtui(*words, "-o", "csv") == 0
    assert next(csv.DictReader(io.StringIO(flowtui.out)))["reason"] == reason
    assert flowtui(*words) == 0
    assert reason in flowtui.out
    assert flowtui.err == ""
    simulator.add_fault("bad-gateway@spans")
    simulator.add_fault("bad-gateway@messages")
    assert flowtui(*words, "-o", "json") == 0  # the run itself was read
    assert json.loads(flowtui.out)["flowtui"]["failure_reason"] is None
    assert "1 failed run without a known reason" in flowtui.err
