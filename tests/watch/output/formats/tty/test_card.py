"""The card at the end of a watch: it fits every terminal, and says what to do next."""

from __future__ import annotations

from datetime import UTC

import pytest

from flowtui.watch import exits
from flowtui.watch.events import SUMMARY, Event
from flowtui.watch.output.formats.tty.card import card
from flowtui.watch.output.formats.tty.signs import ASCII, UNICODE, in_ascii
from flowtui.watch.output.formats.tty.spans import width

from .test_live_block import gate, row

REASONS = [
    {
        "id": "0123456789",
        "number": number,
        "text": text,
        "source": "tool x",
        "count": 4 - number,
        "agents": [{"agent_id": name, "agent": None, "count": 1} for name in names],
        "new": new,
    }
    for number, text, names, new in (
        (1, "'tax_rate' is not in the order", ("checkout", "billing"), True),
        (2, "502 Bad Gateway 漢字 " + "y" * 200, ("refunds",), False),
    )
]


def summary(code=exits.FAILED, **more):
    fields = {
        "exit": code,
        "verdict": code,
        "reason": "",
        "decided": "6 failed: run_1, run_2",
        "ended": "24 runs ended",
        "outcome": {"text": "18 completed, 6 failed"},
        "notes": [],
        "counts": {"total": 24},
        "tokens": 186_000,
        "failed": [],
        "duration_s": 408.0,
        "reasons": REASONS,
        "reasons_unknown": 2,
        "first_failed": {
            "thread_id": "thr_1",
            "run_id": "run_5be0f4",
            "agent_id": "a",
            "agent": "checkout",
            "at": "2026-11-06T02:06:08.000Z",
            "after_s": 128.0,
            "mark": "release-42",
            "reason_number": 1,
        },
        "outages": {"count": 0, "seconds": 0.0},
        "next": "flowtui run run_5be0f4 -t thr_af291c",
        "advice": None,
        **more,
    }
    return Event(SUMMARY, 0.0, fields)


def drawn(event, columns=120, signs=UNICODE, rows=60):
    lines = card(event, (columns, rows), signs, zone=UTC)
    lines = in_ascii(lines) if signs is ASCII else lines
    return ["".join(span.text for span in line) for line in lines], lines


@pytest.mark.parametrize(
    ("columns", "signs", "code"),
    [
        *((80, UNICODE, code) for code in sorted(exits.WORDS)),
        *(
            (columns, signs, exits.FAILED)
            for columns, signs in ((31, ASCII), (60, UNICODE), (120, ASCII), (300, UNICODE))
        ),
    ],
)
def test_every_line_has_the_width_of_the_card_and_only_the_banner_is_solid(signs, columns, code):
    decided = gate(row(verdict="FAIL"), row(agent="checkout"), verdict="FAIL", silent=0, undated=0)
    texts, lines = drawn(
        summary(code, gate={**decided, "new_signatures": [], "unexplained": 0, "reach": None}), columns, signs
    )
    framed = [line for line in lines if not line[0].text.startswith("next: ")]
    assert {width(line) for line in framed} == {min(columns - 1, 100)}
    solid = [
        number for number, line in enumerate(lines) if any(span.tone.startswith("solid") for span in line)
    ]
    assert solid == list(range(1, len(solid) + 1))
    assert exits.WORDS[code] in texts[1]
    assert f"exit {code}" in texts[1]


def test_the_card_says_everything():
    texts, _ = drawn(summary(), 120)
    body = [text.strip(" │") for text in texts]
    assert body[1].split() == ["×", "FAIL", "6", "failed:", "run_1,", "run_2", "exit", "1"]
    assert "first failed    run_5be0f4  02:06:08, 2m 08s after release-42, #1" in body
    assert "ended           24 runs ended" in body
    assert "runs            18 completed, 6 failed" in body
    assert "watched         6m 48s, 24 runs, 186k tokens, no outage" in body
    assert "next            flowtui run run_5be0f4 -t thr_af291c" in body
    assert any(line.startswith("reasons         #1  3×  'tax_rate' is not in the order") for line in body)
    assert "not known of 2 failed runs" in body


