"""List, pane and the texts around them as lines: nothing is wider than its room, and unknown is never 0."""

from __future__ import annotations

import math

import pytest

from flowtui.model.answers.failures import failures
from flowtui.model.answers.reason_facts import reason_facts
from flowtui.model.answers.reason_news import Memory
from flowtui.model.export.failure_tables import FailureNames
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import UNICODE as SIGNS
from flowtui.ui.failures.failure_view import Choices, FailureView, basis, matching, pinned, remark, title
from flowtui.ui.failures.list_rows import RowCache, Widths
from flowtui.ui.failures.time_ranges import LENGTHS, TimeRange
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import UNICODE

from .failure_data import CRM, NAMES, NOW, RELEASE, TAX, ended, night


def said(line):
    return "".join(span.text for span in line)


@pytest.fixture(scope="module")
def found():
    rows, why = night()
    runs = sorted((row for row in rows if row.ended >= NOW - 7200), key=lambda row: -row.ended)
    return failures(runs, NOW - 7200, NOW, why, memory=Memory((RELEASE,), NOW - 9e5)), runs


def view_of(found, **more):
    names = FailureNames(agents=NAMES, marks=(RELEASE,), begin=NOW - 9e5, now=NOW)
    return FailureView(
        found,
        TimeRange(7200.0),
        names,
        None,
        -math.inf,
        NOW - 9e5,
        Scales(),
        RowCache(),
        SIGNS,
        UNICODE,
        **more,
    )


@pytest.mark.parametrize("cells", [*range(30, 160, 13), 156])
def test_no_line_is_wider_than_its_room(found, cells):
    answer, runs = found
    for tall in (False, True):
        rows = view_of(answer).rows(Widths.within(cells, tall=tall), answer.reasons)
        for one in answer.reasons:
            lines = [rows.titles(), *rows.lines(one, chosen=True), *rows.lines(one, chosen=False)]
            assert max(map(ink.width, lines)) <= max(cells, 34)
    one = answer.reasons[0]
    for facts in (None, reason_facts(one, runs, answer.since, marks=(RELEASE,))):
        for height in (4, 9, 22):
            pane = view_of(answer).chosen(one, facts, cells, [("enter", "table of these"), ("6", "why")])
            lines = pane.lines(cells, height)
            assert len(lines) <= height
            wide = [line for line in lines if ink.width(line) > max(cells, 100)]
            assert wide == []
    assert ink.width(title(answer, "", cells, whole=True)) <= max(cells, 34)
    ranges = [TimeRange(each) for each in LENGTHS]
    assert ink.width(Choices.within(ranges, ranges[2], "count", cells).line) <= max(cells, 26)
    assert ink.width(remark(answer, 1, cells, sign="^")) <= cells


def test_rows_are_made_again_only_if_something_changed(found):
    answer, _ = found
    view = view_of(answer)
    widths = Widths.within(150, tall=True)
    first = view.rows(widths, answer.reasons).lines(answer.reasons[0], chosen=False)
    assert view.rows(widths, answer.reasons).lines(answer.reasons[0], chosen=False) is first
    assert view.rows(widths, answer.reasons).lines(answer.reasons[0], chosen=True) is not first


def test_without_the_ended_runs_shares_are_not_told(found):
    answer, _ = found
    assert said(title(answer, "", 150, whole=False)) == "Failures · 3 reasons, 30 failed"
    assert said(title(None, "", 150, whole=False)) == "Failures"
    text = "\n".join(map(said, view_of(answer).chosen(answer.reasons[0], None, 120, ()).lines(120, 20)))
    assert "checkout 14, billing 8" in text
    assert " of " not in text.partition("who")[2].partition("\n")[0]


def test_search_and_pinned_places(found):
    answer, _ = found
    names = view_of(answer).names
    assert [one.reason for one in matching(answer.reasons, "TAX billing", names)] == [TAX]
    assert [one.reason for one in matching(answer.reasons, "run_python", names)] == [TAX]
    assert [one.reason for one in pinned(answer.reasons, {CRM: 0, TAX: 1})][:2] == [CRM, TAX]


def test_what_the_counts_rest_on():
    assert basis(NOW - 60, None, "", -math.inf, None) == ["every run of this time was read"]
    unread = "1 of 3 threads not read yet"
    assert basis(NOW - 60, None, "", -math.inf, None, unread=unread) == [unread]
    (text,) = basis(NOW - 60, None, "", NOW - 30, None)
    assert text.startswith("only runs in memory: all since ")
    assert (
        basis(NOW - 60, None, "it is damaged", NOW - 30, None)[0]
        == "the history cannot be read: it is damaged"
    )


def test_text_of_a_server_is_made_safe():
    hostile = ended("\u202erun", 1, "failed")._replace(thread_key="\x1b[31mthread\u202e", id="run")
    why = {hostile.key: TAX}
    answer = failures([hostile], NOW - 7200, NOW, why, memory=Memory((RELEASE,), NOW - 9e5))
    view = view_of(answer)
    one = answer.reasons[0]
    lines = [*view.rows(Widths.within(150, tall=True), [one]).lines(one, chosen=True)]
    lines += view.chosen(one, reason_facts(one, [hostile], answer.since), 150, ()).lines(150, 24)
    assert not {"\x1b", "\u202e"} & set("".join(map(said, lines)))
    assert "31mth" in "".join(map(said, lines)), "the thread is shown"
