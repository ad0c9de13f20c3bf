"""The verdict as a table of facts, options and exit codes."""

import pytest

from flowtui.model.findings.rules import Finding
from flowtui.model.run.parsing import parse_run
from flowtui.watch import exits
from flowtui.watch.judge.facts import Facts, Trouble, condition
from flowtui.watch.judge.verdict import judge
from flowtui.watch.ledger import Ledger
from flowtui.watch.options import Allowance, Options


def ledger(*statuses, tokens=None, findings=()):
    books = Ledger()
    books.unread = ""
    for number, status in enumerate(statuses):
        usage = None if tokens is None else {"total_tokens": tokens}
        raw = {"id": f"run_{number}", "status": status, "usage": usage, "is_active": status == "odd"}
        books.put(parse_run(raw, "thr_a"), 0.0)
    for number, name in findings:
        books.findings["thr_a", f"run_{number}"] = (Finding(name, name),)
    return books


def facts(*statuses, tokens=None, findings=(), **rest):
    return Facts(
        ledger=ledger(*statuses, tokens=tokens, findings=findings), **{"elapsed": 5.0, "fixed": True, **rest}
    )


ENDED = ("completed", "completed")
OUTAGE = Trouble("503", 130.0, final=False)
SHORT = Trouble("503", 1.0, final=False)
REFUSED = Trouble("401", 0.0, final=True)

TABLE = [
    # met
    (facts(*ENDED), {}, 0),
    (facts("completed", "running"), {}, None),
    (facts("completed", "running"), {"until": "any"}, 0),
    (facts("running", "queued"), {"until": "any"}, None),
    (facts(*ENDED, idle=True), {"until": "idle", "settle": 10.0}, None),
    (facts(*ENDED, idle=True, held=10.0), {"until": "idle", "settle": 10.0}, 0),
    (facts(*ENDED, idle=True, held=10.0, checked=False), {"until": "idle"}, None),
    (facts(*ENDED, idle=True), {"until": "idle", "once": True}, 0),
    (facts(idle=True, held=10.0), {"until": "idle"}, 0),
    (facts(idle=True, held=10.0), {"until": "idle", "new": True}, None),
    (facts("running", matched=1), {"until": "match"}, 0),
    (facts("running"), {"until": "match"}, None),
    (facts(*ENDED), {"until": "match"}, 6),
    (facts("failed"), {"until": "match"}, 1),
    (facts(*ENDED, fixed=False), {"until": "match", "new": True}, None),
    (facts(*ENDED, fixed=False, held=9.0), {"new": True}, None),
    (facts(*ENDED, fixed=False, held=10.0), {"new": True}, 0),
    (facts(*ENDED, fixed=False, held=10.0, trouble=SHORT), {"new": True}, None),
    (facts(*ENDED), {"expect": 3}, None),
    (facts(*ENDED, loaded=False), {}, None),
    # failures
    (facts("completed", "failed"), {}, 1),
    (facts("running", "failed"), {}, None),
    (facts("running", "failed"), {"fail_fast": True}, 1),
    (facts("completed", "failed"), {"fail_on": frozenset()}, 0),
    (facts("completed", "failed"), {"allow": Allowance(1)}, 0),
    (facts("completed", "failed"), {"allow": Allowance(50, percent=True)}, 0),
    (facts("completed", "failed"), {"allow": Allowance(49, percent=True)}, 1),
    (facts("completed", "running", findings=[(1, "overdue")]), {}, 1),
    (facts("completed", "running", findings=[(1, "overdue")]), {"fail_on": frozenset({"failed"})}, None),
    (
        facts("completed", "running", findings=[(1, "contradiction")]),
        {"fail_on": frozenset({"finding"})},
        None,
    ),
    (facts("completed", findings=[(0, "contradiction")]), {"fail_on": frozenset({"finding"})}, 1),
    (facts("completed", findings=[(0, "contradiction")]), {}, 0),
    (facts("running", findings=[(0, "vanished")]), {"fail_on": frozenset({"missing"})}, 1),
    (facts("completed", "canceled"), {"fail_on": frozenset({"cancelled"})}, 1),
    # cancelled
    (facts("completed", "canceled"), {}, 5),
    (facts("failed", "cancelled"), {}, 1),
    (facts("failed", "cancelled"), {"allow": Allowance(1)}, 5),
    (facts("failed", "cancelled"), {"allow": Allowance(1), "allow_cancelled": Allowance(1)}, 0),
    (facts("completed", "cancelled"), {"allow_cancelled": Allowance(1)}, 0),
    (facts("cancelled", "cancelled"), {"allow_cancelled": Allowance(1)}, 5),
    (facts("cancelled", "running", elapsed=9.0), {"allow_cancelled": Allowance(1), "timeout": 9.0}, 4),
    (facts("cancelled"), {"allow_cancelled": Allowance(1), "fail_on": frozenset({"cancelled"})}, 1),
    # --first
    (facts(*ENDED, fixed=False), {"first": 3}, None),
    (facts(*ENDED, "completed"), {"first": 3}, 0),
    (facts(*ENDED, "running"), {"first": 3}, None),
    (facts(*ENDED, fixed=False, elapsed=61.0), {"first": 3}, None),
    (facts(fixed=False, elapsed=61.0), {"first": 3}, 6),
    (facts(*ENDED, fixed=False, elapsed=1800.0), {"first": 3}, 4),
    (facts(*ENDED, fixed=False, elapsed=1800.0), {"first": 3, "timeout": 3600.0}, None),
    (facts(*ENDED, fixed=False), {"first": 3, "since": 5.0, "once": True}, 6),
    # --max-tokens and --stall
    (facts("running", tokens=100), {"max_tokens": 99}, 7),
    (facts("running", tokens=100), {"max_tokens": 100}, None),
    (facts("running", still=600.0), {"stall": 600.0}, 7),
    (facts("running", still=599.0), {"stall": 600.0}, None),
    (facts(*ENDED, still=600.0, fixed=False), {"stall": 600.0, "follow": True}, None),
    (facts("running", still=600.0, trouble=Trouble("503", 1.0, final=False)), {"stall": 600.0}, None),
    (facts("running", still=600.0), {"stall": 600.0, "fail_on": frozenset({"stalled"})}, 1),
    (facts("failed", "running", tokens=100), {"max_tokens": 99}, 1),
    (facts("cancelled", "running", tokens=100), {"max_tokens": 99}, 7),
    # the server does not answer
    (facts("running", trouble=OUTAGE), {}, 3),
    (facts("running", trouble=Trouble("503", 119.0, final=False)), {}, None),
    (facts("running", trouble=REFUSED), {}, 3),
    (facts(loaded=False, trouble=REFUSED), {}, 3),
    (facts("failed", "running", trouble=OUTAGE), {}, 1),
    (facts("cancelled", "running", trouble=OUTAGE), {}, 5),
    (facts(*ENDED, lost=["thr_b"]), {}, 3),
    (facts("failed", lost=["thr_b"]), {}, 1),
    # --timeout
    (facts("running", elapsed=30.0), {"timeout": 30.0}, 4),
    (facts("running", elapsed=29.0), {"timeout": 30.0}, None),
    (facts("failed", "running", elapsed=30.0), {"timeout": 30.0}, 1),
    (facts("cancelled", "running", elapsed=30.0), {"timeout": 30.0}, 5),
    (facts("running", elapsed=130.0, trouble=OUTAGE), {"timeout": 30.0}, 3),
    (facts(elapsed=60.0, fixed=False), {"timeout": 60.0}, 4),
    # no run appeared
    (facts(elapsed=60.0, fixed=False), {}, 6),
    (facts(elapsed=59.0, fixed=False), {}, None),
    (facts(elapsed=61.0, fixed=False, trouble=Trouble("503", 1.0, final=False)), {}, None),
    (facts(elapsed=61.0, loaded=False), {}, None),
    (facts("completed", elapsed=61.0, fixed=False), {"expect": 2}, 6),
    (facts(elapsed=61.0, fixed=False), {"fail_on": frozenset({"missing"})}, 1),
    (facts(elapsed=61.0, fixed=False, lost=["thr_b"]), {}, 3),
    # --once
    (facts("running"), {"once": True}, 8),
    (facts("running", "failed"), {"once": True}, 1),
    (facts("running", "cancelled"), {"once": True}, 5),
    (facts(fixed=False), {"once": True}, 6),
    (facts(loaded=False), {"once": True}, None),
    (facts("odd"), {"once": True}, 8),
    # signals
    (facts("running", signal=130), {}, 130),
    (facts("failed", signal=143), {}, 143),
    (facts(loaded=False, signal=129, trouble=OUTAGE), {}, 129),
]


