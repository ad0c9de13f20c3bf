"""The bottom edge of the table's frame: the release on the left, what waits on the right, each only where it fits."""

from __future__ import annotations

from flowtui.model.answers.since_release import Side, SinceRelease
from flowtui.model.state.marks import Mark
from flowtui.ui.charts.signs import UNICODE
from flowtui.ui.paint.ink import Span, width
from flowtui.ui.table.edge import APPLIES, release_texts, waiting_text
from flowtui.ui.widgets.frame_edge import edge_line

FOUND = SinceRelease(Mark(1_000.0, "release-42"), Side(124, 100, 31), Side(300, 300, 6))


def text(line):
    return "".join(span.text for span in line)


def test_the_longest_text_that_fits_is_shown_and_the_line_between_fills_the_frame():
    texts = release_texts(FOUND, "", 1_000.0 + 37 * 60, UNICODE)
    assert [text(line) for line in texts] == [
        "┆ release-42 37m ago, 124 runs since, 100 ended: 31% failed, 2% in the day before",
        "┆ release-42 37m ago, 124 runs since, 100 ended: 31% failed",
        "┆ release-42 37m ago, 31% failed since",
        "┆ release-42 37m ago",
    ]
    right = waiting_text(f"2 new   {APPLIES}  ·  3 watched")
    seen = set()
    for cells in range(20, 140):
        line = edge_line(texts, right, cells, Span("─", "track"))
        assert line == right or width(line) == cells - 6
        seen.add(text(line).partition(" ─")[0])
    assert {text(each) for each in texts} <= seen
    assert text(edge_line(texts, (), 40, Span("─", "track"))).endswith("─")


def test_few_runs_have_no_share_and_what_only_informs_is_dim():
    few = FOUND._replace(since=Side(3, 2, 1), least=True)
    assert text(release_texts(few, "triage", 1_060.0, UNICODE)[0]) == (
        "┆ release-42 1m ago, at least 3 runs of triage since"
    )
    roles = {
        span.text.strip(): span.role
        for span in waiting_text(f"2 new   {APPLIES}  ·  1 failed, reason unknown")
    }
    assert roles["2 new"] == "warn"
    assert roles["."] == "key"
    assert roles["1 failed, reason unknown"] == "dim"
    assert roles["press"] == roles["to update"] == "dim"


def test_a_share_before_the_release_says_what_it_covers_if_runs_may_be_missing():
    partial = FOUND._replace(before_least=True)
    said = text(release_texts(partial, "", 1_060.0, UNICODE)[0])
    assert said.endswith("since, 100 ended: 31% failed, 2% of the 300 known before")
