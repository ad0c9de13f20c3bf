"""The list of groups: counts, a thread's lock and health, and that choosing one narrows the table."""

from __future__ import annotations

import json
import re
import urllib.request
from collections import Counter

import pytest
from rich.cells import cell_len

from flowtui.config.values.prices import Price, Prices
from flowtui.formatting import age
from flowtui.model.run.cost import costs
from flowtui.model.state.health import Health
from flowtui.model.view.groups import Grouping, group_name
from flowtui.ui.paint import ink
from flowtui.ui.widgets.freshness_words import health_words


@pytest.fixture
def ids():
    return "short"


async def _focus(seat):
    seat.threads.focus()
    await seat.until(lambda: seat.threads.has_focus)


def _line(seat, thread):
    region = seat.threads.region
    return next(
        line[region.x : region.right]
        for line in seat.lines[region.y : region.bottom]
        if thread in line[region.x : region.right]
    )


async def test_the_scrollbar_covers_no_count(app, monkeypatch):
    async with app(size=(158, 24), world={"threads": 16, "runs": 90}) as seat:
        failed = dict.fromkeys(seat.simulator.thread_ids(), 0)
        for run in seat.rows:
            failed[run.thread_key] += run.status_class == "failed"
        total = sum(failed.values())
        for size in ((158, 24), (120, 22), (140, 24)):
            await seat.pilot.resize_terminal(*size)
            await seat.until(lambda size=size: seat.app.screen.size == size)
            await seat.pilot.pause()
            assert seat.threads.show_vertical_scrollbar
            region = seat.threads.region
            lines = [line[region.x : region.right] for line in seat.lines[region.y : region.bottom]]
            assert lines[0].split() == ["THREAD", seat.app.glyphs.lock, "locked", "FAILED"]
            assert f"{total}{seat.app.glyphs.failed}" in lines[1]
            seen = [line for line in lines if any(failed[key] and key in line for key in failed)]
            assert seen
            assert all(seat.app.glyphs.failed in line for line in seen)
        shown = seat.threads
        show, groups, snapshot, now = shown.show_groups, shown._given, shown._snapshot, shown._now
        # The dashboard shows all groups at each of its ticks.
        monkeypatch.setattr(shown, "show_groups", lambda *_: None)
        for some in (groups[:3], groups):  # the scrollbar goes and comes back, and the size of the list stays
            show(some, snapshot, now)
            await seat.pilot.pause()
            assert shown.show_vertical_scrollbar == (some is groups)
            assert ink.width(shown._head[0]) == shown.cells
        await _focus(seat)
        await seat.press("z")
        await seat.until(lambda: "LAST" in seat.threads.text)
        head = seat.lines[seat.threads.region.y]
        assert "LAST" in head


async def test_only_the_threads_named_on_the_command_line_are_listed(app, simulate):
    thread = simulate().thread_ids()[1]  # simulators with the same seed have the same ids
    async with app(watched=[thread], wait=False) as seat:
        await seat.until(lambda: seat.ids == seat.simulator.run_ids(thread))
        await seat.sees("1/1 threads")


def test_health_is_shown_as_a_word_and_for_stale_data_an_age():
    assert health_words(Health("live", "", 5.0), 10.0).text == "live"
    assert health_words(Health("loading", "", None), 10.0).text == "loading"
    assert health_words(Health("stale", "refused", 10.0), 55.0).text == f"stale {age(45)}"
    assert health_words(Health("refused", "401", 10.0), 55.0).text == "refused"
    assert health_words(Health("stale", "502", None), 55.0).text == "no answer"  # no data is stale
    assert [
        health_words(Health(word, "", 10.0), 55.0, short=True).text for word in ("seen", "late", "lost")
    ] == [
        "45s",
        "45s",
        "lost",
    ]


def _json_runs(seat, key):
    """Return all runs as the simulator sends them, with their thread ids."""
    found = []
    for thread in seat.simulator.thread_ids():
        address = f"{seat.simulator.url}/v1/threads/{thread}/runs?limit=100"
        asked = urllib.request.Request(address, headers={"Authorization": key})
        with urllib.request.urlopen(asked) as answer:
            found += [{**run, "thread_id": thread} for run in _listed(json.load(answer))]
    return found


