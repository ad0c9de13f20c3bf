"""The sentence beside an exit code: true counts, and what ended the watch."""

import pytest

from flowtui.model.query.query import parse
from flowtui.watch.judge.facts import Trouble
from flowtui.watch.judge.outcome import ENDED_BY
from flowtui.watch.judge.verdict import judge
from flowtui.watch.options import Allowance, Options

from .test_verdict import facts

ALL = Allowance(100, percent=True)
HALF = Allowance(50, percent=True)

SENTENCES = [
    # the case that said "none failed" beside two failures
    (
        facts("failed", "failed", "cancelled", elapsed=40.0, fixed=False, held=6.0),
        {"new": True, "expect": 3, "timeout": 40.0, "allow": ALL},
        (5, "timeout"),
        (
            "1 run cancelled, no failure counts; --timeout 40s reached, the condition was true for 6s of --settle 10s; "
            "1 cancelled; 2 failed, allowed (--allow-failures 100% of 3 runs)"
        ),
    ),
    (
        facts("failed", "cancelled", "completed"),
        {"fail_on": frozenset({"overdue"})},
        (5, "condition"),
        "1 run cancelled, no failure counts; 3 runs ended; 1 completed, 1 cancelled; 1 failed, not counted (--fail-on)",
    ),
    (
        facts("completed", "cancelled", "cancelled"),
        {"allow_cancelled": Allowance(1)},
        (5, "condition"),
        "2 runs cancelled, more than --allow-cancelled 1, none failed; 3 runs ended; 1 completed, 2 cancelled",
    ),
    (
        facts("running", "canceled", signal=None, trouble=Trouble("503", 130.0, final=False)),
        {},
        (5, "give_up_after"),
        "1 run cancelled, none failed; no answer for 2m 10s: 503; 1 cancelled, 1 running",
    ),
    # 0
    (facts("completed", "completed"), {}, (0, "condition"), "2 runs ended; 2 completed"),
    (
        facts("completed", "cancelled", "failed", "failed"),
        {"allow": HALF, "allow_cancelled": Allowance(25, percent=True)},
        (0, "condition"),
        (
            "4 runs ended; 1 completed; 2 failed, allowed (--allow-failures 50% of 4 runs); "
            "1 cancelled, allowed (--allow-cancelled 25% of 4 runs)"
        ),
    ),
    (
        facts("completed", "running", findings=[(1, "overdue")]),
        {"allow": Allowance(1)},
        (0, "condition"),
        "1 run ended, 1 not waited for; 1 completed, 1 running; 1 overdue, allowed (--allow-failures 1)",
    ),
    (
        facts("completed", "running"),
        {"until": "any"},
        (0, "condition"),
        "1 of 2 runs ended (--for any); 1 completed, 1 running",
    ),
    (
        facts("running", "running", matched=1),
        {"until": "match", "query": parse("age>5m")},
        (0, "condition"),
        "1 of 2 runs match --for age>5m; 2 running",
    ),
    # 1
    (
        facts("completed", "failed", "failed", "cancelled"),
        {"allow": Allowance(1)},
        (1, "condition"),
        "2 failed, more than --allow-failures 1: run_1, run_2; 4 runs ended; 1 completed, 2 failed, 1 cancelled",
    ),
    (
        facts("failed", "running", fixed=False),
        {"expect": 4, "allow": Allowance(20, percent=True), "fail_fast": True},
        (1, "fail_fast"),
        (
            "1 failed, more than --allow-failures 20% of 4 expected runs: run_0; ended by --fail-fast; "
            "1 failed, 1 running; 2 of 4 expected runs came"
        ),
    ),
    (
        facts("failed", "completed"),
        {"fail_fast": True},
        (1, "condition"),
        "1 failed: run_0; 2 runs ended; 1 completed, 1 failed",
    ),
    (
        facts("running", still=600.0),
        {"stall": 600.0, "fail_on": frozenset({"stalled"})},
        (1, "stall"),
        "stalled runs count as failures (--fail-on); nothing moved for 10m 00s: run_0; 1 running",
    ),
    (
        facts(elapsed=60.0, fixed=False),
        {"fail_on": frozenset({"missing"})},
        (1, "wait_start"),
        "missing runs count as failures (--fail-on); no run matched within --wait-start 1m 00s",
    ),
    # 4
    (
        facts("completed", "running", "odd", elapsed=30.0),
        {"timeout": 30.0},
        (4, "timeout"),
        "--timeout 30s reached, 2 runs not ended; 1 completed, 1 running, 1 of unknown status",
    ),
    (
        facts("completed", "failed", elapsed=1800.0, fixed=False),
        {"first": 3, "allow": HALF},
        (4, "timeout"),
        (
            "--timeout 30m 00s (the default of --first) reached; 1 completed; "
            "1 failed, allowed (--allow-failures 50% of 3 expected runs); 2 of 3 expected runs came"
        ),
    ),
    (
        facts("completed", elapsed=30.0),
        {"until": "idle", "timeout": 30.0},
        (4, "timeout"),
        "--timeout 30s reached, runs that are not watched are active; 1 completed",
    ),
    # others
    (facts("failed", "queued", signal=130), {}, (130, "signal"), "stopped by SIGINT; 1 failed, 1 queued"),
    (
        facts("completed", elapsed=60.0, fixed=False),
        {"expect": 3},
        (6, "wait_start"),
        "too few runs came within --wait-start 1m 00s; 1 completed; 1 of 3 expected runs came",
    ),
    (facts(fixed=False), {"once": True}, (6, "once"), "one look (--once), no run matched"),
    (
        facts("completed"),
        {"until": "match", "query": parse("status:failed"), "fail_on": frozenset({"missing"})},
        (6, "no_match"),
        "every watched run has ended, and none matches --for; 1 completed",
    ),
    (
        facts("running", tokens=1200),
        {"max_tokens": 1000},
        (7, "max_tokens"),
        "1,200 tokens, more than --max-tokens 1,000; 1 running",
    ),
    (
        facts("completed", trouble=Trouble("GET: 401", 0.0, final=True), loaded=False),
        {},
        (3, "refused"),
        "GET: 401; 1 completed",
    ),
]


