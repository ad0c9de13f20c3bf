"""Totals over the rows on the screen, and updates that are followed without sorting all rows again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.config.values.prices import Price, Prices
from flowtui.model.columns.context import Context
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.model.stats.thread_totals import sums
from flowtui.model.view.groups import Grouping
from flowtui.model.view.ranking import OrderChange, Ranking
from flowtui.model.view.view import View
from flowtui.ui.dashboard import dashboard
from flowtui.ui.table.shown_rows import ShownRows

NOW = 1_800_000_000.0
PRICES = Prices({"llama": Price(2.0, 6.0)})


@pytest.fixture
def pictures(a_run):
    """Two snapshots of two threads, and the changes from one to the other."""
    states = {}
    for thread in ("thr_1", "thr_2"):
        rows = [
            a_run(
                f"{thread}_{number}",
                word,
                thread=thread,
                created=NOW - number,
                usage={"total_tokens": number},
            )
            for number, word in enumerate(["running", "failed", "completed", "dreaming"], 1)
        ]
        rows[3] = rows[3]._replace(unreadable="usage")
        states[thread] = apply_runs(ThreadState(thread, 2.0), rows, at=NOW, whole=True)[0]
    first = Snapshot(NOW, states, listed=True)
    rows = list(states["thr_2"].runs.values())
    rows[0] = rows[0]._replace(status="completed", status_class="completed", total_tokens=50)
    new = rows[0]._replace(raw_id="new", id="new", created=NOW + 1)
    changed, told = apply_runs(states["thr_2"], [new, *rows], at=NOW + 1, whole=True)
    return first, replace(first, at=NOW + 1, threads={**states, "thr_2": changed}), told


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(group=Grouping("thread", "thr_2")),
        View(group=Grouping("status", "failed")),
        View(only="active"),
        View(only="problems"),
        View(text="status:completed"),
    ],
)
@pytest.mark.parametrize("prices", [None, PRICES])
def test_totals_are_of_the_shown_rows(pictures, view, prices):
    first, second, told = pictures
    shown, context = ShownRows(), Context(NOW, prices=prices)
    shown.show(first, view, context, None)
    shown.groups(first, shown.view.group, context)
    shown.show(second, view, context, told)
    shown.groups(second, shown.view.group, context)
    fresh = ShownRows()
    fresh.show(second, view, context, None)
    assert shown.rows == fresh.rows
    assert list(shown.order) == [run.key for run in shown.rows]
    said, wanted = shown.sums(second, prices), sums(fresh.rows, prices)
    assert (said.totals, said.waste) == (wanted.totals, wanted.waste)
    assert (said.costs is None) == (prices is None)
    assert shown.unreadable(second) == sum(run.unreadable is not None for run in shown.rows)
    assert sorted(shown.runs()) == sorted(shown.rows)
    assert shown.holders() == {
        (key, state.active_run) for key, state in second.threads.items() if state.active_run is not None
    }


def test_totals_of_an_older_snapshot_are_of_its_own_rows(pictures):
    first, second, _ = pictures
    shown, context = ShownRows(), Context(NOW)
    shown.show(first, View(), context, None)
    assert shown.groups(second, shown.view.group, context)[0].totals.runs == 9
    assert shown.sums(None, None).totals.runs == 8
    assert shown.unreadable(None) == 2


def test_without_a_snapshot_there_are_no_rows_and_totals(pictures):
    shown = ShownRows()
    assert shown.show(None, View(), Context(NOW), None) is None
    assert (shown.rows, list(shown.order), shown.unreadable(None), shown.holders()) == (
        [],
        [],
        0,
        frozenset(),
    )


def test_a_pinned_row_is_counted_in_its_newest_state(pictures):
    first, _, _ = pictures
    view, shown, context = View(text="status:completed"), ShownRows(), Context(NOW)
    shown.show(first, view, context, None)
    assert shown.sums(first, None).totals.total == 6
    rows = [
        run._replace(total_tokens=50) if run.status == "completed" else run
        for run in first.threads["thr_1"].runs.values()
    ]
    state, told = apply_runs(first.threads["thr_1"], rows, at=NOW + 1, whole=True)
    second = replace(first, threads={**first.threads, "thr_1": state})
    assert shown.show(second, view, context, told) == OrderChange(frozenset(), {})
    assert shown.sums(second, None).totals.total == 53


def test_rows_that_no_longer_match_because_of_the_time_are_not_counted(pictures):
    first, _, _ = pictures
    view, shown = View(text="age<4"), ShownRows()
    shown.show(first, view, Context(NOW, first.agents, first.threads), None)
    assert (shown.sums(first, None).totals.runs, shown.unreadable(first)) == (6, 0)
    shown.show(first, view, Context(NOW + 2, first.agents, first.threads), ())
    assert len(shown.order) == shown.sums(first, None).totals.runs == 2
    shown.show(first, view, Context(NOW + 9, first.agents, first.threads), ())
    assert (len(shown.order), shown.sums(first, None).totals.runs) == (0, 0)


@pytest.mark.parametrize(("text", "minutes"), [("age<2m", [1]), ("age<1d", [1, 2])])
async def test_with_an_age_filter_a_tick_does_not_sort_all_rows_again(app, monkeypatch, text, minutes):
    monkeypatch.setattr(dashboard, "_REST", 0.0)  # no pause between draws, even on a slow machine
    async with app() as seat:
        await seat.press("slash", *text, "enter")
        await seat.until(lambda: text in seat.lines[1])
        anew, arrange, rows = [], Ranking.arrange, len(seat.rows)
        monkeypatch.setattr(Ranking, "arrange", lambda *given: anew.append(given) or arrange(*given))
        for age in minutes:
            seat.clock.advance(60.0)
            seat.dashboard.tick()
            await seat.until(lambda: f" {age}m " in seat.lines[seat.line_of(seat.rows[0].raw_id)])  # noqa: B023  called within this pass of the loop
        assert (0 < len(seat.rows) < rows) == (text == "age<2m")
        assert not anew


async def test_an_update_is_followed_without_sorting_again(app, monkeypatch):
    async with app() as seat:
        await seat.loaded()
        shown = []
        monkeypatch.setattr(seat.table, "show", lambda *_, **__: shown.append(1))
        snapshot = seat.dashboard.snapshot
        state = snapshot.threads[seat.rows[0].thread_key]
        rows = [run._replace(total_tokens=987_654) for run in state.runs.values()]
        new = rows[0]._replace(raw_id="new", id="run_new", created=snapshot.at)
        state, changes = apply_runs(state, [new, *rows], at=snapshot.at, whole=True)
        newer = replace(snapshot, threads={**snapshot.threads, state.key: state})
        seat.dashboard.update(Update(newer, tuple(changes)))
        assert not shown
        await seat.sees("987,654")
        await seat.sees("run_new")


def test_a_change_that_was_put_off_is_told_with_the_next_one(pictures):
    first, second, told = pictures
    rows, view = ShownRows(), View()
    rows.show(first, view, Context(NOW, first.agents, first.threads), None)
    moved = rows.show(second, view, Context(NOW, second.agents, second.threads), told)
    assert ("thr_2", "new") in moved.placed
    rows.put_off(moved)
    again = rows.show(second, view, Context(NOW, second.agents, second.threads), ())
    assert moved.placed <= again.placed
    assert rows.show(second, view, Context(NOW, second.agents, second.threads), ()).placed < moved.placed


def test_whether_all_rows_are_of_one_agent_is_followed_without_looking_at_all_rows(a_run):
    rows = [a_run(f"run_{number}", agent_id="agent_a", created=NOW - number) for number in range(60)]
    other = a_run("run_new", agent_id="agent_b", created=NOW + 1)
    state = apply_runs(ThreadState("thr_1", 2.0), rows, at=NOW, whole=True)[0]
    snapshot = Snapshot(NOW, {"thr_1": state}, listed=True)
    shown, context = ShownRows(), Context(NOW)
    shown.show(snapshot, View(), context, None)
    assert shown.of_one_agent
    for new, alone in ((rows[0]._replace(status="failed", status_class="failed"), True), (other, False)):
        state, told = apply_runs(state, [new, *rows[1:]], at=NOW + 1, whole=False)
        snapshot = replace(snapshot, threads={"thr_1": state})
        shown.show(snapshot, View(), context, told)
        assert shown.of_one_agent == alone
        assert shown._rows is None