def _listed(body):
    return body if isinstance(body, list) else body["data"]


FIELDS = {"thread": "thread_id", "agent": "agent_id", "model": "model", "status": "status"}


def _cells(line):
    return re.split(r"  +", line.strip().removeprefix("►").strip())


def _class(word):
    return {"canceled": "cancelled"}.get(word, word)


@pytest.mark.parametrize(
    ("size", "plain", "zoomed"),
    [((80, 24), False, ("agent", "thread")), ((60, 15), True, ("model", "status"))],
)
async def test_on_narrow_screens_each_grouping_is_a_picker_and_zooms_to_a_table(app, size, plain, zoomed):
    async with app(size=size, ascii=plain) as seat:
        await _the_list_is_a_picker_in_one_line(seat)
        for by in ("agent", "model", "status", "thread"):
            await seat.press("B")
            await seat.until(lambda by=by: seat.dashboard.view.group.by == by)
            await _focus(seat)
            await seat.until(lambda by=by: re.search(rf"{by} all \d", seat.lines[1]))
            await seat.press("G")
            await seat.until(lambda: re.search(r"(\d+) of \1\b", seat.lines[1]))
            assert all(cell_len(line) == size[0] for line in seat.lines)
            assert not plain or all(line.isascii() for line in seat.lines)
            if by in zoomed:
                await seat.press("z")
                await seat.until(lambda: seat.threads.size.height > 5 and "FAILED" in seat.text)
                assert all(cell_len(line) == size[0] for line in seat.lines)
                assert not plain or all(line.isascii() for line in seat.lines)
                await seat.press("z", "g")
                await seat.until(lambda: seat.threads.size.height == 1)


async def _every_thread_has_its_lock_and_its_counts(seat):
    for thread in seat.simulator.thread_ids():
        statuses = [seat.world()[run] for run in seat.simulator.run_ids(thread)]
        active = sum(status in ("queued", "running") for status in statuses)
        failed = statuses.count("failed")
        line = _line(seat, thread)
        assert (seat.app.glyphs.lock in line) == bool(active)
        assert (f"{active}{seat.app.glyphs.active}" in line) == bool(active)
        assert (f"{failed}{seat.app.glyphs.failed}" in line) == bool(failed)


async def _choosing_a_thread_narrows_the_table_to_it(seat):
    everything = seat.ids
    await _focus(seat)
    seen = set()
    for _ in seat.simulator.thread_ids():
        await seat.press("j")
        thread = seat.threads.chosen
        await seat.until(lambda thread=thread: seat.ids == seat.simulator.run_ids(thread))
        seen.add(thread)
        assert thread in seat.lines[1]
    assert seen == set(seat.simulator.thread_ids())
    await seat.press("j")
    assert seat.threads.chosen == thread  # at the last group, j changes nothing
    await seat.press("k", "G")
    assert seat.threads.chosen == thread
    await seat.press("g")
    await seat.until(lambda: seat.ids == everything)
    assert seat.threads.chosen is None


async def _enter_focuses_the_runs_and_esc_shows_all_threads_again(seat):
    everything = seat.ids
    await _focus(seat)
    await seat.press("j", "enter")
    await seat.until(lambda: seat.table.has_focus)
    await seat.press("escape")
    await seat.until(lambda: seat.ids == everything)


async def _a_click_chooses_a_thread_whose_rows_are_in_the_totals(seat):
    await seat.pilot.click("#threads", offset=(4, 2))
    await seat.until(lambda: seat.threads.chosen is not None)
    await seat.until(lambda: seat.ids == seat.simulator.run_ids(seat.threads.chosen))
    await seat.until(lambda: {run.thread_key for run in seat.rows} == {seat.threads.chosen})
    counts = [run.total_tokens for run in seat.rows if run.total_tokens is not None]
    await seat.sees(f"{sum(counts):,}", f"{len(counts)} of {len(seat.ids)} runs reported")


NAMES = (
    ("agent", "Agents · last 2h", "all agents"),
    ("model", "Models · known runs", "all models"),
    ("status", "Status · known runs", "all statuses"),
    ("thread", "Threads 4 · known runs", "all threads"),
)


