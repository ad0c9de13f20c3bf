"""The live lines: what they say, and that they fit every terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.snapshot import Snapshot
from flowtui.watch import exits
from flowtui.watch.judge.progress import Progress
from flowtui.watch.ledger import Ledger
from flowtui.watch.output.formats.format import LiveState
from flowtui.watch.output.formats.tty.live_block import FREE, block
from flowtui.watch.output.formats.tty.signs import ASCII, UNICODE, in_ascii
from flowtui.watch.output.formats.tty.spans import width
from flowtui.watch.reason_numbers import Groups, ReasonGroup

NOW = 1_800_000_000.0
REASONS = Groups(
    (
        ReasonGroup(
            1, Reason("'tax_rate' is not in the order of 漢字 " + "x" * 90), 3, (("a", 2), ("b", 1)), True
        ),
        ReasonGroup(2, Reason("502 Bad Gateway to GET /accounts"), 1, (("c", 1),), False),
    ),
    4,
)


def estimate(value, low, high, n):
    return {"value": value, "low": low, "high": high, "n": n}


def row(**more):
    return {
        "agent": None,
        "metric": "failure_rate",
        "text": "failure_rate <= 5%",
        "limit": 0.05,
        "base": estimate(0.026, 0.01, 0.05, 312),
        "new": estimate(0.19, 0.08, 0.4, 21),
        "deciding": None,
        "verdict": "INCONCLUSIVE",
        "reason": "too close to tell",
        "judged": 18,
        "needed": 25,
        **more,
    }


def gate(*rows, **more):
    side = {"runs": 21, "failed": 4, "since": None, "until": None}
    return {
        "verdict": "INCONCLUSIVE",
        "reason": "not sure yet",
        "missing": None,
        "base_remembered": 0,
        "base_coverage": None,
        "base_note": None,
        "needed": 25,
        "rows": list(rows),
        "base": {**side, "runs": 312, "failed": 8},
        "new": side,
        **more,
    }


def board(runs=30, **more):
    books = Ledger()
    for number in range(runs):
        status = ("failed", "completed", "running", "queued", "cancelled")[number % 5]
        raw = {"id": f"run_{number}", "status": status, "agent_id": f"agent_{number}", "created_at": NOW - 60}
        books.put(parse_run(raw, "thr"), 0.0)
    books.unread = ""
    return LiveState(books, Snapshot(at=NOW), 355.0, at=NOW, reasons=REASONS, **more)


def drawn(state, columns=120, rows=36, signs=UNICODE):
    lines = block(state, columns, rows, signs, zone=UTC)
    assert all(width(line) < columns for line in lines)
    assert len(lines) <= max(1, rows - FREE)
    lines = in_ascii(lines) if signs is ASCII else lines
    return ["".join(span.text for span in line).strip() for line in lines]


WAITING = Progress("all 30 runs to end", 18, 30, None, 84.0, exits.FAILED, "6 failed")


@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize(
    ("columns", "rows", "signs"),
    [
        (20, 3, UNICODE),
        (60, 15, ASCII),
        (80, 24, UNICODE),
        (120, 15, ASCII),
        (120, 36, UNICODE),
        (200, 60, ASCII),
    ],
)
def test_the_block_fits_and_begins_with_what_is_most_important(gated, signs, columns, rows):
    rest = {"gate": gate(row(), row(agent="checkout"), row(metric="p95(duration)"))} if gated else {}
    lines = [line for line in drawn(board(progress=WAITING, **rest), columns, rows, signs) if line]
    assert lines[0].startswith(f"08:00:00  {signs.live}" if columns >= 80 else signs.live)
    if rows >= 15 and columns >= 60:
        assert any(line.startswith("so far") and "left" in line for line in lines)
        assert any(line.startswith("#1 ") for line in lines)


def test_it_says_what_is_waited_for_how_far_it_is_and_the_verdict_so_far():
    lines = drawn(board(progress=WAITING))
    assert lines[1] == "08:00:00  ● watching   18 ended, 6 failed, 6 cancelled, 12 active   5m 55s"
    assert lines[2].startswith("waits for       all 30 runs to end  ━━━━")
    assert lines[2].endswith("──  18 of 30 ended")
    assert lines[3] == "so far          FAIL: 6 failed, 1m 24s left"
    settling = Progress("no run to be active: 0 active", settle_left=7.0, seen="nothing failed")
    lines = drawn(board(progress=settling))
    assert lines[2:4] == [
        "waits for       no run to be active: 0 active",
        "so far          nothing failed, settles for 7s more",
    ]


def test_a_gate_is_a_track_with_the_interval_that_decides():
    decides = estimate(0.2, 0.04, 0.5, 18)
    lines = drawn(board(gate=gate(row(deciding=decides)), progress=Progress(time_left=60.0)))
    assert lines[2].startswith("failed share    ─")
    assert lines[2].endswith("20.0% 4.0–50.0%  limit 5.0%")
    assert lines[3].endswith("21 of about 25 runs")
    assert lines[4] == "so far          UNDECIDED, 1m 00s left"
    lines = drawn(board(gate=gate(row(verdict="PASS"), verdict="PASS"), progress=Progress(settle_left=4.0)))
    assert lines[3] == "so far          PASS, settles for 4s more"
    lines = drawn(board(gate=gate(row(needed=None), needed=None)))
    assert lines[3] == "to a verdict    not sure yet"


def test_reasons_have_counts_and_agents_and_the_rest_is_counted():
    lines = drawn(board(), 120)
    (first,) = [line for line in lines if line.startswith("#1")]
    assert "…" in first
    assert first.endswith("3×   ▲ new   a 2, b 1")
    (second,) = [line for line in lines if line.startswith("#2")]
    assert second.endswith("1×   c")
    assert "reason not known of 4 failed runs" in lines


def test_runs_that_have_not_ended_are_listed_or_counted():
    lines = drawn(board(10), 120)
    assert [line.split()[:3] for line in lines[-4:]] == [
        ["●", "running", "run_2"],
        ["●", "running", "run_7"],
        ["○", "queued", "run_3"],
        ["○", "queued", "run_8"],
    ]
    lines = drawn(board(1000), 120)
    assert lines[-2:] == [
        "● running    and 194 more, the oldest 1m 00s",
        "○ queued     and 200 more, the oldest 1m 00s",
    ]


def test_what_has_no_room_is_counted():
    many = Groups(tuple(REASONS.known[0]._replace(number=number) for number in range(1, 7)), 0)
    agents = ("billing", "checkout", "refunds", "research")
    live = replace(board(progress=Progress(), gate=gate(*(row(agent=name) for name in agents))), reasons=many)
    texts = drawn(live, 60, 15)
    assert len(texts) <= 15 - FREE
    assert any("and 1 more comparison, 1 agent not shown" in text for text in texts)
    assert "and 5 more reasons" in texts[-1]
    whole = drawn(live, 80, 24)
    assert sum(text.strip().startswith("#") for text in whole) == 5
    assert "more, the oldest" in whole[-1], "so many runs have not ended"