@pytest.mark.parametrize(("known", "options", "end", "sentence"), SENTENCES)
def test_the_sentence_says_what_ended_the_watch_and_counts_every_run(known, options, end, sentence):
    verdict = judge(known, Options(**options))
    assert ((verdict.code, verdict.ended_by), verdict.reason) == (end, sentence)
    assert verdict.ended_by in ENDED_BY


@pytest.mark.parametrize(("known", "options"), [row[:2] for row in SENTENCES])
def test_the_numbers_for_scripts_are_those_of_the_runs(known, options):
    fields = judge(known, Options(**options)).tally.fields()
    statuses = [run.status_class for run in known.ledger.runs.values()]
    classes = ("completed", "failed", "cancelled", "running", "queued", "unknown")
    assert [fields[word] for word in classes] == [statuses.count(word) for word in classes]
    assert fields["total"] == len(statuses)
    parts = ("failed_counted", "failed_allowed", "failed_not_counted")
    assert sum(fields[part] for part in parts) == fields["failed"]


def test_a_percentage_is_of_the_watched_runs_or_of_those_that_are_to_come():
    share = Allowance(34, percent=True)
    for options, code in (({}, 1), ({"expect": 3}, 0), ({"first": 3}, 0)):
        known = facts("failed", "completed", "completed")
        alone = facts("failed", "completed")
        assert judge(known, Options(allow=share, **options)).code == 0
        verdict = judge(alone, Options(allow=share, fail_fast=True, until="any", **options))
        assert (None if verdict is None else verdict.code) == (code or None)


def test_unknown_counts_are_never_zero():
    nobody = facts(elapsed=60.0, fixed=False, loaded=False)
    nobody.ledger.unread = "nothing read"
    verdict = judge(nobody, Options(timeout=60.0))
    assert verdict.reason == "--timeout 1m 00s reached; — runs, nothing read"
    assert verdict.tally.fields()["completed"] is None
    some = facts("completed", elapsed=60.0, fixed=False, loaded=False)
    some.ledger.unread = "not all read"
    verdict = judge(some, Options(timeout=60.0))
    assert verdict.reason == "--timeout 1m 00s reached; 1 completed; not all threads were read"
