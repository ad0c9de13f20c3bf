"""The Timeline tab: bars are below their times, and sentences do not claim more than is known; every width, ASCII."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.columns.context import Context
from flowtui.model.messages.opened import Opened
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.timeline.phases import RunPhases, phases
from flowtui.ui.paint import ink, time_axis
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.run.phase_bars import bar, window_around
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.run.timeline_tab import timeline_lines

NOW = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC
WIDTHS = [50, 64, 80, 100, 137, 200]


def _said(run, rows=(), *, cells=100, glyphs=UNICODE, now=NOW, looks=(), zone=UTC, offset=0.0):
    """Return the lines as a terminal shows them, after observations: `looks` are pairs of local time and rows."""
    state = ThreadState("thr_1", 2.0)
    for at, seen in (*looks, (now - offset, rows or [run])):
        state, _ = apply_runs(state, seen, at=at, whole=True)
    context = Context(now=now, threads={"thr_1": state}, zone=zone, clock_offset=offset)
    lines = timeline_lines(Opened(run), RenderContext(context, glyphs, cells))
    assert all(ink.width(line.spans) <= cells for line in lines)
    texts = ["".join(span.text for span in line.spans) for line in lines]
    assert all(text.isprintable() for text in texts)
    head = next(place for place, text in enumerate(texts) if text.startswith("Around it "))
    texts = texts[head + 1 :]  # below the spans, for which there is a file of its own
    return [ink.plain(text) for text in texts] if glyphs is ASCII else texts


def _lane(said, run_id):
    return next(line for line in said if f" {run_id} " in line)


def _ticks(said):
    """Return column and time (in seconds of the day) of each tick, as read from the drawn axis."""
    found = []
    for match in re.finditer(r"(\d\d):(\d\d)(?::(\d\d))?", said[0]):
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        found.append((match.start(), hours * 3600 + minutes * 60 + seconds))
        assert said[1][match.start()] == "┬"
    return found


def _place(said, at):
    """Return the column of a time of day, computed from the first and last tick."""
    (left, early), *_, (right, late) = _ticks(said)
    return left + (at - early) / (late - early) * (right - left)


def _day(at):
    return (at - NOW) + 8 * 3600


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize(("waited", "took"), [(2, 38), (30, 10), (0, 1), (400, 4000), (1, 7)])
def test_every_part_of_a_bar_is_under_its_time(a_run, cells, waited, took):
    run = a_run(
        "run_1",
        "completed",
        created=NOW - 5000,
        started=NOW - 5000 + waited,
        completed=NOW - 5000 + waited + took,
    )
    said = _said(run, cells=cells)
    lane = _lane(said, "run_1")
    bar = lane[: lane.rindex("✓") + 1]
    assert abs(bar.rindex("✓") - _place(said, _day(run.completed))) <= 1.01
    start = min(bar.find(sign) for sign in "─▆" if sign in bar)
    assert abs(start - _place(said, _day(run.created))) <= 1.01
    assert abs(bar.index("▆") - _place(said, _day(run.started))) <= 1.01


@pytest.mark.parametrize("cells", WIDTHS)
def test_a_time_on_a_tick_is_drawn_in_the_ticks_column(a_run, cells):
    run = a_run("run_1", "failed", created=NOW - 120, started=NOW - 110, failed=NOW - 80)
    said = _said(run, cells=cells)
    columns = {seconds: column for column, seconds in _ticks(said)}
    lane = _lane(said, "run_1")
    found = {columns.get(_day(NOW - 120)): "─", columns.get(_day(NOW - 80)): "×"}
    found.pop(None, None)
    assert found
    assert {column: lane[column] for column in found} == found
    if "─" in found.values():
        assert lane[min(found) - 1] == " "


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize("seconds", [2, 17, 60, 3000, 86_000, 900_000])
def test_the_run_fills_about_half_and_ticks_are_round_and_few(a_run, cells, seconds):
    run = a_run("run_1", "completed", created=NOW - 2e6, started=NOW - 2e6, completed=NOW - 2e6 + seconds)
    shown = window_around(phases(run, NOW).extent, NOW, cells - 27)
    drawn = bar(RunPhases(run, phases(run, NOW), own=True), shown, (0, 0), UNICODE, NOW)
    text = "".join(span.text for span in drawn)
    assert len(text) == cells - 27
    assert 0.4 <= (text.count("▆") + 1) / len(text) <= 0.6
    found = time_axis.ticks(shown, UTC)
    assert (2 if cells < 80 else 3) <= len(found) <= 6
    assert all(word[-1] in "05" for _, word in found if len(word) == 8 and seconds > 17)
    gaps = [(later[0] - one[0]) - len(one[1]) for one, later in pairwise(found)]
    assert all(gap >= 1 for gap in gaps)


def test_ticks_are_round_in_the_displayed_zone():
    shown = window_around((NOW - 7 * 86_400, NOW - 6 * 86_400), NOW, 100)
    zone = timezone(timedelta(hours=5, minutes=30))
    words = [word for _, word in time_axis.ticks(shown, zone)]
    assert len(words) >= 3
    assert all(word.endswith(":00") and int(word[:2]) % 6 == 0 for word in words)


def test_the_future_is_not_shown(a_run):
    said = _said(a_run("run_1", created=NOW - 40, started=NOW - 38))
    lane = _lane(said, "run_1")
    assert lane.rindex("►") >= 85
    assert all(seconds <= _day(NOW) for _, seconds in _ticks(said)[:-1])
    assert "ended     —" in said


def _thread(a_run):
    return [
        a_run("run_5", "queued", created=NOW - 10),
        a_run("run_4", "running", created=NOW - 30, started=NOW - 20),
        a_run("run_3", "failed", created=NOW - 100, started=NOW - 90, failed=NOW - 60),
        a_run("run_2", "completed", created=NOW - 400, started=NOW - 400, completed=NOW - 92),
        a_run("run_1", "cancelled", created=NOW - 9000, started=NOW - 9000, cancelled=NOW - 8000),
    ]


@pytest.mark.parametrize("cells", WIDTHS)
def test_older_runs_are_above_and_newer_below_as_in_the_card(a_run, cells):
    rows = _thread(a_run)
    said = _said(rows[2], rows, cells=cells)
    places = [next(n for n, line in enumerate(said) if f" {run.id} " in line) for run in rows]
    assert places == [6, 5, 4, 3, 2]
    assert said[4].startswith("► × run_3")
    assert said[6].startswith("  ○ run_5")
    assert all(len(line) <= cells for line in said)


def test_a_bar_beyond_the_time_window_has_a_sign_at_the_edge(a_run):
    rows = _thread(a_run)
    said = _said(rows[2], rows)
    assert "‹▆" in _lane(said, "run_2")
    assert "‹ ended 2h 11m before" in _lane(said, "run_1")
    assert _lane(said, "run_5").rstrip(" —").endswith("created 50s after ›")
    long = a_run("run_9", "completed", created=NOW - 70, started=NOW - 65, completed=NOW - 5)
    assert re.search(r"─▆+› +1m 00s$", _lane(_said(rows[2], [long, *rows[2:]]), "run_9"))


def test_a_wait_behind_another_run_is_explained(a_run):
    rows = _thread(a_run)
    said = _said(rows[2], rows)
    own, front = _lane(said, "run_3"), _lane(said, "run_2")
    assert front.index("✓", 5) <= own.index("▆")
    assert "behind    run_2 ran for 8.0s of that wait" in said


def test_the_phases_are_listed_below_the_chart(a_run):
    rows = _thread(a_run)
    said = _said(rows[2], rows)
    assert "queued    10s      07:58:20 → 07:58:30" in said
    assert "running   30s      07:58:30 → 07:59:00" in said
    assert "ended     failed 07:59:00, 1m 00s ago" in said


@pytest.mark.parametrize(
    ("status", "times", "words"),
    [
        ("queued", {"created": -10}, ["queued    10s      07:59:50 → now", "running   —", "ended     —"]),
        ("running", {"created": -10, "started": -9}, ["queued    1.0s     07:59:50 → 07:59:51", "running   9.0s     07:59:51 → now"]),
        ("running", {"created": -10}, ["queued    —        07:59:50 → —", "running   —        no start was reported"]),
        ("running", {}, ["queued    —", "running   —        no start was reported", "ended     —"]),
        ("completed", {"started": -9, "completed": -8}, ["queued    —        — → 07:59:51", "running   1.0s     07:59:51 → 07:59:52"]),
        ("cancelled", {"created": -9, "cancelled": -8}, ["queued    —        07:59:51 → 07:59:52, no start was reported"]),
        ("completed", {"created": -9, "started": -8}, ["running   —        07:59:52 → —", "ended     completed —"]),
        ("completed", {"created": -9, "started": -8, "completed": -8}, ["running   0.0s     07:59:52 → 07:59:52"]),
        ("completed", {"created": -5, "started": -8, "completed": -6}, ["queued    —        07:59:55 → 07:59:52", "It started 3.0s before it was created."]),
        ("failed", {"created": -9, "started": -5, "failed": -8}, ["running   —        07:59:55 → 07:59:52", "It ended 3.0s before it started."]),
        ("running", {"created": 50, "started": 60}, ["running   0.0s     08:01:00 → now", "Its latest time is 1m 00s ahead of the server's own clock."]),
        ("zombie", {"created": -9, "started": -8}, ["ended     —", "status    zombie?"]),
        ("completed", {"created": -90_000, "started": -90_000, "completed": -5}, ["running   1d 0h    01-14 07:00:00 → 07:59:55"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_unknown_and_contradicting_times_are_shown_as_unknown(a_run, status, times, words, glyphs):
    run = a_run("run_1", status, **{name: NOW + away for name, away in times.items()})
    for cells in WIDTHS:
        said = _said(run, cells=cells, glyphs=glyphs)
    for text in words:
        assert (ink.plain(text) if glyphs is ASCII else text) in said


def test_without_any_time_there_is_no_chart(a_run):
    assert _said(a_run(status="completed"))[0].startswith("The API gives no time of this run")


def test_a_status_change_is_shown_between_two_observations_in_server_time(a_run):
    queued, running = (
        a_run("run_1", "queued", created=NOW - 60),
        a_run("run_1", created=NOW - 60, started=NOW - 50),
    )
    local = NOW - 100  # the server's clock is 100 seconds ahead
    looks = [(local - 55, [queued]), (local - 50, [queued]), (local - 48, [running])]
    said = _said(running, looks=looks, offset=100.0)
    at = said.index("Seen by flowtui")
    assert said[at + 1 :] == [
        "first     seen 07:59:05, queued",
        "changed   queued → running between 07:59:10 and 07:59:12 (2.0s apart)",
    ]


def test_a_run_that_was_running_when_first_seen_is_called_already_running(a_run):
    run = a_run("run_1", created=NOW - 60, started=NOW - 50)
    said = _said(run, looks=[(NOW - 20, [run])])
    assert said[-2:] == ["first     seen 07:59:40, already running", "changed   not seen yet"]


def test_a_run_that_had_ended_before_flowtui_looked_has_no_status_changes(a_run):
    run = a_run("run_1", "completed", created=NOW - 60, started=NOW - 50, completed=NOW - 40)
    assert _said(run)[-1] == "It had ended before flowtui looked."


def test_a_run_of_an_unknown_thread_is_drawn_alone(a_run):
    run = a_run("run_1", created=NOW - 60, started=NOW - 50)
    render = RenderContext(Context(now=NOW, zone=UTC), UNICODE, 80)
    texts = ["".join(span.text for span in line.spans) for line in timeline_lines(Opened(run), render)]
    assert texts[0].startswith("What it did")
    assert texts[1:3] == ["Reading its spans …", ""]
    assert texts[3].startswith("Around it ──"), "as the other sections"
    assert "run_1" in texts[6]
    assert texts[-1] == "No change of this run was seen yet."


def test_ascii_signs_distinguish_queue_run_and_ends(a_run):
    rows = _thread(a_run)
    said = _said(rows[2], rows, glyphs=ASCII)
    assert all(text.isascii() for text in said)
    assert re.search(r"-+=+x ", _lane(said, "run_3"))
    assert re.search(r"<=", _lane(said, "run_2"))
    assert re.search(r"> x run_3", said[4])


@pytest.mark.parametrize("cells", WIDTHS)
def test_markup_and_control_characters_are_shown_as_text_that_fits(a_run, cells):
    nasty = "\x1b[2J[/nope]\u202e漢字" * 40
    rows = [
        a_run(nasty, nasty, created=NOW - 60, started=NOW - 50),
        a_run("漢字" * 9, "completed", created=NOW - 80, started=NOW - 80, completed=NOW - 55),
        a_run(nasty + "x", "queued", created=NOW - 90),
    ]
    for run in rows:
        _said(run, rows, cells=cells, looks=[(NOW - 20, [rows[0], rows[1], a_run(nasty + "x", nasty)])])


TIMES = st.one_of(st.none(), st.integers(-400, 400), st.sampled_from([-1e9, 1e9, 2e11, -1.7e9, 0.5]))


@given(
    st.lists(
        st.tuples(st.sampled_from(["queued", "running", "completed", "failed", "odd"]), TIMES, TIMES, TIMES),
        max_size=6,
    ),
    st.sampled_from(WIDTHS),
    st.sampled_from([UNICODE, ASCII]),
)
def test_no_combination_of_times_makes_drawing_fail(drawn, cells, glyphs):
    rows = [
        parse_run(
            {
                "id": f"run_{number}",
                "status": status,
                "created_at": None if created is None else NOW + created,
                "started_at": None if started is None else NOW + started,
                "completed_at": None if ended is None else NOW + ended,
            },
            "thr_1",
        )
        for number, (status, created, started, ended) in enumerate(drawn)
    ]
    for run in rows:
        said = _said(run, rows, cells=cells, glyphs=glyphs)
        assert any(line.startswith("queued ") for line in said)
