"""Token totals, how many runs they cover, the token rate, the header's counts, and the progress of the first load."""

from __future__ import annotations

import asyncio
import re

import pytest

from flowtui import formatting
from flowtui.config.values.prices import Price, Prices
from flowtui.formatting import short_count
from flowtui.model.run.cost import Waste, costs
from flowtui.model.state.health import Coverage
from flowtui.model.state.known_runs import Failure, ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats import thread_totals
from flowtui.model.stats.live_tokens import LiveSum
from flowtui.model.stats.totals import totals
from flowtui.model.view.view import View
from flowtui.ui.dashboard.left_column import OutcomePane
from flowtui.ui.dashboard.titles import runs_subtitle, threads_subtitle
from flowtui.ui.dashboard.token_sums import cost_line, totals_lines, waste_line
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.widgets.placeholders import placeholder


@pytest.fixture
def ids():
    return "short"


def _said(lines):
    return ["".join(span.text for span in line) for line in lines]


def test_sums_say_how_many_runs_reported_and_an_unknown_sum_is_not_0(a_run):
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


def test_tokens_from_spans_have_a_line_of_their_own_and_are_in_no_sum(a_run):
    found = totals([a_run("run_1", "completed", usage=_usage(5, 2)), a_run("run_2")])
    lines = _said(totals_lines(found, 22, live=LiveSum(12_345, 1)))
    assert lines[2:] == ["total                7", "1 of 2 runs reported", "from spans     12,345+"]
    assert _said(totals_lines(found, 22, live=LiveSum()))[-1] == "from spans           —"


LLAMA = Prices({"*llama*": Price(2.0, 10.0)})


def _usage(prompt, completion):
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def test_the_cost_says_how_many_runs_it_covers_and_is_a_minimum_if_not_all(a_run):
    runs = [
        a_run("run_1", "completed", model="meta/llama-3", usage=_usage(100_000, 20_000)),
        a_run("run_2", "completed", model="meta/llama-3", usage=_usage(5_000, 0)),
    ]
    queued = a_run("run_3", "queued", model="meta/llama-3")
    assert _said([cost_line(costs([*runs, queued], LLAMA).total, 22)]) == ["$0.41      2 of 2 runs"]
    runs.append(a_run("run_4", "completed", model="gpt", usage=_usage(1, 1)))
    assert _said([cost_line(costs(runs, LLAMA).total, 22)]) == ["≥$0.41     2 of 3 runs"]
    assert _said([cost_line(costs(runs, LLAMA).total, 16)]) == ["≥$0.41    2 of 3"]
    assert _said([cost_line(costs(runs, LLAMA).total, 11)]) == ["≥$0.41  2/3"]
    assert _said([cost_line(costs(runs[2:], LLAMA).total, 22)]) == ["—          0 of 1 runs"]


def test_waste_is_shown_with_its_share_and_as_a_minimum_if_runs_lack_usage():
    assert _said([waste_line(Waste(81_204, 0), 676_700, 22)]) == ["wasted 12%      81,204"]
    assert _said([waste_line(Waste(81_204, 2), 676_700, 22)]) == ["wasted 12%     ≥81,204"]
    assert _said([waste_line(Waste(0, 0), 676_700, 22)]) == ["wasted               0"]
    assert _said([waste_line(Waste(None, 3), None, 22)]) == ["wasted               —"]
    assert [formatting.percent(share) for share in (0, 0.001, 0.12, 0.999, 1)] == [
        "0%",
        "<1%",
        "12%",
        ">99%",
        "100%",
    ]


def _pane(seat):
    return seat.dashboard.query_one(OutcomePane)


def _counted(runs):
    counts = [run.total_tokens for run in runs if run.total_tokens is not None]
    return f"{sum(counts):,}", f"{len(counts)} of {len(runs)} runs reported"


