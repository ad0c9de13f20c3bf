"""`flowtui stats`: numbers over time, from the history where it knows all runs, else from the API; stderr says which."""

import csv
import io
import json
import statistics
from collections import Counter

import pytest

from flowtui.formatting import iso_time
from flowtui.model.history.past import LIVE, UNANSWERED
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_run

from ...remembered_runs import RememberedRuns, watched_all
from ..conftest import NOW
from ..test_golden import compare

HOUR = 3600.0
SINCE = ("--since", "300h")
BY = ("agent", "model", "thread", "hour", "day")


@pytest.fixture(scope="module")
def ids():
    return "short"


def records(flowtui):
    return [json.loads(line) for line in flowtui.out.splitlines()]


def counted(runs, since, until=None):
    """Return the runs that count, chosen in another way than the command does."""
    found = []
    for run in runs:
        at = {"completed": run.completed, "failed": run.failed, "cancelled": run.cancelled}.get(
            run.status_class
        )
        if run.active:
            found += [run] if until is None else []
        elif at is not None and at >= since and (until is None or at < until):
            found.append(run)
    return found


def checked(row, runs):
    """Compare one record with the runs that it is about."""
    count = Counter(run.status_class for run in runs)
    assert (
        row["runs"]
        == len(runs)
        == sum(row[name] for name in ("completed", "failed", "cancelled", "active", "unknown"))
    )
    assert row["active"] == count["queued"] + count["running"]
    assert {name: row[name] for name in ("completed", "failed", "cancelled")} == {
        name: count[name] for name in ("completed", "failed", "cancelled")
    }
    took = [run.duration(0.0) for run in runs if run.terminal and run.duration(0.0) is not None]
    assert row["p50_s"] == (pytest.approx(statistics.median(took), abs=0.001) if took else None)
    assert row["timed"] == len(took)
    tokens = [run.total_tokens for run in runs if run.total_tokens is not None]
    assert (row["tokens"], row["reported"]) == (sum(tokens) if tokens else None, len(tokens))
    lost = [run for run in runs if run.status_class in ("failed", "cancelled")]
    assert row["wasted_unreported"] == sum(run.total_tokens is None for run in lost)


@pytest.mark.parametrize("source", [pytest.param("api", marks=pytest.mark.slow), "history"])
def test_numbers_are_those_of_the_runs(flowtui, past, remember, source):
    runs = past.everything
    remember(past if source == "history" else None)
    since, until = NOW - 30 * HOUR, NOW - 3 * HOUR
    for times, chosen in (
        (("--since", "30h"), counted(runs, since)),
        (("--since", "30h", "--until", "3h"), counted(runs, since, until)),
    ):
        assert flowtui("stats", *times, "-o", "json") == 0
        found = json.loads(flowtui.out)
        checked(found["all"], chosen)
        assert (found["source"], found["whole"], found["groups"]) == (source, True, [])
        assert flowtui.err.startswith(
            f"flowtui: from the {source.replace('api', 'API')}: {len(chosen)} runs that ended"
        )
        assert ("or are active now" in flowtui.err) == ("--until" not in times)
        assert (found["coverage"] is None) == (source == "api")
        for by, name in (("agent", "agent_id"), ("model", "model"), ("thread", "thread_key")):
            assert flowtui("stats", *times, "--by", by) == 0
            rows = records(flowtui)
            assert sum(row["runs"] for row in rows) == len(chosen)
            for row in rows:
                checked(row, [run for run in chosen if getattr(run, name) == row["key"]])


def test_runs_of_deleted_threads_are_not_active_now(flowtui, past, remember):
    remember(past)
    assert flowtui("stats", "--since", "30h", "-o", "json") == 0
    before = json.loads(flowtui.out)["all"]["active"]
    lost = next(run for run in past.rows if run.active).thread_key
    past.deleted = {lost}
    assert flowtui("stats", "--since", "30h", "-o", "json") == 0
    others = [run for run in past.rows if run.active and run.thread_key != lost]
    assert json.loads(flowtui.out)["all"]["active"] == len(others) < before


