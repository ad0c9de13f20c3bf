"""Counts: tokens of the rows shown and how many reported, the pace, the head's numbers, and progress while loading."""

from __future__ import annotations

import asyncio
import re

from textual.widgets import Sparkline

from flowtui.model.snapshot import Snapshot
from flowtui.model.stats import totals
from flowtui.model.store import ThreadState
from flowtui.model.view import View
from flowtui.ui.glyphs import UNICODE
from flowtui.ui.scene import runs_subtitle
from flowtui.ui.states import placeholder
from flowtui.ui.totals_pane import TotalsPane, pace_line, totals_lines


def _said(lines):
    return ["".join(span.text for span in line) for line in lines]


def test_sums_say_how_many_runs_they_cover_and_unknown_is_never_0(a_run):
    runs = [
        a_run(
            "run_1",
            "completed",
            usage={"prompt_tokens": 40_000, "completion_tokens": 2, "total_tokens": 40_002},
        ),
        a_run("run_2", "completed", usage={"total_tokens": 1}),
        a_run("run_3", "queued"),
    ]
    assert _said(totals_lines(totals(runs), 24)) == [
        "prompt            40,000",
        "completion             2",
        "total             40,003",
        "2 of 3 runs reported",
    ]
    assert _said(totals_lines(totals(runs[2:]), 20)) == [
        "prompt             —",
        "completion         —",
        "total              —",
        "0 of 1 runs reported",
    ]
    assert _said([pace_line(None), pace_line(0), pace_line(15_500)]) == [
        "— tokens/min",
        "0 tokens/min",
        "15.5k tokens/min",
    ]


def _pane(seat):
    return seat.dashboard.query_one(TotalsPane)


def _counted(runs):
    counts = [run.total_tokens for run in runs if run.total_tokens is not None]
    return f"{sum(counts):,}", f"{len(counts)} of {len(runs)} runs reported"


async def test_the_totals_are_those_of_the_rows_shown_and_the_pace_starts_flat(app):
    async with app(size=(150, 40)) as seat:
        assert all(words in _pane(seat).text for words in _counted(seat.rows))
        assert "0 tokens/min" in _pane(seat).text
        assert not any(_pane(seat).query_one(Sparkline).data)  # what was there at the start is no news
        everything = _pane(seat).text
        await seat.press("exclamation_mark")
        await seat.until(lambda: all(words in _pane(seat).text for words in _counted(seat.rows)))
        assert _pane(seat).text != everything
        await seat.press("0")
        before = {run.key: run.total_tokens or 0 for run in seat.rows}
        for _ in range(8):
            seat.clock.advance(5)
            await seat.press("R")
            await seat.loaded()
        used = sum((run.total_tokens or 0) - before.get(run.key, 0) for run in seat.rows)
        assert used > 0
        data = _pane(seat).query_one(Sparkline).data
        await seat.until(lambda: sum(_pane(seat).query_one(Sparkline).data) == used)
        assert len(data) == _pane(seat).bins
        last_minute = int(sum(data))
        assert last_minute > 0
        assert re.search(r"[\d.]+[kM]? tokens/min", _pane(seat).text)
        assert "0 tokens/min" not in re.findall(r"^.* tokens/min", _pane(seat).text, re.MULTILINE)


async def test_the_head_counts_runs_threads_and_requests_against_the_budget(app):
    async with app(size=(150, 30), budget=200, profile="prod") as seat:
        head = seat.lines[0]
        statuses = list(seat.world().values())
        active = sum(status in ("queued", "running") for status in statuses)
        assert re.search(r"prod 127\.0\.0\.1:\d+ +● live next \d+s.* 4/4 threads +\d+/200 req/min", head)
        assert re.search(
            rf" {active} active +{statuses.count('failed')} failed +{len(statuses)} runs +08:00:00 $", head
        )
        said = int(re.search(r"(\d+)/200", head)[1])
        assert 4 < said <= len(seat.simulator.requests)
        await seat.press("R")
        await seat.until(lambda: int(re.search(r"(\d+)/200", seat.lines[0])[1]) > said)


async def test_a_thread_that_cannot_be_read_says_so_in_the_list(app):
    async with app(size=(150, 40)) as seat:
        gone = seat.simulator.thread_ids()[0]
        seat.simulator.add_fault(f"not-found:{gone}")
        await seat.press("R")
        await seat.until(lambda: "3/4 threads" in seat.lines[0])
        line = next(line for line in seat.lines if line.startswith(f"│  {gone}"))
        assert "lost" in line


async def test_the_first_load_of_many_threads_shows_how_far_it_is(app):
    async with app(size=(150, 40), world={"threads": 30, "runs": 60}, wait=False) as seat:
        seen = []
        while len(seat.ids) < 60:
            seen += re.findall(r"(\d+) of 30 threads ([━─]*)", seat.text.replace("\n", " "))
            await asyncio.sleep(0)
            await seat.until(lambda: True)
        counts = [int(done) for done, _ in seen]
        assert counts == sorted(counts)
        assert any(0 < done < 30 for done in counts)
        await seat.until(lambda: "of 30 threads" not in seat.text)


def test_progress_is_a_count_and_a_bar(a_run):
    run = a_run("run_1", "completed", thread="thr_0")
    states = {
        f"thr_{number}": ThreadState(f"thr_{number}", interval=2.0, observed=100.0 if number < 25 else None)
        for number in range(50)
    }
    loading = Snapshot(100.0, states, listed=True)
    assert "25 of 50 threads" in _said(placeholder(loading, View(), "", 100.0, 80))[1]
    bar = _said(placeholder(loading, View(), "", 100.0, 80))[2]
    assert bar.count(UNICODE.bar) == bar.count(UNICODE.track) > 0
    said = runs_subtitle(loading, [run], (), glyphs=UNICODE, now=100.0)
    assert f"loading 25 of 50 threads {UNICODE.bar * 5}{UNICODE.track * 5}" in said
