"""`flowtui failures`: reasons and counts, from the history where it knows all runs, else from the API; stderr says which."""

import csv
import io
import json
from collections import Counter

import pytest

from flowtui.model.history.past import LIVE
from flowtui.model.reasons.reason import Reason, reason_id

from ...remembered_runs import RememberedRuns, past_of, watched_all
from ..conftest import NOW

HOUR = 3600.0
SINCE = ("--since", "300h")
KNOWN = Reason("'tax_rate' is not in the order", "tool run_python")
OTHER = Reason("502 Bad Gateway", "tool crm")


@pytest.fixture(scope="module")
def ids():
    return "short"


@pytest.fixture
def told(simulator, remember):
    """A history in which half of the completed runs failed as well, and that knows why all of them did."""
    past = past_of(simulator, watched_all(NOW))
    rows = [failing(run) if place % 2 and run.completed else run for place, run in enumerate(past.everything)]
    failed = sorted((run for run in rows if run.status_class == "failed"), key=lambda run: -run.failed)
    why = {run.key: OTHER if place % 3 else KNOWN for place, run in enumerate(failed)}
    past = remember(RememberedRuns(rows, watched_all(NOW), agents=past.names, reasons=why))
    past.failed = failed
    return past


def failing(run):
    return run._replace(status="failed", status_class="failed", failed=run.completed, completed=None)


def document(flowtui, *words):
    assert flowtui("failures", *words, "-o", "json") in (0, 3)
    return json.loads(flowtui.out)


def test_history_answers_without_a_request_and_numbers_are_those_of_the_runs(flowtui, simulator, told):
    simulator.add_fault("unauthorized")
    found = document(flowtui, "--since", "30h")
    assert (flowtui.code, found["source"], found["whole"]) == (0, "history", True)
    rows = [run for run in told.everything if run.active or run.ended >= NOW - 30 * HOUR]
    count = Counter(run.status_class for run in rows)
    assert found["all"] == len(rows)
    assert found["all"] == sum(
        found[name] for name in ("completed", "failed", "cancelled", "active", "unknown")
    )
    assert (found["failed"], found["completed"]) == (count["failed"], count["completed"])
    assert (found["reason_count"], found["without_reason"]) == (2, 0)
    assert found["coverage"]["share"] == 1.0
    for one in found["reasons"]:
        own = [run for run in rows if run.key in told.why and told.why[run.key].text == one["reason"]]
        assert one["failed"] == len(own) == sum(each["failed"] for each in one["agents"])
        assert one["reason_id"] == reason_id(told.why[own[0].key])
        assert one["share"] == pytest.approx(len(own) / count["failed"], abs=1e-6)
        before = [
            run
            for run in told.failed
            if run.ended < NOW - 30 * HOUR and told.why[run.key].text == one["reason"]
        ]
        assert (one["seen_before"] or {"runs": 0})["runs"] == len(before)
        assert {each["id"] for each in one["runs"]} <= {run.raw_id for run in own}
    assert "from the history" in flowtui.err
    assert f"{count['failed']} of " in flowtui.err


def test_lines_rows_and_markdown_say_the_same(flowtui, told):
    del told.why[told.failed[0].key]
    told.why = {key: reason for key, reason in told.why.items() if reason != OTHER}
    flowtui.environ["SEEKR_BASE_URL"] = "http://127.0.0.1:9"
    found = document(flowtui, *SINCE)
    assert flowtui.code == 3, "the API was asked for the missing reasons, and did not answer"
    missing = found["without_reason"]
    assert missing == found["reasons"][-1]["failed"] > 0
    assert found["reasons"][-1]["reason"] is found["reasons"][-1]["reason_id"] is None
    assert f"{missing} failed runs without a known reason" in flowtui.err
    flowtui("failures", *SINCE)
    lines = [json.loads(line) for line in flowtui.out.splitlines()]
    assert [(line["reason"], line["failed"]) for line in lines] == [
        (one["reason"], one["failed"]) for one in found["reasons"]
    ]
    assert {(line["v"], line["source"]) for line in lines} == {(1, "history")}
    flowtui("failures", *SINCE, "-o", "csv")
    rows = list(csv.DictReader(io.StringIO(flowtui.out)))
    assert [int(row["failed"]) for row in rows] == [one["failed"] for one in found["reasons"]]
    assert "tax_rate" in rows[0]["reason"]
    assert rows[-1]["reason"] == ""
    flowtui("failures", *SINCE, "-o", "markdown")
    assert flowtui.out.startswith("# Failures since ")
    assert f"{missing} have no known reason yet" in flowtui.out
    assert "no known reason yet |" in flowtui.out


@pytest.mark.slow
def test_the_api_is_asked_for_runs_and_reasons(flowtui, simulator):
    runs = [run for run in past_of(simulator, []).everything if run.status_class == "failed"]
    found = document(flowtui, *SINCE)
    assert (found["source"], found["coverage"], found["failed"]) == ("api", None, len(runs))
    assert found["without_reason"] == sum(one["failed"] for one in found["reasons"] if one["reason"] is None)
    assert found["reason_count"] > 0
    assert "from the API" in flowtui.err
    hidden = document(flowtui, *SINCE, "--redact")
    assert {one["reason"] for one in hidden["reasons"]} & {one["reason"] for one in found["reasons"]} <= {
        None
    }
    assert sum(one["failed"] for one in hidden["reasons"]) == len(runs)


def test_groups_one_agent_and_usage_errors(flowtui, told):
    by = document(flowtui, *SINCE, "--by", "agent")
    assert sum(one["failed"] for one in by["reasons"]) == by["failed"]
    one = by["reasons"][0]
    alone = document(flowtui, *SINCE, "--agent", one["name"])
    assert alone["failed"] == sum(each["failed"] for each in by["reasons"] if each["key"] == one["key"])
    for words in (("--by", "hour"), ("-o", "yaml"), ("thr_1",), ("--agent", "nobody-is-called-so")):
        assert flowtui("failures", *words) == 2
        assert flowtui.out == ""


def test_a_history_that_does_not_know_all_is_not_enough(flowtui, simulator, remember):
    rows = past_of(simulator, []).everything
    remember(RememberedRuns(rows, [(NOW - HOUR, NOW, LIVE)]))
    found = document(flowtui, "--since", "6h")
    assert found["source"] == "api"
    assert "the history begins" in flowtui.err
    simulator.add_fault("unauthorized")
    assert flowtui("failures", "--since", "6h") == 3


def test_hostile_reasons_stay_text(flowtui, told):
    hostile = Reason("=cmd()|[b](http://x) <img>", "tool @all")
    told.why = dict.fromkeys(told.why, hostile)
    flowtui("failures", *SINCE, "-o", "csv")
    assert "'=cmd()" in flowtui.out
    flowtui("failures", *SINCE, "-o", "markdown")
    assert "<img>" not in flowtui.out
    assert "[b](" not in flowtui.out