@pytest.mark.parametrize(("known", "options", "code"), TABLE)
def test_exit_code_and_reason_of_each_case(known, options, code):
    verdict = judge(known, Options(**options))
    assert (None if verdict is None else verdict.code) == code
    assert verdict is None or verdict.reason


def test_an_unknown_status_never_ends_a_watch():
    for until in ("all", "any"):
        assert not condition(facts("odd"), Options(until=until))


def test_the_order_of_severity():
    order = [2, 129, 1, 7, 5, 3, 4, 6, 8, 0]
    for place, code in enumerate(order):
        assert exits.most_severe(reversed(order[place:])) == code


def test_exit_zero_turns_1_5_and_7_into_0():
    assert {code for code in range(9) if exits.with_exit_zero(code) != code} == {1, 5, 7}


def test_a_reason_names_a_few_runs_only():
    many = facts(*["failed"] * 7)
    assert judge(many, Options()).decided == "7 failed: run_0, run_1, run_2 and 4 more"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        ([(0, "queued_long")], ""),
        ([(0, "agent_not_active")], "; 1 waits for an agent that is not active: run_0"),
        (
            [(0, "agent_not_active"), (1, "agent_not_active"), (2, "agent_not_active")],
            "; 2 wait for agents that are not active: run_0, run_1",
        ),
    ],
)
def test_the_reason_names_queued_runs_whose_agent_is_not_active(names, words):
    waiting = facts("queued", "queued", "completed", findings=names, elapsed=30.0, still=30.0)
    for options, code, ended in (
        (Options(timeout=30.0), 4, "--timeout 30s reached, 2 runs not ended"),
        (Options(stall=30.0), 7, "nothing moved for 30s: run_0, run_1"),
        (Options(once=True), 8, "one look (--once), 2 runs not ended"),
    ):
        verdict = judge(waiting, options)
        assert (verdict.code, verdict.reason) == (code, f"{ended}; 1 completed, 2 queued{words}")


def test_a_time_that_was_too_short_to_settle_is_rounded():
    verdict = judge(facts(*ENDED, idle=True, held=2.78686), Options(until="idle", timeout=5.0))
    assert verdict.ended == "--timeout 5s reached, the condition was true for 2.8s of --settle 10s"