@pytest.mark.parametrize(
    "by", ["agent", *(pytest.param(by, marks=pytest.mark.slow) for by in (None, *BY[1:]))]
)
def test_the_history_prints_the_same_numbers_as_the_api(flowtui, past, remember, by):
    asked = ["stats", *SINCE, *(["--by", by] if by else []), "-o", "json"]
    assert flowtui(*asked) == 0
    known = json.loads(flowtui.out)
    remember(None)
    assert flowtui(*asked) == 0
    read = json.loads(flowtui.out)
    assert known["all"] == read["all"]
    without = ("source", "watched")
    rows = [
        [{k: v for k, v in row.items() if k not in without} for row in one["groups"]] for one in (known, read)
    ]
    assert rows[0] == rows[1]
    assert [row["watched"] for row in known["groups"]] == [1.0] * len(rows[0])


@pytest.mark.parametrize("output", ["table", "json", "jsonl", "csv"])
def test_golden_files(flowtui, past, remember, output, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('[prices]\n"*70B*" = { prompt = 1.0, completion = 3.0 }\n', encoding="utf-8")
    for name, more in (("all", []), ("agent", ["--by", "agent"]), ("day", ["--by", "day"])):
        assert flowtui("stats", "--since", "60h", *more, "-o", output, "--config", str(config)) == 0
        compare(f"stats-{name}-{output}", flowtui.out)
    assert flowtui.err == (
        "flowtui: from the history: 60 runs that ended since 2026-11-04 09:20:00 UTC or are active now; "
        "watched all 60h; as of 21:20:00\n"
    )


@pytest.mark.slow
def test_only_one_agent(flowtui, past, remember):
    agent, name = next(iter(past.names.items()))
    own = counted([run for run in past.everything if run.agent_id == agent], NOW - 300 * HOUR)
    for source in (past, None):
        remember(source)
        for wanted in (agent, name, name.upper()):
            assert flowtui("stats", *SINCE, "--agent", wanted) == 0
            checked(records(flowtui)[0], own)
        assert flowtui("stats", *SINCE, "--agent", f"{name}x") == 2
        assert f"Did you mean {name}?" in flowtui.err
        assert flowtui.out == ""


def test_a_history_with_gaps_is_not_used_unless_the_api_is_silent(flowtui, past, remember, simulator):
    end = NOW - 2 * HOUR
    spans = [
        (NOW - 24 * HOUR, NOW - 20 * HOUR, LIVE),
        (NOW - 19.8 * HOUR, end, LIVE),
        (NOW - 20 * HOUR, NOW - 19.8 * HOUR, UNANSWERED, "timeout"),
    ]
    remember(RememberedRuns(past.everything, spans))
    assert flowtui("stats", "--since", "24h") == 0
    assert flowtui.err.endswith("(the history does not know 19:20-21:20)\n")
    simulator.add_fault("unavailable")
    assert flowtui("stats", "--since", "24h", "-o", "json") == 3
    found = json.loads(flowtui.out)
    assert (found["source"], found["whole"]) == ("history", False)
    assert found["coverage"]["text"] == (
        "watched 21h 48m of 24h; API did not answer 01:20-01:32 (timeout); not watched 19:20-21:20"
    )
    assert "503" in flowtui.err
    assert "the API does not answer; this is what the history knows" in flowtui.err


def test_zeros_are_not_printed_of_time_in_which_nothing_was_seen(flowtui, remember, simulator):
    remember(RememberedRuns((), [(NOW - HOUR, NOW, UNANSWERED, "HTTP 503")]))
    simulator.add_fault("unavailable@all")
    for words in (("stats", "-o", "table"), ("failures",), ("brief",)):
        assert flowtui(*words, "--since", "30m") == 3
        assert flowtui.out == ""
        assert "503" in flowtui.err


@pytest.mark.slow
def test_without_an_answer_nothing_is_printed(flowtui, remember, simulator):
    simulator.add_fault("unavailable")
    for output in ("table", "json", "jsonl", "csv"):
        assert flowtui("stats", "-o", output) == 3
        assert flowtui.out == ""
        assert "503" in flowtui.err


def test_a_thread_that_cannot_be_read_is_missing_and_the_exit_code_says_so(flowtui, remember, simulator):
    simulator.add_fault(f"not-found:{simulator.thread_ids()[0]}")
    assert flowtui("stats", *SINCE) == 3
    assert records(flowtui)[0]["whole"] is False
    assert "from the API: not of all threads: " in flowtui.err


def test_of_rows_that_are_gone_sums_are_left(flowtui, past, remember):
    ended = [run for run in past.everything if run.ended is not None]
    gone = {run.key for run in ended if run.ended < NOW - 3 * HOUR}
    remember(RememberedRuns(past.everything, past.spans, agents=past.names, gone=gone))
    assert flowtui("stats", *SINCE, "-o", "json", "--by", "agent") == 0
    found = json.loads(flowtui.out)
    everything = counted(past.everything, NOW - 300 * HOUR)
    assert (found["all"]["runs"], found["all"]["only_sums"]) == (len(everything), len(gone))
    assert (found["all"]["p50_s"], found["all"]["p95_s"]) == (None, None)
    assert found["all"]["tokens"] == sum(run.total_tokens or 0 for run in everything)
    assert f"only sums are kept of {len(gone)} runs" in flowtui.err
    assert flowtui("stats", *SINCE, "-o", "table", "--by", "model") == 0
    assert "(only sums are kept)" in flowtui.out
    assert "—" in flowtui.out
    # The begin lies in a quarter of an hour of which only sums are kept: all of it counts.
    edge = max(run.ended for run in ended if run.key in gone)
    assert flowtui("stats", "--since", iso_time(edge + 0.001)) == 0
    (row,) = records(flowtui)
    assert row["since"] == iso_time(edge // 900 * 900)
    assert row["only_sums"] > 0


def test_texts_of_the_server_and_of_the_history_are_safe(flowtui, remember, capsys):
    bad = "=\x1b[2J[bold]\u202e|x\n"
    value = {
        "id": bad,
        "agent_id": bad,
        "model": bad,
        "status": "completed",
        "created_at": NOW - 60,
        "completed_at": NOW - 50,
    }
    remember(
        RememberedRuns(
            [parse_run(value, bad)], watched_all(NOW), agents={parse_run(value, bad).agent_id: "=cmd"}
        )
    )
    for by in ("agent", "model", "thread"):
        for output in ("table", "json", "jsonl", "csv"):
            assert flowtui("stats", "--by", by, "-o", output) == 0
            assert "\x1b" not in flowtui.out + flowtui.err
            assert "\u202e" not in flowtui.out
        (row,) = csv.DictReader(io.StringIO(flowtui.out))
        assert row["name"].startswith("'=")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--by", "label"], "--by"),
        (["thr_9a"], "takes no arguments"),
        (["--since", "1h", "--until", "1h"], "is not after --since"),
        (["--since", "20000h", "--by", "hour"], "more than 10,000 hours"),
    ],
)
def test_usage_errors(flowtui, remember, simulator, words, message):
    before = len(simulator.requests)
    assert flowtui("stats", *words) == 2
    assert len(simulator.requests) == before
    assert message in flowtui.err
    assert flowtui.out == ""


