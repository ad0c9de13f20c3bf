"""The lines of the deploy gate: they fit every width and show every verdict; server texts are display-safe."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from flowtui.model.gate import (
    FAIL,
    INCONCLUSIVE,
    PASS,
    ComparisonResult,
    Estimate,
    Judgement,
    NewReason,
    Side,
    parse_gate,
)
from flowtui.model.gate.answer import Answer, Question
from flowtui.model.gate.sides import Sides
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.marks import Mark
from flowtui.ui.gate.rows import ROLES, created_words, estimate, gate_lines, question_lines, watch_command
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE

QUESTION = Question(Mark(600.0, "v 2"), 7_200.0, parse_gate("failure_rate <= base + 2%"), 20, by_agent=False)
BASE, NEW = Estimate(0.05, 0.03, 0.08, 212), Estimate(0.4, 0.25, None, 34)


def _row(verdict=FAIL, agent=None):
    reason = "failure_rate is 40.0%, surely not <= base + 2% (7.0%)"
    reason = reason if agent is None else f"{agent}: {reason}"
    return ComparisonResult(
        agent,
        "failure_rate",
        "failure_rate <= base + 2%",
        BASE,
        NEW,
        0.07,
        0.05,
        0.1,
        verdict,
        reason,
        34,
        None,
    )


def _answer(verdict=FAIL, *, rows=None, missing="", signatures=(), unexplained=0, needed=None, undated=0):
    rows = (_row(verdict),) if rows is None else rows
    judgement = Judgement(verdict, "the reason", rows, signatures, unexplained, needed)
    sides = Sides(Side((), 0.0, 600.0), Side((), 600.0, 900.0), undated, missing)
    return Answer(QUESTION, INCONCLUSIVE if missing else verdict, judgement, sides)


def _text(lines):
    return "\n".join("".join(span.text for span in line) for line in lines)


@pytest.mark.parametrize(("verdict", "sign"), [(PASS, "✓"), (FAIL, "×"), (INCONCLUSIVE, "–")])
def test_a_verdict_has_sign_word_and_colour(verdict, sign):
    head = gate_lines(_answer(verdict), 118, UNICODE)[0]
    assert head[0].text.strip() == sign
    assert head[1].text.replace(" ", "") == verdict
    assert {span.role for span in head} == {ROLES[verdict]}


def test_a_comparison_shows_both_sides_with_interval_count_and_limit():
    text = _text(gate_lines(_answer(), 118, UNICODE))
    assert "5.0% (3.0% to 8.0%) n=212" in text
    assert "40.0% (25.0% to —) n=34" in text
    assert "<= 7.0%" in text
    assert "surely not <= base + 2% (7.0%)" in text
    assert estimate("failure_rate", Estimate(None, None, None, 0)) == "—"
    assert estimate("failure_rate", Estimate(0.5, None, None, 2)) == "50.0% n=2"


@pytest.mark.parametrize("cells", [40, 58, 78, 118])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_no_line_is_wider_than_the_screen(cells, glyphs):
    rows = (_row(agent="checkout-多言語-" * 6), _row(PASS))
    found = _answer(
        rows=rows, missing="of thr_1", signatures=(NewReason(Reason("x" * 200), 7),), unexplained=3, undated=2
    )
    for line in [
        *gate_lines(found, cells, glyphs),
        *question_lines(QUESTION, (1_800.0, 7_200.0), "now", cells),
    ]:
        assert ink.width(line) <= cells


def test_failing_agents_come_first():
    rows = (_row(PASS, "a"), _row(INCONCLUSIVE, "b"), _row(FAIL, "c"))
    lines = _text(gate_lines(_answer(rows=rows), 118, UNICODE)).splitlines()
    assert [line.strip() for line in lines if line.strip() in ("a", "b", "c")] == ["c", "b", "a"]


def test_if_older_runs_were_not_read_there_is_no_verdict_but_a_command():
    found = _answer(FAIL, missing="not all runs before the mark are known for thr_1")
    text = _text(gate_lines(found, 118, UNICODE))
    assert "FAIL" not in text
    assert "F A I L" not in text
    assert "known for thr_1" in text
    assert "surely" not in text
    command = watch_command(QUESTION)
    assert shlex.split(command)[:6] == ["flowtui", "watch", "--since", "mark:v 2", "--compare", "2h"]
    assert command in text


def test_failures_are_perhaps_new_if_old_reasons_are_unknown():
    signatures = (NewReason(Reason("KeyError: \x1b[31m#"), 3),)
    sure = _text(gate_lines(_answer(signatures=signatures), 118, UNICODE))
    assert "New failures since v 2" in sure
    assert "3x  KeyError" in sure
    assert "\x1b" not in sure
    unsure = _text(gate_lines(_answer(signatures=signatures, unexplained=2), 118, UNICODE))
    assert "Perhaps new failures since v 2" in unsure
    assert "no reason is known of 2 runs that failed before" in unsure


def test_an_inconclusive_verdict_says_how_many_runs_are_needed():
    assert "about 140 runs a side would tell" in _text(
        gate_lines(_answer(INCONCLUSIVE, needed=140), 118, UNICODE)
    )
    assert "a pass takes 20 judged" in _text(gate_lines(_answer(PASS), 118, UNICODE))


def test_bunched_runs_are_told_with_what_they_are_worth():
    bunched = Estimate(0.3, 0.1, 0.5, 124, 9, 40.2)
    text = _text(
        gate_lines(_answer(INCONCLUSIVE, rows=(replace(_row(INCONCLUSIVE), new=bunched),)), 160, UNICODE)
    )
    assert "30.0% (10.0% to 50.0%) n=124, worth 40" in text
    assert "the reason" in text
    assert "new: 124 runs on 9 threads, worth about 40" in text


def test_a_gate_out_of_reach_says_how_many_runs_an_unchanged_release_needs():
    text = " ".join(_text(gate_lines(_answer(INCONCLUSIVE), 118, UNICODE)).split())
    assert "an unchanged release needs about" in text
    assert "runs a side to pass failure_rate <= base + 2%; --compare 2h has 212 runs" in text
    assert "an unchanged release" not in _text(gate_lines(_answer(FAIL), 118, UNICODE))
    missing = _answer(INCONCLUSIVE, missing="not all runs are known")
    assert "an unchanged release" not in _text(gate_lines(missing, 118, UNICODE))


def test_each_count_of_runs_is_labelled(a_run):
    runs = [a_run(f"r{number}", "running" if number < 4 else "completed") for number in range(29)]
    assert created_words(runs, 0) == "29 runs created since: 25 ended, 4 not ended"
    assert created_words(runs, 2) == (
        "29 runs created since: 25 ended, 2 of these not counted while older ones are active, 4 not ended"
    )
    assert created_words(runs[5:6], 0) == "1 run created since: 1 ended"
    found = _answer(INCONCLUSIVE)
    sides = found.sides._replace(new=Side(tuple(runs), 600.0, 900.0))
    text = " ".join(_text(gate_lines(found._replace(sides=sides), 118, UNICODE)).split())
    assert "29 runs created since: 25 ended, 4 not ended; 0 created in the 2h before;" in text
    assert "n counts ended runs with a value for the metric" in text
