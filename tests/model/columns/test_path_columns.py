"""Path columns, names of columns, and the user's choice of columns with order and widths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.errors import UsageError
from flowtui.model.columns.column_choice import FIXED, MAX_WIDTH, MIN_WIDTH, choose
from flowtui.model.columns.columns import COLUMNS, DEFAULT, PRINTED
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import (
    MAX_PATHS,
    column_name,
    column_names,
    find_column,
    known_names,
    path_names,
)
from flowtui.model.run.fingerprint import page_extras
from flowtui.model.run.parsing import parse_run
from flowtui.model.run.raw_paths import extras_of
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.view.sorting import sort_runs

ENV = "meta_data.env"


def context(raws, names):
    """Return runs of one thread, and a context with their values at the paths."""
    runs = [parse_run(raw, "t") for raw in raws]
    extras = {run.raw_id: extras_of(raw, names) for run, raw in zip(runs, raws, strict=True)}
    state = ThreadState("t", 1.0, runs={run.raw_id: run for run in runs}, extras=extras)
    return runs, Context(now=0.0, threads={"t": state})


def raw(number, **meta):
    return {"id": f"run_{number}", "status": "completed", "meta_data": meta}


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("status", "status"),
        (" Tokens ", "tokens"),
        (ENV, ENV),
        (".x", ".x"),
        ("A.b", "A.b"),
        ('m["b"]', "m.b"),
    ],
)
def test_a_column_name_is_a_known_column_or_a_path(text, name):
    assert column_name(text) == name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tokns", "Did you mean tokens?"),
        ("nope", "status, run, thread"),
        ("", "no column"),
        ("a..b", "no path"),
    ],
)
def test_an_unknown_name_is_refused_with_a_list_of_columns(text, says):
    with pytest.raises(UsageError) as caught:
        column_name(text, "--columns")
    assert str(caught.value).startswith("--columns: ")
    assert says in str(caught.value)


def test_a_list_of_names_keeps_quoted_commas_and_drops_repetitions():
    assert column_names(f'run,{ENV},.{ENV},m["a,b"], RUN') == ("run", ENV, 'm["a,b"]')
    with pytest.raises(UsageError):
        column_names("run,,status")
    with pytest.raises(UsageError):
        column_names(",".join(f"m.k{number}" for number in range(MAX_PATHS + 1)))


def test_unknown_names_of_another_version_are_ignored():
    many = [f"m.k{number}" for number in range(50)]
    assert known_names(["run", "nope", ENV, "a..b", "run"]) == ("run", ENV)
    assert len(known_names(many)) == MAX_PATHS


# -- cells -------------------------------------------------------------------------------------------------------------


def test_a_path_column_shows_the_values_at_its_path():
    runs, ctx = context([raw(1, env="prod"), raw(2, env=None), raw(3, env=""), raw(4, env=12345)], (ENV,))
    column = find_column(ENV)
    assert column.title == "META_DATA.ENV"
    assert [column.text(run, ctx) for run in runs] == ["prod", "—", '""', "12,345"]
    assert [column.value(run, ctx) for run in runs] == ["prod", None, "", 12345]
    assert find_column("status") is COLUMNS["status"]


def test_a_value_that_was_not_read_is_unknown():
    (run,), ctx = context([raw(1, env="prod")], ())
    assert find_column(ENV).text(run, ctx) == "—"
    assert find_column(ENV).text(run, Context(now=0.0)) == "—"


def test_the_title_of_a_long_path_shows_its_end():
    assert find_column("meta_data.something_long.and_longer").title.endswith("AND_LONGER")
    assert len(find_column("meta_data.something_long.and_longer").title) == 24


def test_numbers_are_sorted_before_texts_and_unknown_values_last():
    raws = [raw(n, env=value) for n, value in enumerate(["b", 10, None, "A", 9, 1.5, "a"])]
    runs, ctx = context(raws, (ENV,))
    ordered = sort_runs(runs, find_column(ENV), ctx)
    assert [find_column(ENV).value(run, ctx) for run in ordered] == [1.5, 9, 10, "A", "a", "b", None]
    ordered = sort_runs(runs, find_column(ENV), ctx, descending=True)
    assert [find_column(ENV).value(run, ctx) for run in ordered] == ["b", "a", "A", 10, 9, 1.5, None]


# -- reading the values -----------------------------------------------------------------------------------------------


def test_parsing_a_page_reads_the_values_at_the_paths():
    body = b'{"data": [{"id": "a", "m": {"x": 1}}, {"id": "a", "m": {"x": 2}}, 7, {"m": {}}, {"id": "b"}]}'
    found = page_extras(body, ("m.x",))
    assert {raw_id: extras.cells for raw_id, extras in found.items()} == {"a": (1,), "b": (None,)}
    assert page_extras(body, ()) == {}
    assert page_extras(b'[{"id": "a", "m": {"x": 1}}, {"id": "b"', ("m.x",))["a"].cells == (1,)
    assert page_extras(b"<html>", ("m.x",)) == {}


def test_values_are_kept_and_if_none_changed_extras_is_the_same_object():
    run = parse_run(raw(1, env="prod"), "t")
    extras = {run.raw_id: extras_of(raw(1, env="prod"), (ENV,))}
    state, _ = apply_runs(ThreadState("t", 1.0), [run], at=1.0, whole=True, extras=extras)
    assert state.extras == extras
    again, changes = apply_runs(state, [run], at=2.0, whole=True, extras=dict(extras))
    assert again.extras is state.extras
    assert changes == []
    other, _ = apply_runs(again, [run], at=3.0, whole=True, extras={run.raw_id: extras_of(raw(1), (ENV,))})
    assert other.extras[run.raw_id].cells == (None,)


# -- choices -----------------------------------------------------------------------------------------------------------


def test_by_default_the_default_columns_are_shown_and_no_path_is_read():
    choice = choose(None)
    assert choice.names == DEFAULT
    assert choice.exported == PRINTED
    assert choice.is_default
    assert choice.paths == ()
    assert choice.explicit == frozenset()
    assert set(choice.order) == set(COLUMNS)


def test_chosen_columns_keep_their_order_and_hidden_ones_their_default_place():
    choice = choose(["note", ENV, "run", "nope", "tokens"])
    assert choice.names == choice.exported == ("status", "run", "note", ENV, "tokens")
    assert choice.order.index("prompt") == choice.order.index("tokens") + 1
    assert choice.paths == (ENV,)
    assert choice.explicit == {ENV}


def test_columns_can_be_hidden_except_status_and_run():
    choice = choose(None)
    assert "thread" not in choice.toggled("thread").names
    assert choice.toggled("thread").toggled("thread") == choice
    assert "model" in choice.toggled("model").names
    for name in FIXED:
        assert choice.toggled(name) is choice
        assert choice.moved(name, 1) is choice


def test_columns_cannot_move_before_status_and_run():
    choice = choose(None)
    assert choice.moved("age", -100).names[:3] == ("status", "run", "age")
    assert choice.moved("age", 100).names[-1] == "age"
    assert choice.moved("thread", 1).names[3:5] == ("age", "thread")


def test_a_path_column_is_added_before_the_note():
    choice = choose(None).added(ENV)
    assert choice.names[-2:] == (ENV, "note")
    assert choice.toggled(ENV).paths == ()
    assert choice.toggled(ENV).added(ENV) == choice
    assert choice.widened(ENV, 1, 10).removed(ENV) == choose(None)
    assert choice.removed("model") is choice
    assert choice.added("cost").names.count("cost") == 1


@given(st.integers(-500, 500), st.integers(1, 300))
def test_widths_are_bounded(step, now):
    choice = choose(None).widened("model", step, now)
    assert MIN_WIDTH <= choice.widths["model"] <= MAX_WIDTH
    assert choice.explicit == {"model"}
    assert choice.fitted("model") == choose(None)


def test_remembered_widths_are_kept_within_bounds():
    choice = choose(["run", ENV], {ENV: 30, "time": 1, "gone": 5})
    assert choice.widths == {ENV: 30, "time": 10}


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["toggled", "moved", "removed", "added"]), st.sampled_from([*COLUMNS, ENV, "m.x"])
    )
)


@given(MOVES)
def test_any_change_keeps_the_two_fixed_columns_and_no_column_twice(moves):
    choice = choose(None)
    for what, name in moves:
        choice = choice.moved(name, 2) if what == "moved" else getattr(choice, what)(name)
    assert choice.names[:2] == FIXED
    assert len(set(choice.order)) == len(choice.order)
    assert set(choice.order) >= set(COLUMNS)
    assert choose(choice.names, choice.widths).names == choice.names
    assert path_names(choice.names) == choice.paths
