"""`flowtui brief`: from the history where it knows all runs, else from the API; it says which, and how the command ends."""

import json

import pytest

from flowtui.model.history.past import LIVE
from flowtui.model.reasons.reason import Reason

from ...remembered_runs import RememberedRuns, past_of, watched_all
from ..conftest import NOW

HOUR = 3600.0
SINCE = ("--since", "30h")
KNOWN = Reason("'tax_rate' is not in the order", "tool run_python")


@pytest.fixture(scope="module")
def ids():
    return "short"


@pytest.fixture
def told(simulator, remember):
    """A history in which every fourth run of the last 30 hours failed for one reason, and that knows why all of them did."""
    past = past_of(simulator, watched_all(NOW))
    rows = [
        failing(run) if place % 4 == 0 and run.completed and run.completed >= NOW - 30 * HOUR else run
        for place, run in enumerate(past.everything)
    ]
    why = {run.key: KNOWN for run in rows if run.status_class == "failed"}
    return remember(RememberedRuns(rows, watched_all(NOW), agents=past.names, reasons=why))


def failing(run):
    return run._replace(status="failed", status_class="failed", failed=run.completed, completed=None)


def document(flowtui, *words):
    assert flowtui("brief", *words, "-o", "json") in (0, 3)
    return json.loads(flowtui.out)


def test_the_history_answers_without_a_request(flowtui, simulator, told):
    simulator.add_fault("unauthorized")
    found = document(flowtui, *SINCE)
    assert (flowtui.code, found["source"], found["whole"]) == (0, "history", True)
    rows = [run for run in told.everything if run.active or run.ended >= NOW - 30 * HOUR]
    failed = [run for run in rows if run.status_class == "failed"]
    assert found["outcomes"]["runs"] == len(rows)
    assert (found["outcomes"]["failed"], found["unexplained"]) == (len(failed), 0)
    assert [one["runs"] for one in found["reasons"]] == [len(failed)]
    assert found["coverage"]["share"] == 1.0
    assert found["usual_since"] is not None
    assert "from the history" in flowtui.err


def test_text_is_the_default_also_in_a_pipe_and_markdown_says_the_same(flowtui, told):
    assert flowtui("brief", *SINCE) == 0
    assert flowtui.out.startswith("Brief: since Thu 5 Nov 15:20, 30h\n")
    assert "From the history: watched all 30h" in flowtui.out
    assert all(len(line) <= 80 for line in flowtui.out.splitlines())
    assert flowtui("brief", *SINCE, "-o", "markdown") == 0
    assert flowtui.out.startswith("**Brief: since Thu 5 Nov 15:20, 30h**\n")
    assert "'tax_rate' is not in the order" in flowtui.out
    assert flowtui("brief") == 0
    assert flowtui.out.startswith("Brief: last 12h, Fri 6 Nov 09:20\n")


@pytest.mark.slow
def test_without_a_history_the_api_is_asked_and_its_numbers_are_the_same(flowtui, past, remember):
    known = document(flowtui, "--since", "20h")
    remember(None)
    read = document(flowtui, "--since", "20h")
    assert (read["source"], read["coverage"]) == ("api", None)
    assert read["outcomes"] | {"usual_failed_share": None} == known["outcomes"] | {"usual_failed_share": None}
    assert [one["ended"] for one in read["agents"]] == [one["ended"] for one in known["agents"]]
    for name in ("tokens", "reported", "wasted_tokens", "runs"):
        assert read["spend"][name] == known["spend"][name]
        assert read["spend"]["before"][name] == known["spend"]["before"][name]
    assert "from the API" in flowtui.err


def test_a_gap_in_the_history_is_told_though_the_api_was_asked(flowtui, simulator, remember):
    hole = [(NOW - 20 * 86_400, NOW - 5 * HOUR, LIVE), (NOW - 3 * HOUR, NOW, LIVE)]
    remember(past_of(simulator, hole))
    found = document(flowtui, "--since", "10h")
    assert (flowtui.code, found["source"]) == (0, "api")
    gap = next(one for one in found["sentences"] if one["kind"] == "gap")
    assert (gap["since"], gap["until"]) == ("2026-11-06T16:20:00.000Z", "2026-11-06T18:20:00.000Z")
    assert "all read since" in gap["text"]


@pytest.mark.slow
def test_until_ends_the_time_and_then_no_run_is_active(flowtui, told):
    found = document(flowtui, *SINCE, "--until", "3h")
    assert (found["until"], found["outcomes"]["active"]) == ("2026-11-06T18:20:00.000Z", 0)
    assert found["open"]["oldest"] is None


@pytest.mark.parametrize(
    "words", [("--since", "tomorrow"), ("--since", "3h", "--until", "5h"), ("-o", "csv"), ("word",)]
)
def test_a_wrong_call_ends_in_2_and_prints_nothing(flowtui, words):
    assert flowtui("brief", *words) == 2
    assert (flowtui.out, bool(flowtui.err)) == ("", True)


def test_without_an_answer_and_a_history_it_ends_in_3(flowtui, simulator):
    simulator.add_fault("unauthorized")
    assert flowtui("brief", *SINCE) == 3
    assert flowtui.out == ""


@pytest.mark.slow
def test_a_broken_history_is_said_and_the_api_is_asked(flowtui, simulator, remember):
    remember(past_of(simulator, watched_all(NOW), broken=True))
    found = document(flowtui, "--since", "2h")
    assert found["source"] == "api"
    assert "the history cannot be read" in flowtui.err
