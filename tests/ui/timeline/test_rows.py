"""Lanes drawn as lines: signs, time axis, labels, highlight, marks, and exact widths."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from rich.cells import cell_len

from flowtui.model.state.marks import Mark
from flowtui.model.timeline.lanes import lane, thread_history
from flowtui.model.timeline.time_window import TimeWindow
from flowtui.ui.paint import glyphs, ink, time_axis
from flowtui.ui.paint.ink import Span
from flowtui.ui.timeline.labels import crowd_words, legend_row, window_words
from flowtui.ui.timeline.rows import (
    LaneContext,
    LaneName,
    axis_row,
    lane_rows,
    names_width,
)
from flowtui.ui.timeline.signs import ASCII, UNICODE

START = 1_795_521_600.0  # 2026-11-24 12:00:00 UTC
WINDOW = TimeWindow(START, 10.0, 60)
NAME = LaneName("thr_1", 1, 2, None, "checkout")


def _context(rows=3, signs=UNICODE, now=START + 585.0, marks=()):
    kind = glyphs.ASCII if signs is ASCII else glyphs.UNICODE
    return LaneContext(WINDOW, now, kind, signs, 18, rows, tuple(marks), time_axis.ticks(WINDOW, UTC))


def _rows(runs, context, name=NAME, cursor=None, *, chosen=False, seen=float("inf")):
    history = thread_history(runs)
    made = lane(history, WINDOW, context.now, seen)
    segment = next((segment for segment in history.segments if segment.run.raw_id == cursor), None)
    return lane_rows(made, history, name, context, segment, chosen=chosen)


def _text(row):
    return "".join(span.text for span in row.spans)


def _lane(row):
    return _text(row)[19:].replace("┊", " ").replace("│", " ").rstrip()


def _at(seconds):
    return START + seconds


@pytest.fixture
def runs(a_run):
    return [
        a_run("run_a", "completed", created=_at(5), started=_at(10), completed=_at(155)),
        a_run("run_b", "failed", created=_at(60), started=_at(155), failed=_at(250)),
        a_run("run_c", "running", created=_at(400), started=_at(405)),
        a_run("run_d", "queued", created=_at(500)),
    ]


def test_every_sign_is_one_cell_and_ascii_signs_are_ascii():
    for signs in (UNICODE, ASCII):
        for sign in signs:
            assert all(cell_len(char) == 1 for char in sign)
    assert "".join(ASCII).isascii()


def test_with_three_lines_for_a_lane_durations_runs_and_queued_runs_are_shown(runs):
    labels, upper, lower = map(_lane, _rows(runs, _context()))
    assert labels == " run_a 2m 25s  1m 35s                   run_c 3m 00s"
    assert upper == " ━━━━━━━━━━━━━━✓━━━━━━━━━×              ━━━━━━━━━━━━━━━━━━●"
    assert lower == "─╯    ─────────╯" + " " * 34 + "────────○"


def test_with_one_line_for_a_lane_queued_runs_are_shown_beside_running_ones_or_by_their_sign(runs, a_run):
    (only,) = _rows(runs, _context(rows=1))
    assert _lane(only) == "─━━━━━┯┯┯┯┯┯┯┯┯✓━━━━━━━━━×              ━━━━━━━━━━┯┯┯┯┯┯┯┯●"
    (waits,) = _rows([a_run("q", "queued", created=_at(500))], _context(rows=1))
    assert _lane(waits) == " " * 50 + "────────○"


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
@pytest.mark.parametrize("signs", [UNICODE, ASCII])
@pytest.mark.parametrize(
    "name", ["thr_1", "thr_with_a_very_long_name_indeed", "多言語スレッド多言語スレッド"]
)
def test_every_line_fills_the_width(runs, rows, signs, name):
    context = _context(rows=rows, signs=signs)
    for trouble in (None, Span("stale 47s", "warn")):
        lines = _rows(
            runs, context, LaneName(name, 12, 345, trouble, "多言語-concierge-多言語-concierge"), "run_b"
        )
        assert len(lines) == rows
        for row in lines:
            assert ink.width(row.spans) == context.names + 1 + WINDOW.cells


def test_the_name_column_has_counts_and_agent_or_error(runs):
    _, first, second = _rows(runs, _context())
    assert _text(first)[:18].split() == ["thr_1", "1●", "2×"]
    assert _text(second)[:18].split() == ["checkout"]
    _, _, second = _rows(runs, _context(), NAME._replace(trouble=Span("stale 47s", "warn")))
    assert "stale 47s" in _text(second)
    (only,) = _rows(runs, _context(rows=1), NAME._replace(trouble=Span("stale 47s", "warn")))
    assert "stale 47s" in _text(only)


def test_a_thread_with_old_data_is_dim_and_drawn_only_until_its_last_observation(runs):
    name = NAME._replace(trouble=Span("stale 80s", "warn"), seen=_at(505.0))
    labels, upper, _ = _rows(runs, _context(), name, seen=_at(505.0))
    assert "run_c 1m 40s" in _lane(labels)
    assert _lane(upper).endswith("━━━━━━━━━━●········")
    assert {span.role for span in upper.spans[-4:]} <= {"dim", "track", "text"}


def test_the_chosen_run_is_highlighted_and_its_label_has_priority(runs):
    labels, upper, lower = _rows(runs, _context(), cursor="run_b", chosen=True)
    assert upper.lit == (19 + 15, 19 + 25)
    assert lower.lit == (19 + 6, 19 + 15)
    assert labels.lit is None
    assert ("run_b 1m 35s", "strong") in [tuple(span) for span in labels.spans]
    assert _text(upper).startswith("►")
    (only,) = _rows(runs, _context(rows=1), cursor="run_b", chosen=True)
    assert only.lit == (19 + 6, 19 + 25)


def test_a_chosen_run_out_of_sight_highlights_nothing(runs, a_run):
    old = a_run("run_o", "completed", created=_at(-500), started=_at(-490), completed=_at(-400))
    assert all(row.lit is None for row in _rows([old, *runs], _context(), cursor="run_o", chosen=True))


def test_a_lane_without_visible_runs_says_how_far_away_the_nearest_is(a_run):
    old = a_run("run_o", "completed", created=_at(-500), started=_at(-490), completed=_at(-400))
    later = a_run("run_l", "completed", created=_at(700), completed=_at(800))
    assert "◄ last run 6m 40s earlier" in _text(_rows([old], _context())[1])
    assert "first run 1m 40s later ►" in _text(_rows([later], _context(rows=1))[0])
    assert "no runs" in _text(_rows([], _context(rows=2))[1])


def test_the_axis_labels_round_times_and_now_without_overlap():
    text = _text(axis_row(_context()))[19:]
    assert "12:02" in text
    assert text.index("12:02") == WINDOW.cell(_at(120))
    assert text.rstrip().endswith(" now")
    for seconds in range(0, 600, 7):
        words = _text(axis_row(_context(now=_at(seconds))))[19:].split()
        assert set(words) <= {"12:00", "12:02", "12:04", "12:06", "12:08", "now"}, words


def test_a_mark_crosses_all_lanes_and_is_named_on_the_axis(runs):
    context = _context(marks=[Mark(_at(300), "v42")])
    assert "▼ v42" in _text(axis_row(context))
    for row in _rows(runs, context):
        assert _text(row)[19 + 30] == "┆"
    hidden = _context(marks=[Mark(_at(200), "v42")])
    assert _text(_rows(runs, hidden)[1])[19 + 20] == "━", "runs stand before marks"


def test_labels_on_the_axis_never_overlap():
    for seconds in range(0, 600, 10):
        marks = [Mark(_at(30), "v41"), Mark(_at(seconds), "v42")]
        text = _text(axis_row(_context(marks=marks)))[19:]
        words = text.replace("▼", " ").split()
        assert set(words) <= {"12:00", "12:02", "12:04", "12:06", "12:08", "now", "v42", "v41"}, text
        assert "▼" in text
        assert "now" in words


def test_wide_characters_do_not_shift_cells(a_run):
    context = _context(marks=[Mark(_at(300), "多言語")])
    wide = a_run("多言語", "completed", created=_at(10), started=_at(10), completed=_at(300))
    for row in (axis_row(context), *_rows([wide], context, cursor="多言語")):
        assert ink.width(row.spans) == 19 + 60


def test_the_crowd_sign_grows_with_the_number_of_runs(a_run):
    heights = []
    for number in (3, 10, 50):
        runs = [
            a_run(f"r{place}", "completed", created=_at(100), started=_at(100), completed=_at(101))
            for place in range(number)
        ]
        heights.append(_lane(_rows(runs, _context())[1]).strip())
    assert heights == ["▂", "▅", "█"]


def test_the_name_column_is_narrower_on_narrow_screens():
    assert [names_width(cells) for cells in (158, 118, 78, 58)] == [23, 23, 19, 16]
    assert [names_width(cells, dense=True) for cells in (158, 118, 78, 58)] == [32, 32, 26, 21]


@pytest.mark.parametrize("agent", ["checkout", "多言語-concierge"])
def test_a_dense_lane_keeps_both_names_and_a_long_thread_its_end(runs, agent):
    name = LaneName("thr_44d71a", 1, 2, None, agent, brief="44d71a")
    (only,) = _rows(runs, replace(_context(rows=1), names=26), name)
    names = _text(only).partition(UNICODE.edge)[0]
    assert names.split()[0] == "44d71a"
    assert names.split()[1][:3] == agent[:3]
    assert names.split()[-1] == "2×"
    _, first, _ = _rows(runs, replace(_context(), names=14), name)
    assert _text(first).split()[:1] == ["44d71a"]


def test_several_runs_of_an_agent_at_once_are_no_error(a_run):
    both = [
        a_run(f"r{at}", "completed", f"t{at}", created=_at(at), started=_at(at), completed=_at(300))
        for at in (10, 60)
    ]
    roles = {}
    for by_agent in (False, True):
        row = _rows(both, replace(_context(rows=2), by_agent=by_agent))[0]
        roles[by_agent] = {span.role for span in row.spans}
        assert ("═" if by_agent else "╪") in _text(row)
    assert "bad" in roles[False]
    assert "bad" not in roles[True]


def test_the_window_text_has_times_and_the_date_of_other_days():
    assert window_words(WINDOW, _at(10_000), UTC) == "12:00 – 12:10"
    assert window_words(WINDOW, _at(300), UTC) == "12:00 – 12:05", "what has not come is not in sight"
    assert window_words(TimeWindow(START, 1.0, 60), _at(10_000), UTC) == "12:00:00 – 12:01:00"
    assert window_words(WINDOW, _at(100_000), UTC) == "11-24 12:00 – 11-24 12:10"
    assert window_words(TimeWindow(START - 86_400.0, 1440.0, 60), _at(10), UTC) == "11-23 12:00 – 11-24 12:00"


def test_the_crowd_text_counts_the_runs_of_a_cell(runs):
    segments = thread_history(runs).segments
    assert crowd_words(segments[:1]) == ""
    assert crowd_words(segments) == "4 runs here: 1 completed, 1 failed, 1 queued, 1 running"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_legend_leaves_out_entries_that_do_not_fit_and_cuts_none(rows):
    context = _context(rows=rows)
    assert ink.width(legend_row(context).spans) <= context.names + 1 + WINDOW.cells + 3
    assert "queued" in _text(legend_row(context))