async def _b_switches_the_grouping_and_the_frame_shows_it(seat, by, title, everything):
    await seat.press("B")
    await seat.until(lambda: seat.dashboard.view.group == Grouping(by))
    await seat.until(lambda: seat.threads.parent.border_title == title)
    await seat.until(lambda: everything in seat.threads.text)


async def _choosing_a_group_narrows_the_table_to_it_and_esc_shows_all_again(seat, raw, by):
    before = seat.ids
    await _focus(seat)
    seen = set()
    while True:
        chosen = seat.threads.chosen
        await seat.press("j")
        if seat.threads.chosen == chosen:
            break
        member = seat.threads.chosen
        wanted = {run["id"] for run in raw if _class(run[FIELDS[by]]) == member}
        await seat.until(lambda wanted=wanted: set(seat.ids) == wanted)
        seen |= wanted
        assert f"{by} {group_name(by, member, seat.dashboard.cell_context())}" in seat.lines[1]
    assert seen == set(before)
    await seat.press("escape")
    await seat.until(lambda: seat.ids == before)
    assert seat.dashboard.view.group == Grouping(by)
    await seat.press("G", "0")
    await seat.until(lambda: seat.ids == before and seat.threads.chosen is None)


async def _the_zoomed_list_is_a_table_with_the_numbers_of_the_server(seat, raw, by):
    await _focus(seat)
    await seat.press("z")
    await seat.until(lambda: "REPORTED" in seat.threads.text)
    await seat.until(lambda: seat.threads.parent.border_title.endswith(" · known runs"))
    head, everything, *lines = seat.threads.text.splitlines()
    titles = _cells(head)
    assert titles[0] == by.upper()
    context = seat.dashboard.cell_context()
    names = {
        group_name(by, member, context): [run for run in raw if _class(run[FIELDS[by]]) == member]
        for member in {_class(run[FIELDS[by]]) for run in raw}
    }
    told = {}
    for line in lines:
        found = dict(zip(titles, _cells(line), strict=True))
        name = found[by.upper()].lstrip("○●✓×–? ").rstrip(" ■")
        told[name] = found
    for name, runs in {**names, f"all {by}{'es' if by == 'status' else 's'}": raw}.items():
        found = dict(zip(titles, _cells(everything), strict=True)) if runs is raw else told[name]
        usages = [u["total_tokens"] for run in runs if (u := run["usage"]) and u["total_tokens"] is not None]
        words = Counter(_class(run["status"]) for run in runs)
        ended = words["completed"] + words["failed"] + words["cancelled"]
        assert found["RUNS"] == f"{len(runs):,}"
        assert found["TOKENS"] == (f"{sum(usages):,}" if usages else "—")
        assert found["REPORTED"] == f"{len(usages):,}"
        for word in ("queued", "running", "completed", "failed", "cancelled"):
            assert found[word.upper()] == str(words[word])
        assert found["FAIL%"] == (f"{words['failed'] / ended:.0%}" if ended else "—")
    assert set(told) >= set(names)
    await seat.press("z")
    await seat.until(lambda: "REPORTED" not in seat.threads.text)


async def _with_prices_the_zoomed_list_shows_costs(seat):
    await _focus(seat)
    await seat.press("B", "z")
    await seat.until(lambda: "COST" in seat.threads.text)
    snapshot = seat.dashboard.snapshot
    total = costs(list(snapshot.runs()), seat.app.settings.prices).total
    assert total.text() in _cells(seat.threads.text.splitlines()[1])
    await seat.press("z")
    await seat.until(lambda: "COST" not in seat.threads.text)


async def _the_list_is_a_picker_in_one_line(seat):
    await seat.press("shift+tab", "shift+tab")
    await seat.until(lambda: seat.threads.has_focus and "thread all 4" in seat.text)
    await seat.press("j")
    await seat.until(lambda: seat.threads.chosen is not None)
    await seat.sees(seat.threads.chosen)
    await seat.until(lambda: seat.ids == seat.simulator.run_ids(seat.threads.chosen))


async def _an_orphan_lock_is_shown_as_suspicious(seat):
    assert "lock?" not in seat.text
    assert "orphan" not in seat.text
    seat.simulator.add_fault("orphan-lock*100000")
    for _ in range(3):
        await seat.later(31)
        await seat.until(lambda: seat.app.session.connection.feed.snapshot().threads)
    await seat.until(lambda: "lock?" in seat.text or "orphan" in seat.text)


