"""What a watch waits for, and the verdict so far: the same rules as for the verdict at the end."""

from __future__ import annotations

import pytest

from flowtui.model.query.query import parse
from flowtui.model.run.parsing import parse_run
from flowtui.watch import exits
from flowtui.watch.judge.facts import Facts
from flowtui.watch.judge.progress import progress_of
from flowtui.watch.ledger import Ledger
from flowtui.watch.options import Allowance, Options


def facts(*statuses, **more):
    books = Ledger()
    books.unread = ""
    for number, status in enumerate(statuses):
        books.put(parse_run({"id": f"run_{number}", "status": status}, "thr"), 0.0)
    return Facts(ledger=books, elapsed=20.0, **more)


@pytest.mark.parametrize(
    ("given", "waits_for", "done", "total"),
    [
        ({}, "all 3 runs to end", 2, 3),
        ({"first": 5}, "the first 5 runs to end, 2 to come", 2, 5),
        ({"expect": 4}, "all 4 runs to end, 1 to come", 2, 4),
        ({"until": "any"}, "any run to end", 2, None),
        ({"until": "idle"}, "no run to be active: 1 active", 0, None),
        ({"until": "match", "query": parse("status:failed")}, "a run to match status:failed", 0, None),
    ],
)
def test_what_is_waited_for(given, waits_for, done, total):
    found = progress_of(facts("completed", "failed", "running"), Options(**given), met=False)
    assert (found.waits_for, found.done, found.total) == (waits_for, done, total)
    assert found.settle_left is None


@pytest.mark.parametrize(
    ("statuses", "given", "code", "seen"),
    [
        (("completed",), {}, exits.MET, "nothing failed"),
        (("failed", "completed"), {}, exits.FAILED, "1 failed"),
        (("failed", "completed"), {"allow": Allowance(1)}, exits.MET, "1 failed, allowed"),
        (("failed", "failed"), {"fail_on": frozenset({"overdue"})}, exits.MET, "2 failed, not counted"),
        (("cancelled",), {}, exits.CANCELLED, "1 cancelled"),
        (("cancelled",), {"allow_cancelled": Allowance(1)}, exits.MET, "nothing failed"),
        (("cancelled", "failed"), {}, exits.FAILED, "1 failed"),
    ],
)
def test_the_verdict_so_far(statuses, given, code, seen):
    found = progress_of(facts(*statuses), Options(**given), met=False)
    assert (found.code, found.seen) == (code, seen)


def test_before_the_first_run():
    assert progress_of(facts(), Options(), met=False).waits_for == "a first run to come"
    assert progress_of(facts(), Options(expect=2), met=False).waits_for == "all 2 runs to end, 2 to come"


def test_times_that_are_left():
    found = progress_of(facts("completed", held=4.0), Options(new=True, timeout=60.0), met=True)
    assert (found.settle_left, found.time_left) == (6.0, 40.0)
    assert found.text == "nothing failed, settles for 6s more, 40s left"
    assert found.fields()["time_left_s"] == 40.0
    assert progress_of(facts(), Options(first=2), met=False).time_left == 1780.0
    unread = facts()
    unread.ledger.unread = "nothing read"
    assert progress_of(unread, Options(), met=False).text == ""
