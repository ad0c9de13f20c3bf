"""A gate whose base the history remembers: its verdict is that of the API alone, with fewer requests, over real HTTP."""

from __future__ import annotations

import math
import urllib.request

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import HistoryError
from flowtui.model.history.past import LIVE, Reach, Watched
from flowtui.model.run.parsing import parse_runs
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.store import history

from ...past import ListPast
from .test_gate_http import DEPLOYED, GATE, LOOKED, bad, fine, flowtui, last  # noqa: F401  fixtures

ONCE = (*GATE, "--once", "-o", "jsonl", "--min-runs", "5")
BEGIN = DEPLOYED - 3600.0
_ALONE = {}  # the same for all tests of one simulator, which stands still
SAME = ("verdict", "base", "new", "rows", "missing", "undated")


def _runs_of(simulator, thread):
    """Return all runs of a thread, read page by page."""
    found = []
    while True:
        url = f"{simulator.url}/v1/threads/{thread}/runs?limit=100&order=desc&offset={len(found)}"
        request = urllib.request.Request(url, headers={"Authorization": "hunter2-key"})
        with urllib.request.urlopen(request) as answer:
            page = parse_runs(answer.read(), thread).rows
        if not page:
            return found
        found += page


def remembered(simulator, until=LOOKED):
    """Return a past that has all runs of a simulator that were created before `until`, read whole then."""
    rows = [run for thread in simulator.thread_ids() for run in _runs_of(simulator, thread)]
    rows = [run for run in rows if run.created is not None and run.created < until]
    reach = {thread: Reach(until, True, math.inf) for thread in simulator.thread_ids()}
    return ListPast(rows, (Watched(BEGIN - 86_400.0, until, LIVE),), reached=reach)


@pytest.fixture
def judged(flowtui, monkeypatch):  # noqa: F811  the fixture
    """Return a function that judges once with a past; it returns exit code, the gate's fields, stderr, requests for runs."""

    def run(simulator, past, *words):
        monkeypatch.setattr(history, "read_history", past if callable(past) else lambda *_: past)
        before = len(simulator.requests)
        code, out, err = flowtui(simulator, "watch", *(words or ONCE))
        asked = [path for _, path, _ in list(simulator.requests)[before:] if path.endswith("/runs")]
        return code, last(out)["gate"], err, len(asked)

    return run


def with_gap(past):
    past.spans = (Watched(BEGIN - 9.0, BEGIN + 1800.0, LIVE), Watched(BEGIN + 1900.0, LOOKED, LIVE))


def with_one_thread(past):
    key = next(iter(past.reached))
    past.reached = {key: past.reached[key]}


def with_an_active_run(past):
    at = max(range(len(past.rows)), key=lambda place: past.rows[place].created < DEPLOYED - 1200)
    past.rows[at] = past.rows[at]._replace(status="running", status_class="running", completed=None)


def with_nothing(_past): ...


@pytest.mark.parametrize("change", [with_nothing, with_gap, with_one_thread, with_an_active_run])
@pytest.mark.parametrize("until", [LOOKED, DEPLOYED - 900.0])
@pytest.mark.slow
def test_the_verdict_is_that_of_the_api_alone(change, until, judged, bad):  # noqa: F811  the fixture
    if bad.url not in _ALONE:
        _ALONE[bad.url] = judged(bad, None)
    code, alone, _, most = _ALONE[bad.url]
    assert (alone["base_from"], alone["base_remembered"], alone["base_note"]) == ("api", 0, None)
    past = remembered(bad, until)
    change(past)
    found_code, found, _, asked = judged(bad, past)
    assert found_code == code
    assert {name: found[name] for name in SAME} == {name: alone[name] for name in SAME}
    assert asked <= most  # equal if a gap lies on a page that the API alone needs, too


@pytest.mark.slow
def test_the_history_saves_requests_and_the_output_says_so(judged, fine):  # noqa: F811  the fixture
    _, alone, _, most = judged(fine, None)
    _, found, _, asked = judged(fine, remembered(fine))
    assert {name: found[name] for name in SAME} == {name: alone[name] for name in SAME}
    assert asked < most
    assert found["base_coverage"] == {
        "live_s": 3600.0,
        "read_s": 0.0,
        "unanswered_s": 0.0,
        "unwatched_s": 0.0,
    }
    assert (found["base_from"], found["base"]["runs"] > found["base_remembered"] > 100) == ("history", True)


@pytest.mark.slow
def test_labels_filters_and_broken_files_leave_the_base_to_the_api(judged, fine, flowtui, monkeypatch):  # noqa: F811
    def broken(*_):
        raise HistoryError("the history cannot be read: it is broken")

    def forbidden(*_):
        raise AssertionError("the history is read without need")

    _, found, _, _ = judged(fine, broken)
    assert (found["base_from"], found["base_note"]) == ("api", "the history cannot be read: it is broken")
    _, found, _, _ = judged(fine, forbidden, *ONCE, "--filter", "note:x")
    assert (found["base_from"], found["base_note"]) == (
        "api",
        "--filter asks for more than the history keeps of a run",
    )
    _, found, _, _ = judged(fine, forbidden, *ONCE, "--group", "nightly")
    assert found["base_note"] == "--group and --label ask for what the history does not keep"
    alone = (
        "--since",
        "mark:release-42",
        "--compare",
        "1h",
        "--gate",
        "failure_rate <= 90%",
        "--once",
        "-o",
        "jsonl",
    )
    _, found, _, _ = judged(fine, forbidden, *alone)
    assert (found["base_from"], found["base_note"]) == ("api", None)
    monkeypatch.setattr(history, "read_history", lambda *_: remembered(fine))
    _, out, _ = flowtui(fine, "watch", *GATE, "--once", "-o", "plain", "--min-runs", "5")
    assert "    base from the history (160 of 274 runs): watched all 1h\n" in out


@pytest.mark.slow
def test_the_base_is_read_from_a_real_file(flowtui, fine):  # noqa: F811  the fixture
    code, out, _ = flowtui(fine, "watch", *ONCE)
    alone = last(out)["gate"]
    rows = {thread: _runs_of(fine, thread) for thread in fine.thread_ids()}
    now = DEPLOYED - 400.0
    shown = {
        thread: apply_runs(
            ThreadState(thread, 2.0), [run for run in runs if run.created < now], at=now, whole=True
        )[0]
        for thread, runs in rows.items()
    }
    settings = Settings(base_url=fine.url)
    kept = history.open_history(settings, SecretStr("hunter2-key"), lambda: now)
    kept.recorder.record(Update(Snapshot(now, shown, listed=True, caught_up=(BEGIN - 60.0, now))))
    kept.close()
    found_code, out, err = flowtui(fine, "watch", *ONCE)
    found = last(out)["gate"]
    assert (found_code, found["base_note"]) == (code, None)
    assert {name: found[name] for name in SAME} == {name: alone[name] for name in SAME}
    assert found["base_from"] == "history"
    assert found["base_coverage"]["read_s"] > 3000
    assert err == "" or err.startswith("flowtui: an unchanged release needs about")
