"""What the past tells of runs, changes and sums."""

from __future__ import annotations

import dataclasses
import math
from random import Random

import pytest

from flowtui.model.history.past import QuarterSum, RunConfig, Seen
from flowtui.model.reasons.reason import Reason

from ..remembering import BEGIN, Remembering, run, state

QUARTER = 900.0


@pytest.fixture
def start(tmp_path):
    made = Remembering(tmp_path, now=BEGIN + 1e6)
    yield made
    made.history.close()


def test_runs_by_creation_and_by_end(start):
    rows = [run(f"run-{n}", created=BEGIN + n * 10) for n in range(4, -1, -1)]
    busy = run("busy", "running", created=BEGIN + 60)
    undated = run("undated", "queued", created=None)
    start.record(state(busy, *rows, undated, at=BEGIN + 1e6))
    past = start.history.past
    assert [one.raw_id for one in past.runs(BEGIN + 10, BEGIN + 30)] == ["run-2", "run-1"]
    assert [one.raw_id for one in past.runs(BEGIN + 21.5, BEGIN + 41.5, "ended")] == ["run-2", "run-1"]
    assert [one.raw_id for one in past.runs(-math.inf, math.inf)] == ["busy", *(one.raw_id for one in rows)]
    assert [one.raw_id for one in past.active()] == ["busy", "undated"]
    assert [one.raw_id for one in past.newest(2)] == ["busy", "run-4"]


def test_runs_that_count_of_an_agent_and_failed_ones(start):
    rows = [
        run("a", "failed"),
        run("b", "failed", created=BEGIN + 5, agent_id="agent-2"),
        run("c", created=BEGIN + 10),
        run("no-end", "completed", created=BEGIN + 7, completed=None),
        run("odd", "odd", created=BEGIN + 8),
        run("busy", "running", created=BEGIN + 9),
    ]
    start.record(state(*rows))
    read = start.history.past.runs

    def ids(*args, **options):
        return [one.raw_id for one in read(BEGIN, BEGIN + 100, *args, **options)]

    assert ids("counted") == ["c", "b", "a", "odd", "no-end"]
    assert ids("counted", most=2) == ["c", "b"]
    assert ids("counted", agent="agent-2") == ids("created", agent="agent-2", failed=True) == ["b"]
    assert ids("ended", failed=True) == ["b", "a"]
    assert ids("ended", agent="nobody") == ids("ended", agent="\ud800") == []


def test_configurations_of_an_agents_runs(start):
    rows = [
        run("a"),
        run("b", created=BEGIN + 5),
        run("unknown", created=BEGIN + 6),
        run("other", created=BEGIN + 7, agent_id="agent-2"),
        run("busy", "running", created=BEGIN + 8),
    ]
    configs = {"a": "0f0f0f0", "b": "1a1a1a1", "other": "2b2b2b2", "busy": "3c3c3c3"}
    start.record(dataclasses.replace(state(*rows), configs=configs))
    read = start.history.past.configs
    found = [RunConfig(BEGIN, "a", "thread-1", "0f0f0f0"), RunConfig(BEGIN + 5, "b", "thread-1", "1a1a1a1")]
    assert sorted(read(BEGIN, BEGIN + 100, "agent-1")) == found
    assert read(BEGIN + 12, BEGIN + 100, "agent-1") == found[1:]
    assert read(BEGIN, BEGIN + 100, "nobody") == read(BEGIN, BEGIN + 100, "\ud800") == []


def test_reasons_of_a_time_and_what_is_remembered_of_them(start):
    crm, tax = Reason("502 of crm", "tool crm"), Reason("no tax_rate", "tool run_python")
    names = {"a": crm, "b": crm, "c": tax, "d": None}
    start.record(
        state(*(run(name, "failed", created=BEGIN + place * 10) for place, name in enumerate(names)))
    )
    start.history.recorder.explain({("thread-1", name): reason for name, reason in names.items() if reason})
    start.history.recorder.flush()
    past, ends = start.history.past, [BEGIN + place * 10 + 11.5 for place in range(4)]
    assert past.explained(ends[1], ends[3] + 1) == {("thread-1", "b"): crm, ("thread-1", "c"): tax}
    assert past.seen([crm, tax, Reason("never")], ends[2]) == {crm: Seen(2, ends[0], ends[1])}
    assert past.seen([tax], math.inf) == {tax: Seen(1, ends[2], ends[2])}
    many = [crm, tax, *(Reason(f"never {number}") for number in range(9))]
    assert past.seen(many, ends[2]) == {crm: Seen(2, ends[0], ends[1])}, "all at once"


