"""Saved views: what the built-in ones show, their numbers, and that a saved view shows the same runs again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.config.values.views import SavedView, read_view
from flowtui.model.columns.context import Context
from flowtui.model.query.query import parse
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Grouping
from flowtui.model.view.ranking import Ranking
from flowtui.model.view.saved_views import BUILT_IN, apply_saved_view, list_views, own_numbers, save_view
from flowtui.model.view.view import View, is_problem

NOON = 1795521600.0  # 2026-11-24 12:00:00 UTC
NOW_SHOWN = View(text="crm", only="active", sort="run", descending=True, group=Grouping("agent", "agent_1"))


@pytest.fixture(scope="module")
def snapshot(a_run):
    runs = [
        a_run("run_1", "failed", created=NOON - 9000, failed=NOON - 8000, usage={"total_tokens": 7}),
        a_run("run_2", "failed", created=NOON - 900, failed=NOON - 600, agent_id="agent_1"),
        a_run("run_3", "queued", created=NOON - 30, agent_id="agent_1"),
        a_run("run_4", "queued", created=NOON - 90),
        a_run("run_5", "completed", created=NOON - 60, usage={"total_tokens": 99}, agent_id="agent_2"),
        a_run("run_6", "odd", created=NOON - 61),
        a_run("run_7", "running", created=NOON - 10, started=NOON - 5, expires=NOON - 1),
    ]
    state = ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in runs}, observed=NOON)
    return Snapshot(at=NOON, threads={"thr_1": state})


@pytest.fixture(scope="module")
def ids(snapshot):
    context = Context(NOON, {}, snapshot.threads)
    return lambda view: [run.raw_id[4:] for run in Ranking().arrange(snapshot, view, context)]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("all", "7356421"),
        ("active", "734"),
        ("failed in the last hour", "2"),
        ("waiting", "43"),
        ("most tokens", "51"),
    ],
)
def test_the_built_in_views_show_what_their_names_say(ids, name, shown):
    saved = next(view for view in BUILT_IN if view.name == name)
    assert "".join(ids(apply_saved_view(saved, View())))[: len(shown)] == shown
    if name not in ("all", "most tokens"):
        assert len(ids(apply_saved_view(saved, View()))) == len(shown)


def test_the_view_problems_shows_what_the_key_for_problems_shows(snapshot, ids):
    saved = next(view for view in BUILT_IN if view.name == "problems")
    context = Context(NOON, {}, snapshot.threads)
    wanted = {run.raw_id[4:] for run in snapshot.runs() if is_problem(run, context)}
    assert set(ids(apply_saved_view(saved, View()))) == wanted == {"1", "2", "6", "7"}


def test_the_view_all_removes_every_restriction():
    assert not apply_saved_view(BUILT_IN[0], NOW_SHOWN).narrowed
    assert apply_saved_view(BUILT_IN[0], NOW_SHOWN).group.member is None


def test_a_saved_view_leaves_unchanged_what_it_does_not_set():
    assert apply_saved_view(SavedView(name="nothing"), NOW_SHOWN) == NOW_SHOWN
    found = apply_saved_view(SavedView(name="order", sort="tokens"), NOW_SHOWN)
    assert found == replace(NOW_SHOWN, sort="tokens", descending=False)
    found = apply_saved_view(SavedView(name="thread", thread="thr_1"), NOW_SHOWN)
    assert found == replace(NOW_SHOWN, group=Grouping("thread", "thr_1"))
    assert apply_saved_view(SavedView(name="odd", sort="nope", group="nope"), NOW_SHOWN) == NOW_SHOWN


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(text="status:failed or tokens>9", sort="tokens", descending=True),
        View(text="status:failed or tokens>9", only="active"),
        View(only="problems"),
        View(group=Grouping("thread", "thr_1"), text="run_1"),
        View(group=Grouping("agent", "agent_1"), text="status:failed or status:queued"),
        View(group=Grouping("agent", "")),
        View(group=Grouping("status", "queued"), only="active"),
        View(group=Grouping("model")),
        View(text="run_1 or ("),
    ],
)
@pytest.mark.parametrize("now_shown", [View(), NOW_SHOWN])
def test_a_saved_view_shows_the_same_runs_again(ids, view, now_shown):
    kept = save_view("mine", view)
    again = read_view("mine", kept.as_table())  # as read from the file
    assert again == kept
    found = apply_saved_view(again, now_shown)
    assert ids(found) == ids(view)
    assert (found.sort, found.descending, found.thread) == (view.sort, view.descending, view.thread)
    assert found.group.by == view.group.by


def test_of_views_with_the_same_name_the_users_own_wins():
    own = {"mine": SavedView(name="mine", filter="a"), "active": SavedView(name="active", filter="b")}
    configured = {"mine": SavedView(name="mine", filter="c"), "ours": SavedView(name="ours", filter="d")}
    found = list_views(configured, own)
    assert [(each.view.name, each.origin, each.number) for each in found[:4]] == [
        ("mine", "own", 1),
        ("ours", "config", 2),
        ("all", "built in", 3),
        ("active", "own", 4),
    ]
    assert found[3].view.filter == "b"
    assert len({each.view.name for each in found}) == len(found) == len(BUILT_IN) + 2
    assert [each.view for each in list_views(None, {})] == list(BUILT_IN)


def _own(*names):
    return {name: SavedView(name=name) for name in names}


def test_a_new_view_takes_the_number_after_the_last():
    before = list_views(None, _own("a", "b"))
    after = list_views(None, _own("a", "b", "new"), own_numbers(before))
    assert after[: len(before)] == before
    assert (after[-1].view.name, after[-1].number) == ("new", len(BUILT_IN) + 3)


def test_deleting_a_view_keeps_the_numbers_of_the_others():
    numbers = own_numbers(list_views(None, _own("a", "b", "c")))
    assert numbers == {"a": 7, "b": 8, "c": 9}
    del numbers["b"]
    found = list_views(None, _own("a", "c"), numbers)
    assert own_numbers(found) == {"a": 7, "c": 9}
    assert own_numbers(list_views(None, _own("a", "c", "d"), numbers)) == {"a": 7, "d": 8, "c": 9}
    more = own_numbers(list_views(None, _own("a", "b", "c", "d", "e"), {"e": 11, "c": 9}))
    assert more == {"a": 7, "b": 8, "c": 9, "d": 12, "e": 11}


@pytest.mark.parametrize("numbers", [{"a": 1, "b": 6}, {"a": 7, "b": 7}, {"a": -3}, {}])
def test_a_taken_or_repeated_or_negative_number_is_replaced(numbers):
    assert own_numbers(list_views(None, _own("a", "b"), numbers)) == {"a": 7, "b": 8}


def test_views_of_the_config_file_come_first_and_change_numbers_of_own_views_only_if_needed():
    configured = {"ours": SavedView(name="ours")}
    assert own_numbers(list_views(configured, _own("a", "b"), {"a": 7, "b": 9})) == {"a": 8, "b": 9}


def test_the_filters_of_the_built_in_views_can_be_read():
    for view in BUILT_IN:
        assert view.filter is not None
        parse(view.filter)
