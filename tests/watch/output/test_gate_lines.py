"""The lines of a gate's result: how much its runs tell, and whether it can be passed."""

from __future__ import annotations

import pytest

from flowtui.watch.output.formats.gate_lines import cells, notes

BASE = {"value": 0.05, "low": 0.03, "high": 0.08, "n": 312, "threads": 312, "worth": 312.0}
NEW = {"value": 0.3, "low": 0.1, "high": 0.5, "n": 124, "threads": 9, "worth": 40.2}


def _row(new=NEW, base=BASE, agent=None):
    return {
        "text": "failure_rate <= base",
        "metric": "failure_rate",
        "agent": agent,
        "base": base,
        "new": new,
        "limit": 0.05,
        "verdict": "INCONCLUSIVE",
    }


def _gate(*rows, verdict="INCONCLUSIVE", warning=None):
    return {
        "verdict": verdict,
        "missing": None,
        "base_remembered": 0,
        "base_coverage": None,
        "base_note": None,
        "base": {"runs": 0},
        "silent": 0,
        "undated": 0,
        "needed": None,
        "rows": rows,
        "reach": None if warning is None else {"warning": warning},
        "new_signatures": [],
        "unexplained": 0,
    }


def test_what_bunched_runs_are_worth_is_told_in_the_table_and_below_it():
    assert cells(_row())[1:3] == ("5.0% (3.0% to 8.0%) n=312", "30.0% (10.0% to 50.0%) n=124, worth 40")
    said = "on 9 threads count as about 40"
    assert notes(_gate(_row())) == [f"runs of one thread are alike (failure_rate): 124 new runs {said}"]
    before = _row(new=BASE, base=NEW, agent="billing")
    assert notes(_gate(before)) == [
        f"runs of one thread are alike (failure_rate of billing): 124 base runs {said}"
    ]
    assert notes(_gate(_row(new=BASE))) == []


def test_of_many_comparisons_the_one_that_tells_the_least_is_named():
    rows = (_row(agent="a"), _row(agent="b", new={**NEW, "worth": 9.0}, base=NEW), _row(agent="c"))
    (told,) = notes(_gate(*rows))
    assert told.startswith(
        "runs of one thread are alike (failure_rate of b): 124 new runs on 9 threads count as about 9;"
    )
    assert told.endswith("; 124 base runs on 9 threads count as about 40")


def test_the_runs_that_a_verdict_takes_are_a_note_if_several_comparisons_are_undecided():
    alone = {**_gate(_row(new=BASE)), "needed": 1200}
    assert notes(alone) == []  # the comparison says it
    assert notes({**alone, "rows": [_row(new=BASE)] * 2}) == [
        "a verdict takes about 1,200 runs a side, if the values stay as they are"
    ]


def test_that_a_gate_is_out_of_reach_is_told_while_it_is_undecided():
    assert notes(_gate(_row(new=BASE), warning="it needs 900 runs")) == ["it needs 900 runs"]
    assert notes(_gate(_row(new=BASE), warning="it needs 900 runs", verdict="FAIL")) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, []),
        (
            {"base_note": "it cannot be read", "base_remembered": 0},
            ["base from the API: it cannot be read"],
        ),
        (
            {"base_note": "it cannot be read"},
            ["base from the API; 7 of 9 runs from the history, as they have left memory: it cannot be read"],
        ),
        (
            {"base_coverage": {"live_s": 6900.0, "read_s": 0.0, "unanswered_s": 0.0, "unwatched_s": 300.0}},
            ["base from the history (7 of 9 runs): watched 1h 55m of 2h, 5m from the API"],
        ),
    ],
)
def test_where_the_base_comes_from_is_told_if_there_is_a_history(more, said):
    assert notes({**_gate(), "base": {"runs": 9}, "base_remembered": 7, **more}) == said