def test_a_reason_that_the_base_does_not_have_is_new():
    fields = {"silent": 0, "undated": 0, "new_signatures": [], "unexplained": 0, "reach": None}
    texts, _ = drawn(summary(gate={**gate(row(verdict="FAIL"), verdict="FAIL"), **fields}), 80)
    assert sum("▲ new" in text for text in texts) == 1
    assert not any("new" in text for text in drawn(summary())[0])


def test_a_command_that_does_not_fit_can_be_copied_whole_below():
    command = f"flowtui run {'r' * 36} -t {'t' * 36}"
    texts, lines = drawn(summary(next=command, advice="give a longer --timeout"), 80)
    assert texts[-1] == f"or: {command}"
    assert lines[-2][0].text.startswith("╰")
    assert any("next            give a longer --timeout" in text for text in texts)
    assert drawn(summary(next=command), 80)[0][-1] == f"next: {command}"
    texts, _ = drawn(summary(exits.MET, next=None, reasons=[], reasons_unknown=0, first_failed=None), 80)
    assert not any("next" in text or "reasons" in text or "first" in text for text in texts)


def test_in_a_low_terminal_the_verdict_stays_in_sight():
    many = [{**REASONS[0], "number": number} for number in range(1, 9)]
    high, _ = drawn(summary(reasons=many), rows=60)
    low, _ = drawn(summary(reasons=many), rows=15)
    assert len(low) < 15 < len(high)
    assert sum("#" in text for text in low) < sum("#" in text for text in high)
    assert any("more reasons" in text for text in low)


def test_the_comparisons_that_decide_come_first_and_others_go_where_the_card_would_be_too_high():
    good = row(verdict="PASS", metric="p95(duration)")
    decided = gate(good, row(agent="a"), row(verdict="FAIL", agent="b"), verdict="FAIL", silent=0, undated=0)
    decided |= {"new_signatures": [], "unexplained": 0, "reach": None}
    high, _ = drawn(summary(gate=decided))
    agents = [line.split()[1] for line in high if "limit " in line]
    assert agents == ["b", "a", "limit"]
    low, _ = drawn(summary(gate=decided), rows=18)
    assert len(low) < 18 < len(high)
    assert [line.split()[1] for line in low if "limit " in line] == ["b"]
    assert any("and 2 more comparisons" in text for text in low)


@pytest.mark.parametrize(("columns", "rows"), [(60, 15), (80, 15), (60, 24)])
def test_the_card_of_a_gate_by_agent_fits_a_small_terminal(columns, rows):
    names = ["billing", "checkout", "refunds", "research", "support", "triage", "intake"]
    found = gate(
        *(row(agent=name, metric=each) for name in names for each in ("failure_rate", "tokens_per_run"))
    )
    fields = {**found, "new_signatures": [], "unexplained": 0, "reach": None, "silent": 3, "undated": 2}
    event = summary(
        exits.TIMED_OUT,
        gate=fields,
        decided="--timeout 40s reached, the gate is undecided: too few runs of research and triage",
        notes=["an unchanged release of support needs about 2,200 runs on 230 threads a side to pass"],
        advice="give a longer --timeout: the gate takes about 1,923 runs, and 218 came",
    )
    texts, _ = drawn(event, columns, rows=rows)
    whole = " ".join(text.strip(" │") for text in texts)
    assert len(texts) < rows
    assert "TIMEOUT" in texts[1]
    assert "and 13 more comparisons, 6 agents not shown" in " ".join(whole.split())
    for kept in ("failed share", "limit 5.0%", "next", "give a longer --timeout"):
        assert kept in whole, "more important than all that is left out"


def test_other_failures_than_failed_runs_are_named():
    failed = [
        {"run_id": f"run_{number}", "thread_id": "t", "because": "overdue", "reason": None}
        for number in range(5)
    ]
    failed.append({"run_id": "run_9", "thread_id": "t", "because": "failed", "reason": "x"})
    texts, _ = drawn(summary(failed=failed), 80)
    assert any("also counts     run_0 overdue" in text for text in texts)
    assert any("and 2 more" in text for text in texts)