def test_changes_of_status_the_newest_first(start):
    known = state(run("a", "queued"), run("b", "queued"), at=BEGIN)
    for second, statuses in enumerate(
        (("running", "queued"), ("completed", "running"), ("completed", "failed")), 1
    ):
        known = state(
            *(run(name, status) for name, status in zip("ab", statuses, strict=True)),
            at=BEGIN + second,
            known=known,
        )
    start.record(known)
    moves = start.history.past.moves(BEGIN + 1, BEGIN + 3.5, 3)
    assert [(move.run.raw_id, move.change.after) for move in moves] == [
        ("b", "failed"),
        ("b", "running"),
        ("a", "completed"),
    ]
    assert [move.change.since for move in moves] == [BEGIN + 2, BEGIN + 1, BEGIN + 1]
    assert len(start.history.past.moves(BEGIN + 1, BEGIN + 2, 9)) == 1


def test_sums_of_quarters_and_steps_are_those_of_the_runs(start):
    random = Random(3)
    base = BEGIN // QUARTER * QUARTER
    rows = []
    for number in range(300):
        status = random.choice(["completed", "failed", "cancelled"])
        row = run(f"run-{number}", status, created=base + random.random() * 40 * QUARTER)
        tokens = random.choice([None, 3, 1000])
        rows.append(
            row._replace(
                agent_id=random.choice(["a", "b"]),
                total_tokens=tokens,
                started=random.choice([None, row.started]),
            )
        )
    rows.sort(key=lambda row: -row.created)
    start.record(state(*rows, at=BEGIN + 1e6))
    past = start.history.past
    for since, until, step in (
        (0.0, 1e12, QUARTER),
        (base + 5 * QUARTER, base + 9.5 * QUARTER, QUARTER),
        (base + 1800.0, base + 30 * QUARTER, 3600.0),
        (-math.inf, math.inf, 900.0),
        (base, base + 2**40, 4 * QUARTER),  # more steps than are looked up one by one
        (base - 86_400.0, base + 86_400.0, 86_400.0),
    ):
        summed = _summed(rows, since, until, step)
        assert past.sums(since, until, step) == summed
        one = summed[0].agent_id if summed else "nobody"
        own = [each for each in summed if each.agent_id == one]
        assert past.sums(since, until, step, agent=one) == own


def _summed(rows, since, until, step):
    found = {}
    for row in rows:
        quarter = row.ended // QUARTER * QUARTER
        if not since <= quarter < until:
            continue
        begin = quarter if step == QUARTER else since + (quarter - since) // step * step
        found.setdefault((begin, row.agent_id, row.status_class), []).append(row)

    def total(values):
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    sums = [
        QuarterSum(
            *key,
            len(group),
            *(
                total(getattr(row, name) for row in group)
                for name in ("prompt_tokens", "completion_tokens", "total_tokens")
            ),
            pytest.approx(sum(row.ended - row.started for row in group if row.started is not None)),
            sum(row.started is not None for row in group),
        )
        for key, group in found.items()
    ]
    order = {"completed": 2, "failed": 3, "cancelled": 4}
    return sorted(sums, key=lambda one: (one.begin, one.agent_id, order[one.status_class]))


def test_sums_follow_runs_that_change_after_their_end(start):
    known = state(run("a"), at=BEGIN + 20)
    start.record(known)
    start.record(state(run("a", "failed", total_tokens=7), at=BEGIN + 30, known=known))
    (one,) = start.history.past.sums(0.0, 1e12)
    assert (one.status_class, one.runs, one.total_tokens, one.busy) == ("failed", 1, 7, 10.0)
    assert start.history.past.sums(0.0, BEGIN - 1000) == []
