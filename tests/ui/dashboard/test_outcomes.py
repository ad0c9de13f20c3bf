"""The outcomes of the last hours as lines: sums, chart, releases, and what is left out where there is no room."""

from __future__ import annotations

from datetime import UTC

import pytest
from rich.cells import cell_len

from flowtui.model.answers.recent_runs import Recent
from flowtui.model.run.cost import Costs, Total, Waste
from flowtui.model.state.marks import Mark
from flowtui.model.stats.thread_totals import Sums
from flowtui.model.stats.totals import Totals
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import ASCII, UNICODE
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.dashboard.outcomes import (
    Outcomes,
    OutcomeStyle,
    known_values,
    outcome_line,
    outcome_lines,
    sum_lines,
)
from flowtui.ui.paint import glyphs
from flowtui.ui.paint.ink import Span

NOW = 1_800_000_000.0


def text(line):
    return "".join(span.text for span in line)


def sums(completed=325, failed=44, tokens=3_300_000, wasted=600_000, cost=1.94):
    by_class = {"completed": completed, "failed": failed}
    total = Total(cost, "USD", 300, unreported=5)
    totals = Totals(completed + failed, 300, None, None, tokens, by_class)
    return Sums(totals, None if cost is None else Costs(total, total), Waste(wasted, 0))


def outcomes(cells, whole=None, **more):
    axis = TimeAxis.rolling(7_200.0, NOW, cells)
    completed, failed = [3] * cells, [0] * (cells - 3) + [2] * 3
    found = Recent(completed, failed, {}, whole or sums(), {}, frozenset(), axis.since)
    return Outcomes(found, axis, [Mark(NOW - 600, "release-42")], 62_900, **more)


def style(signs=UNICODE, marks=glyphs.UNICODE):
    return OutcomeStyle(signs, marks, Scales(), UTC)


@pytest.mark.parametrize(("signs", "marks"), [(UNICODE, glyphs.UNICODE), (ASCII, glyphs.ASCII)])
def test_the_sums_come_first_then_the_chart_then_what_is_more(signs, marks):
    more = [(Span("Tokens"),), (Span("prompt 1"),)]
    for height in range(2, 30):
        lines = [text(line) for line in outcome_lines(outcomes(29, more=more), style(signs, marks), height)]
        assert len(lines) in (2, height)
        assert all(cell_len(line) <= 29 for line in lines)
        assert any("325 completed" in line for line in lines)
        assert any("18% wasted" in line for line in lines)
        assert any("release-42" in line for line in lines) == (height >= 7)
        assert ("prompt 1" in lines) == (height >= 15)
    assert any(line.startswith("62.9k tok in the last minute") for line in lines)


def test_a_narrowed_view_has_its_own_sums_even_instead_of_the_chart():
    brief = [(Span("Tokens · filtered"),), (Span("total 7"),)]
    low = [text(line) for line in outcome_lines(outcomes(29, brief=brief), style(), 6)]
    assert low[:2] == ["Tokens · filtered", "total 7"]
    tall = [text(line) for line in outcome_lines(outcomes(29, brief=brief), style(), 14)]
    assert tall[-3:] == ["Tokens · filtered", "total 7", "62.9k tok in the last minute"]
    assert any("release-42" in line for line in tall)


def test_sums_that_do_not_fit_are_shortened_and_unknown_is_not_0():
    narrow = [text(line) for line in sum_lines(sums(), 24, glyphs.UNICODE)]
    assert narrow == ["✓ 325        × 44 failed", "≥$1.94        18% wasted"]
    least = [text(line) for line in sum_lines(sums(), 29, glyphs.UNICODE, least=True)]
    assert least == ["✓ ≥325           × ≥44 failed", "≥$1.94  ≥3.3M tok  18% wasted"]
    none = text(sum_lines(sums(failed=0), 29, glyphs.UNICODE, least=True)[0])
    assert none == "✓ ≥325 completed   × — failed"
    assert text(sum_lines(sums(), 16, glyphs.UNICODE)[0]) == "✓ 325       × 44"
    unknown = [text(line) for line in sum_lines(sums(0, 0, None, None, None), 29, glyphs.UNICODE)]
    assert unknown == ["✓ 0 completed      × 0 failed", "— tok                — wasted"]
    assert "— wasted" in text(sum_lines(sums(0, 0, None, 0, None), 29, glyphs.UNICODE)[1]), (
        "none failed, nor is it known"
    )


def test_runs_are_drawn_as_far_as_they_are_known_and_no_zero_is_made_up():
    axis = TimeAxis.rolling(7_200.0, NOW, 6)
    found = Recent([0, 2, 0, 0, 0, 1], [0] * 6, {}, sums(), {}, frozenset(), axis.since + 3.5 * axis.step)
    shown = Outcomes(found, axis, (), None)
    assert known_values(found.completed, shown) == [None, 2, None, 0, 0, 1]


def test_without_a_left_column_one_line_says_what_failed():
    line = outcome_line(outcomes(24), style(), 40, "last 2h")
    assert text(line).startswith("failed ")
    assert text(line).endswith(" 12% of 2h  ≥$1.94")
    assert cell_len(text(line)) <= 40
    assert text(outcome_line(outcomes(24), style(), 12, "last 2h")) == " 12% of 2h"
    empty = outcomes(24, sums(0, 0))
    assert text(outcome_line(empty, style(), 26, "last 2h")) == "no run ended in last 2h"
    assert "no run" not in text(outcome_line(empty._replace(complete=False), style(), 26, "last 2h"))


@pytest.mark.parametrize(
    ("ago", "said"), [(3 * 3600, "last one 05:05, 3h ago"), (86_400 * 24, "last one 24d ago")]
)
def test_without_runs_it_says_for_how_long_and_when_the_last_one_ended_in_the_narrowest_column(ago, said):
    empty = outcomes(24, sums(0, 0))
    found = empty.found._replace(last=empty.axis.until - ago)
    lines = [text(line) for line in outcome_lines(empty._replace(found=found), style(), 10)]
    assert [line for line in lines if line] == ["No run ended", "in the last 2h", said]
    assert max(map(cell_len, lines)) <= 24


def test_the_tokens_of_the_last_minute_say_so_in_the_narrowest_column():
    lines = [text(line) for line in outcome_lines(outcomes(24), style(), 14)]
    assert "62.9k tok last minute" in lines
    lines = [text(line) for line in outcome_lines(outcomes(24)._replace(is_short=True), style(), 14)]
    assert "62.9k tok since start" in lines
    lines = [text(line) for line in outcome_lines(outcomes(29)._replace(is_short=True), style(), 14)]
    assert "62.9k tok since the start" in lines