async def test_costs_appear_if_prices_are_configured_and_are_summed_up_only_if_rows_change(app, monkeypatch):
    asked = []
    count = thread_totals.costs
    monkeypatch.setattr(thread_totals, "costs", lambda *args: asked.append(args) or count(*args))
    prices = Prices({"*": Price(1_000.0, 1_000.0)})
    async with app(size=(150, 50), prices=prices) as seat:
        await seat.until(lambda: all(words in _pane(seat).text for words in _counted(seat.rows)))
        total = costs(seat.rows, prices).total
        assert total.amount
        await seat.sees(total.text())
        known = sum(
            run.total_tokens
            for run in seat.rows
            if run.status_class in ("failed", "cancelled") and run.total_tokens
        )
        assert f"{known:,}" in next(
            line for line in _pane(seat).text.splitlines() if line.startswith("wasted")
        )
        times = len(asked)
        for _ in range(3):
            seat.dashboard.tick()
        assert len(asked) == times
        await seat.press("exclamation_mark")
        await seat.until(lambda: costs(seat.rows, prices).total.text() in _pane(seat).text)
        assert len(asked) > times
        await seat.press("0")
        for height in (24, 18):  # on lower screens the sums of the last hours are left
            await seat.pilot.resize_terminal(150, height)
            await seat.until(lambda: "prompt" not in _pane(seat).text and "wasted" in _pane(seat).text)
            assert "completed" in _pane(seat).text


@pytest.mark.slow
async def test_header_and_totals_count_the_shown_rows_and_follow_them(app):
    # Without this fault, tokens of running runs would come from spans, on a line of their own.
    async with app(size=(150, 50), budget=200, profile="prod", faults=["usage-while-running"]) as seat:
        await _the_header_counts_runs_threads_and_requests(seat)
        await seat.until(lambda: "wasted" in _pane(seat).text)
        assert "$" not in _pane(seat).text  # there are no prices
        await _totals_count_the_shown_rows_and_the_rate_starts_at_0(seat)
        for keys in (["exclamation_mark"], ["slash", *"status:failed", "enter"]):
            await _the_token_rate_counts_the_rows_that_the_title_names(seat, keys)
        await _sums_and_rate_update_while_the_order_is_paused(seat)
        await _an_unreadable_thread_is_marked_in_the_list(seat)


async def _the_header_counts_runs_threads_and_requests(seat):
    head = seat.lines[0]
    statuses = list(seat.world().values())
    active = sum(status in ("queued", "running") for status in statuses)
    assert re.search(
        r"prod 127\.0\.0\.1:\d+ +● live next \d+s.* 4/4 threads, data \d+s old +\d+/200 req/min", head
    )
    assert re.search(
        rf" {active} active +{statuses.count('failed')} failed of {len(statuses)} known runs +08:00:00 $",
        head,
    )
    said = int(re.search(r"(\d+)/200", head)[1])
    assert said > 4
    # it also counts requests without a reply yet
    await seat.until(lambda: said <= len(seat.simulator.requests))
    await seat.press("R")
    await seat.until(lambda: int(re.search(r"(\d+)/200", seat.lines[0])[1]) > said)


async def _totals_count_the_shown_rows_and_the_rate_starts_at_0(seat):
    assert all(words in _pane(seat).text for words in _counted(seat.rows))
    # tokens of runs that were there at the start are not part of the rate
    assert "0 tok since the start" in _pane(seat).text.splitlines()
    everything = _pane(seat).text
    await seat.press("exclamation_mark")
    await seat.until(lambda: all(words in _pane(seat).text for words in _counted(seat.rows)))
    assert _pane(seat).text != everything
    await seat.press("0")
    for _ in range(13):
        seat.clock.advance(5)
        await seat.press("R")
        await seat.loaded()
    await seat.until(lambda: re.search(r"[\d.]+[kM]? tok in the last minute", _pane(seat).text))
    assert "0 tok in the last minute" not in _pane(seat).text.splitlines()