def test_json_of_an_agent_says_why_its_runs_failed_and_what_changed(flowtui, past):
    since = NOW - 300 * HOUR
    names = past.agents()
    agent = max(names, key=lambda key: sum(r.agent_id == key for r in counted(past.everything, since, NOW)))
    runs = sorted(
        (run for run in counted(past.everything, since) if run.agent_id == agent and run.terminal),
        key=lambda run: run.created,
    )
    failed = [run for run in runs if run.status_class == "failed"]
    past.why = {run.key: Reason("502 of crm", "tool crm") for run in failed[1:]}
    past.configured = {run.raw_id: "1111111" if run.created < runs[2].created else "2222222" for run in runs}
    assert flowtui("stats", *SINCE, "--agent", names[agent], "-o", "json") == 0
    found = json.loads(flowtui.out)["agent"]
    assert (found["without_reason"], sum(each["failed"] for each in found["reasons"])) == (1, len(failed) - 1)
    ends = sorted(run.failed for run in failed[1:])
    (reason,) = found["reasons"]
    assert (reason["reason"], reason["reason_source"]) == ("502 of crm", "tool crm")
    assert (reason["first"], reason["last"]) == (iso_time(ends[0]), iso_time(ends[-1]))
    assert found["deployment_known"] is True
    deployed = [each for each in found["changes"] if each["kind"] == "deployment"]
    assert [(each["agent_id"], each["agent"]) for each in deployed] == [(agent, names[agent])]
    assert found["changes"] == sorted(found["changes"], key=lambda each: each["at"])
    assert [each for each in found["changes"] if each not in deployed] == [
        {
            "at": iso_time(runs[2].created),
            "kind": "config",
            "thread_id": runs[2].thread_key,
            "run_id": runs[2].raw_id,
            "config": "2222222",
            "config_before": "1111111",
        }
    ]
    past.why, past.broken = {}, True
    assert flowtui("stats", *SINCE, "-o", "json") == 0
    assert "agent" not in json.loads(flowtui.out), "only with --agent"