async def _a_group_keeps_its_line_while_the_list_has_the_focus(seat):
    await seat.until(lambda: "all agents" in seat.threads.text)
    await _focus(seat)
    await seat.press("j", "j")
    order = [line.split()[0] for line in seat.threads.text.replace("►", " ").splitlines()]
    for _ in range(6):
        before = seat.dashboard.snapshot
        await seat.later(45)
        await seat.until(lambda before=before: seat.dashboard.snapshot is not before)
        await seat.until(lambda: set(seat.dashboard.snapshot.threads) == set(seat.simulator.thread_ids()))
        now = [line.split()[0] for line in seat.threads.text.replace("►", " ").splitlines()]
        assert now[: len(order)] == order


async def _the_filter_box_can_be_opened_from_the_list(seat):
    await _focus(seat)
    await seat.press("slash")
    await seat.until(lambda: seat.app.focused.id == "filter")
    await seat.press("escape")


async def _the_tokens_per_minute_are_of_the_chosen_group(seat):
    await _group_by(seat, "status")
    await _focus(seat)
    await seat.press("j")
    await seat.until(lambda: seat.threads.chosen == "queued")
    for _ in range(8):
        await seat.later(8)
    await seat.sees(" tok in the last minute")
    await seat.until(lambda: " 0 tok in the last minute" in seat.text)


async def _only_the_lines_of_groups_that_changed_are_painted(seat, monkeypatch):
    await seat.loaded()
    await seat.pilot.pause()
    shown, snapshot, now = seat.threads, seat.dashboard.snapshot, seat.app.now()
    groups = list(shown._given)
    painted = []
    monkeypatch.setattr(shown, "refresh", lambda *regions, **_: painted.extend(regions or ["all"]))
    shown.show_groups(list(groups), snapshot, now)
    assert painted == []
    more = groups[2].totals._replace(by_class={**groups[2].totals.by_class, "failed": 77})
    shown.show_groups([*groups[:2], groups[2]._replace(totals=more), *groups[3:]], snapshot, now)
    assert [region.y for region in painted] == [3]  # below the titles
    shown.show_groups(groups[:-1], snapshot, now)
    assert "all" in painted[1:]


async def _group_by(seat, by):
    """Show the runs of all groups, and group them by `by`."""
    if seat.threads.chosen is not None or seat.dashboard.view.narrowed:
        await seat.press("0")
    while seat.dashboard.view.group.by != by:
        await seat.press("B")
    await seat.until(lambda: len(seat.ids) == len(list(seat.dashboard.snapshot.runs())))
    assert seat.threads.chosen is None


async def test_the_list_and_what_choosing_in_it_shows(app, key, monkeypatch):
    async with app(size=(140, 30)) as seat:
        await _every_thread_has_its_lock_and_its_counts(seat)
        for check in (
            _choosing_a_thread_narrows_the_table_to_it,
            _enter_focuses_the_runs_and_esc_shows_all_threads_again,
            _a_click_chooses_a_thread_whose_rows_are_in_the_totals,
            _the_filter_box_can_be_opened_from_the_list,
        ):
            await _group_by(seat, "thread")
            await check(seat)
        raw = _json_runs(seat, key)
        await _group_by(seat, "thread")
        for by, title, everything in NAMES:
            await _b_switches_the_grouping_and_the_frame_shows_it(seat, by, title, everything)
            await _the_zoomed_list_is_a_table_with_the_numbers_of_the_server(seat, raw, by)
            if by != "thread":
                await _choosing_a_group_narrows_the_table_to_it_and_esc_shows_all_again(seat, raw, by)
        await _only_the_lines_of_groups_that_changed_are_painted(seat, monkeypatch)


@pytest.mark.slow
async def test_the_list_while_time_passes(app):
    async with app(size=(158, 40), prices=Prices({"*": Price(100.0, 200.0)})) as seat:
        await _with_prices_the_zoomed_list_shows_costs(seat)
        await _the_tokens_per_minute_are_of_the_chosen_group(seat)
        await _group_by(seat, "agent")
        await _a_group_keeps_its_line_while_the_list_has_the_focus(seat)
        await _group_by(seat, "thread")
        await _an_orphan_lock_is_shown_as_suspicious(seat)
