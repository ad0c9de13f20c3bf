"""`flowtui runs --since`: the runs of a span of time, from the history if it knows all of them, else from the API."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from flowtui.config.memory.marks import owner_of, set_mark
from flowtui.config.settings import Settings
from flowtui.formatting import iso_time
from flowtui.model.history.past import LIVE, READ, UNANSWERED
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_run

from ..remembered_runs import RememberedRuns, watched_all
from .conftest import NOW

HOUR = 3600.0


def ids(text):
    return [row["run"] for row in csv.DictReader(io.StringIO(text))]


def created(flowtui):
    """Return (time of creation, id) of each run that the API lists, the newest first."""
    flowtui("runs", "--all")
    rows = [json.loads(line) for line in flowtui.out.splitlines()]
    return sorted(((parse_run(row, "").created, row["id"]) for row in rows), reverse=True)


def paths(simulator, before):
    """Return path and query of each request after the first `before`."""
    return [f"{path}?{query}" for _, path, query in list(simulator.requests)[before:]]


def test_the_api_is_read_back_to_the_time_and_not_further(flowtui, remember, simulator):
    runs = created(flowtui)
    since, until = runs[40][0], runs[10][0]
    simulator.add_fault("cap-limit:5")
    assert flowtui("runs", "--since", iso_time(since), "--until", iso_time(until)) == 0
    assert sorted(json.loads(line)["id"] for line in flowtui.out.splitlines()) == sorted(
        run for at, run in runs if since <= at < until
    )
    assert flowtui.err == "flowtui: from the API: 30 runs on 5 threads\n"
    before = len(simulator.requests)
    assert flowtui("runs", "--since", iso_time(runs[3][0])) == 0
    assert len(flowtui.out.splitlines()) == 4
    asked = [path for path in paths(simulator, before) if "/runs?" in path]
    assert len(asked) == 5
    assert all("offset=0" in path for path in asked)


def test_what_was_not_read_is_not_said_to_be_there(flowtui, remember, simulator):
    simulator.add_fault(f"not-found:{simulator.thread_ids()[0]}")
    assert flowtui("runs", "--since", "30h") == 3
    assert (
        f"from the API: not of all threads: {len(flowtui.out.splitlines())} runs on 5 threads\n"
        in flowtui.err
    )
    simulator.add_fault("forbidden")
    assert flowtui("runs", "--since", "30h") == 3
    assert "403" in flowtui.err
    assert "from the API" not in flowtui.err


def test_a_reading_that_takes_long_is_announced(flowtui, remember):
    assert flowtui("runs", "--since", "1h", "--budget", "3/min") == 0
    assert flowtui.err.startswith(
        "flowtui: asking the API for the runs of 5 threads, which takes 1m 40s or more\n"
    )
    assert flowtui("runs", "--limit", "1", "--budget", "3/min") == 0
    assert "asking the API" not in flowtui.err


def test_the_history_prints_the_same_as_the_api(flowtui, remember, past):
    shown = ["--since", "200h", "--columns", "run,status,agent,thread,age,time,tokens,note"]
    for more in (
        ["-o", "csv", "--limit", "2"],
        ["-o", "csv", "--order", "asc"],
        ["-o", "table", "--sort", "tokens:desc"],
        ["-o", "table", "--filter", "tokens>900"],
    ):
        remember(past)
        assert flowtui("runs", *shown, *more) == 0
        history, said = flowtui.out, flowtui.err
        remember(None)
        assert flowtui("runs", *shown, *more) == 0
        assert history.count("\n") > 4
        assert history == flowtui.out
        assert said.startswith("flowtui: from the history: ")
        assert ", watched all 8d 8h; as of 21:20:00\n" in said
    remember(past)
    one = past.everything[0].thread_key
    assert flowtui("runs", one, "--since", "200h", "-o", "csv", "--columns", "run,thread") == 0
    assert {row["thread"] for row in csv.DictReader(io.StringIO(flowtui.out))} == {one}


@pytest.mark.slow
def test_what_only_the_api_has_is_asked_of_the_api(flowtui, past):
    for more, why in (
        ([], "only the API has all fields of -o jsonl"),
        (["-o", "json"], "only the API has all fields of -o json"),
        (["-o", "csv", "--columns", "run,config"], "only the API has the configuration of runs"),
        (["-o", "csv", "--columns", "run,tools[0].type"], "only the API has the configuration of runs"),
        (["-o", "csv", "--filter", "has:changed_config"], "only the API has the configuration of runs"),
    ):
        assert flowtui("runs", "--since", "200h", *more) == 0
        assert f"on 5 threads ({why}" in flowtui.err
    assert past.asked == []


def test_a_history_that_does_not_know_all_runs_is_not_used(flowtui, remember, past):
    rows, day = past.everything, 24 * HOUR
    ended = [run for run in rows if run.ended is not None and run.created > NOW - day]
    cases = {
        "the history begins 2026-11-06 20:20:00 UTC": ([(NOW - HOUR, NOW, LIVE)], {}),
        "the history does not know 10:20-11:20": (
            [(NOW - 2 * day, NOW - 11 * HOUR, LIVE), (NOW - 10 * HOUR, NOW, READ)],
            {},
        ),
        "the history does not know 20:20-21:20": ([(NOW - 2 * day, NOW - HOUR, LIVE)], {}),
        "the history does not know 21:18-21:20": (
            [(NOW - 2 * day, NOW - 120, LIVE), (NOW - 120, NOW, UNANSWERED)],
            {},
        ),
        "the history does not keep the runs of this time": (watched_all(NOW), {"gone": {ended[0].key}}),
        "2 of 7 threads were never read": (watched_all(NOW), {"unread": 2}),
        "the history cannot be read: The file is damaged": (watched_all(NOW), {"broken": True}),
    }
    for why, (spans, rest) in cases.items():
        remember(RememberedRuns(rows, spans, **rest))
        assert flowtui("runs", "--since", "24h", "-o", "csv") == 0
        assert f"flowtui: from the API: {len(ids(flowtui.out))} runs on 5 threads ({why}" in flowtui.err


def test_active_rows_of_a_history_that_ended_are_not_shown(flowtui, remember, past):
    active = [run for run in past.everything if run.active]
    until = max(run.created for run in active) + 0.001
    for end, known in ((NOW, True), (NOW - 2 * HOUR, False)):
        rows = [run._replace(created=run.created - 3 * HOUR) for run in past.everything]
        remember(RememberedRuns(rows, [(NOW - 300 * HOUR, end, LIVE)]))
        asked = ["--since", "24h", "--until", iso_time(until - 3 * HOUR)]
        assert flowtui("runs", *asked, "-o", "csv") == 0
        assert ("from the history" in flowtui.err) == known
        assert ("runs were active when the history ended" in flowtui.err) != known


def test_what_happened_in_an_outage_was_read_after_it(flowtui, remember, past):
    outage = (NOW - 90 * HOUR, NOW - 89 * HOUR, UNANSWERED, "HTTP 503")
    remember(RememberedRuns(past.everything, [(0.0, outage[0], LIVE), outage, (outage[1], NOW, LIVE)]))
    assert flowtui("runs", "--since", "95h", "-o", "csv") == 0
    silent = "API did not answer 2026-11-03 03:20-04:20 (HTTP 503)"
    assert (
        f"from the history: {len(ids(flowtui.out))} runs, watched 3d 22h of 3d 23h; {silent}" in flowtui.err
    )
    past.spans = [past.spans[0]._replace(threads=24)]
    past.idle = 20
    remember(past)
    assert flowtui("runs", "--since", "95h", "-o", "csv") == 0
    assert flowtui.err.endswith(
        "watched all 3d 23h; as of 21:20:00; 24 of 25 threads were read since the last start\n"
    )
    past.spans = [past.spans[0]._replace(threads=22)]
    assert flowtui("runs", "--since", "95h", "-o", "csv") == 0
    assert "(only 22 of 25 threads are watched)" in flowtui.err
    past.spans = [past.spans[0]._replace(threads=26)]
    assert flowtui("runs", "--since", "95h", "-o", "csv") == 0
    assert "(25 of 26 threads are written)" in flowtui.err


def test_reasons_that_are_remembered_are_not_read_again(flowtui, remember, past, simulator):
    failed = [run for run in past.everything if run.status_class == "failed"]
    past.why = {run.key: Reason("zebra # \x1b[2J", "tool crm") for run in failed}
    past.spans = [past.spans[0]._replace(since=0.0)]
    before = len(simulator.requests)
    assert flowtui("runs", "--since", "9000h", "-o", "csv", "--columns", "run,reason") == 0
    assert flowtui.out.count("zebra #") == len(failed) > 0
    assert "\x1b" not in flowtui.out
    assert not [path for path in paths(simulator, before) if "agents" not in path]
    assert flowtui("runs", "--since", "9000h", "-o", "csv", "--columns", "run,reason", "--redact") in (0, 3)
    assert "zebra" not in flowtui.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--until", "1h"], "--until needs --since"),
        (["--since", "1h", "--offset", "3"], "--offset and --since exclude each other"),
        (["--since", "1h", "--until", "2h"], "--until: '2h' is not after --since"),
        (["--since", "tomorrow"], "--since: 'tomorrow' is neither a duration nor a time"),
        (["--since", "2027-01-01"], "--since: '2027-01-01' is in the future"),
        (["--since", "mark:nope"], "--since: there is no mark 'nope'"),
    ],
)
def test_wrong_times_are_usage_errors(flowtui, remember, simulator, words, message):
    before = len(simulator.requests)
    assert flowtui("runs", *words) == 2
    assert message in flowtui.err
    assert flowtui.out == ""
    assert not paths(simulator, before)


@pytest.mark.slow
def test_marks_and_deployments_begin_a_span(flowtui, remember, simulator):
    set_mark(owner_of(Settings(base_url=simulator.url)), "r1", NOW - 2 * HOUR, made=NOW)
    assert flowtui("runs", "--since", "mark:r1", "-o", "csv") == 0
    by_mark = ids(flowtui.out)
    assert flowtui("runs", "--since", "2h", "-o", "csv") == 0
    assert ids(flowtui.out) == by_mark
    flowtui("marks")
    agent = next(row for row in map(json.loads, flowtui.out.splitlines()) if row["source"] == "agent")
    assert flowtui("runs", "--since", f"mark:{agent['name']}") == 0
    at = datetime.fromisoformat(agent["at"]).astimezone(UTC).timestamp()
    assert len(flowtui.out.splitlines()) == sum(when >= at for when, _ in created(flowtui))
    simulator.add_fault("unavailable")
    assert flowtui("runs", "--since", f"mark:{agent['name']}") == 3
    assert "503" in flowtui.err


@pytest.mark.parametrize("command", ["failures", "stats", "brief", "runs"])
def test_commands_say_how_far_they_are(flowtui, clock, command):
    assert flowtui(command, "--since", "300h", "--budget", "3/min") == 0
    assert clock.waits
    assert "flowtui: reading runs: " in flowtui.err
    assert "of 5 threads" in flowtui.err
    assert "reading" not in flowtui.out
    assert "\x1b" not in flowtui.err
    flowtui(command, "--since", "300h")
    assert "reading" not in flowtui.err, "it was quick"