async def _the_token_rate_counts_the_rows_that_the_title_names(seat, keys):
    """Call it after a minute in which tokens were used."""
    pace = seat.dashboard._token_rate
    now = seat.dashboard.cell_context().now
    await seat.until(lambda: pace.per_minute(now) > 0)
    await seat.press(*keys)
    await seat.until(lambda: seat.dashboard.view.narrowed and len(seat.rows) < len(seat.world()))
    rows = {run.key for run in seat.rows}
    now = seat.dashboard.cell_context().now
    of_rows, of_all = pace.per_minute(now, rows.__contains__), pace.per_minute(now)
    assert of_rows < of_all
    said = f"{short_count(of_rows)} tok in the last minute"
    await seat.until(lambda: said in _pane(seat).text.splitlines())
    assert ("Tokens · filtered" if len(keys) > 1 else "Tokens · problems") in _pane(seat).text.splitlines()
    assert "Threads 4 · known runs" in seat.text
    await seat.press("0")
    await seat.until(lambda: f"{short_count(of_all)} tok in the last minute" in _pane(seat).text.splitlines())
    assert "Tokens" in _pane(seat).text.splitlines()


async def _sums_and_rate_update_while_the_order_is_paused(seat):
    await seat.loaded()
    await seat.press("p")
    before = _pane(seat).text
    await seat.later(30)
    await seat.until(lambda: {run.raw_id for run in seat.dashboard.snapshot.runs()} == set(seat.world()))
    seat.dashboard.tick()
    assert _pane(seat).text != before
    tokens = [run.total_tokens for run in seat.dashboard.snapshot.runs() if run.total_tokens is not None]
    assert f"{sum(tokens):,}" in _pane(seat).text


async def _an_unreadable_thread_is_marked_in_the_list(seat):
    gone = seat.simulator.thread_ids()[0]
    seat.simulator.add_fault(f"not-found:{gone}")
    await seat.press("R")
    await seat.until(lambda: "3/4 live" in seat.lines[0])
    line = next(line for line in seat.lines if line.startswith(f"│  {gone}"))
    assert "lost" in line


# The next test checks count and bar; the tests of a new user and of the placeholders contain a first load, too.
@pytest.mark.slow
async def test_the_first_load_shows_its_progress(app):
    async with app(size=(150, 40), world={"threads": 30, "runs": 60}, wait=False) as seat:
        seen = []
        while len(seat.ids) < 60:
            seen += re.findall(r"(\d+) of 30 threads read ([━─]*)", seat.text.replace("\n", " "))
            await asyncio.sleep(0)
            await seat.until(lambda: True)
        counts = [int(done) for done, _ in seen]
        assert counts == sorted(counts)
        assert any(0 < done < 30 for done in counts)
        await seat.until(lambda: "of 30 threads" not in seat.text)


def test_the_progress_of_the_first_load_has_counts_and_a_bar(a_run):
    states = {
        f"thr_{number}": ThreadState(f"thr_{number}", interval=2.0, observed=100.0 if number < 25 else None)
        for number in range(50)
    }
    loading = Snapshot(100.0, states, listed=True, coverage=Coverage(50, 25, unread=25, fleet=True))
    assert "25 of 50 threads read" in _said(placeholder(loading, View(), "", 100.0, 80))[1]
    bar = _said(placeholder(loading, View(), "", 100.0, 80))[2]
    assert bar.count(UNICODE.bar) == bar.count(UNICODE.track) > 0
    said = runs_subtitle(loading, 1, (), glyphs=UNICODE, now=100.0, cells=80)
    assert f"loading, 25 of 50 threads read {UNICODE.bar * 5}{UNICODE.track * 5}" in said


def test_threads_that_could_not_be_read_do_not_count_as_read():
    failed = Failure("unreadable", "html", 100.0, retry_at=101.0)
    states = {
        f"thr_{number}": ThreadState(f"thr_{number}", interval=2.0, failure=failed if number < 4 else None)
        for number in range(6)
    }
    loading = Snapshot(100.0, states, listed=True, coverage=Coverage(6, 0, 4, 2, fleet=True))
    counts = "0 of 6 threads read, 4 failed"
    assert counts in _said(placeholder(loading, View(), "", 100.0, 80))[1]
    assert counts in runs_subtitle(loading, 1, (), glyphs=UNICODE, now=100.0, cells=80)
    assert threads_subtitle(loading) == "0 of 6 read"
