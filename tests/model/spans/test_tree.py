"""The tree of spans: order, nesting, tokens and the failed span; and what is wrong with it is counted, never a crash."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.spans import tree as tree_module
from flowtui.model.spans.tree import MAX_SPANS, Oddities, span_tree

IDS = ["a", "b", "c", "d", "e", "", None, 7]


def span(span_id, parent=None, start=0, end=None, **fields):
    ends = start + 1 if end is None and start is not None else end
    return {
        "run_id": "run_1",
        "span_id": span_id,
        "parent_span_id": parent,
        "span_name": f"name {span_id}",
        "start_timestamp": start,
        "end_timestamp": ends,
        **fields,
    }


def call(span_id, parent=None, start=0, sent="2", made="3", **fields):
    used = {"gen_ai_usage_input_tokens": sent, "gen_ai_usage_output_token": made}
    return span(span_id, parent, start, gen_ai_operation_name="chat", **used, **fields)


def drawn(tree):
    return [f"{'.' * row.depth}{row.span.id}" for row in tree.rows]


def test_spans_are_nested_and_in_order_of_their_start():
    spans = [span("d", "a", 5), span("c", "b", 3), span("b", "a", 2), span("a", None, 1), span("e", "a", 4)]
    tree = span_tree(spans)
    assert drawn(tree) == ["a", ".b", "..c", ".e", ".d"]
    assert [row.last for row in tree.rows] == [True, False, True, False, True]
    assert [row.parent for row in tree.rows] == [None, 0, 1, 0, 0]
    assert tree.odd == Oddities()
    assert tree.path(2) == [0, 1, 2]


def test_spans_without_a_start_come_last_and_are_counted():
    tree = span_tree([span("a"), span("x", "a", None), span("b", "a", 9)])
    assert drawn(tree) == ["a", ".b", ".x"]
    assert tree.odd == Oddities(undated=1)


def test_spans_of_other_runs_logs_events_and_scalars_are_left_out_and_counted():
    others = [span("x", run_id="run_2"), span("l", kind="log"), span("e", kind="span_event"), None, 7, "span"]
    tree = span_tree([span("a"), *others, span("b", run_id=None)], "run_1")
    assert drawn(tree) == ["a", "b"]
    assert tree.odd == Oddities(foreign=1, points=2, unreadable=3)


def test_spans_whose_parent_is_missing_are_at_the_top():
    tree = span_tree([span("b", "gone", 2), span("c", "b", 3), span("a", None, 1)])
    assert drawn(tree) == ["a", "b", ".c"]
    assert tree.odd == Oddities(orphans=1)


@pytest.mark.parametrize("parents", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "c", "b": "a", "c": "b"}])
def test_a_circle_is_opened_at_its_earliest_span(parents):
    spans = [span(name, parents[name], start) for start, name in enumerate(parents)]
    tree = span_tree([*spans, span("x", "a", 9)])
    assert drawn(tree)[0] == "a"
    assert tree.rows[0].depth == 0
    assert len(tree.rows) == len(parents) + 1
    assert tree.odd == Oddities(circles=len(parents))


def test_equal_spans_of_overlapping_pages_count_once_and_different_ones_are_told():
    one = span("a")
    assert span_tree([one, dict(one), one]).odd == Oddities()
    tree = span_tree([one, span("a", end=5), span("a", end=3)])
    assert drawn(tree) == ["a"]
    assert tree.rows[0].span.end == 5
    assert tree.odd == Oddities(repeated=2)


def test_the_final_form_of_a_span_replaces_the_pending_one():
    pending = span("a", kind="pending_span", end=0)
    for spans in ([pending, span("a", end=4)], [span("a", end=4), pending]):
        tree = span_tree(spans)
        assert [(row.span.pending, row.span.end) for row in tree.rows] == [(False, 4)]
        assert tree.odd == Oddities()


def test_a_pending_span_that_only_announces_the_real_one_is_not_drawn():
    announced = span("a-0", "a", kind="pending_span", span_name="name a")
    assert drawn(span_tree([span("a"), announced])) == ["a"]
    assert drawn(span_tree([announced])) == ["a-0"]  # the real one has not ended


def test_tokens_are_summed_upwards_and_never_twice():
    spans = [
        span("run"),
        call("a", "run", 1),
        call("a2", "a", 2),  # the same call, as another library wrote it
        span("tool", "run", 3, gen_ai_operation_name="execute_tool"),
        call("b", "tool", 4),
        call("c", "tool", 5, made=None),
    ]
    tree = span_tree(spans)
    tokens = {row.span.id: (row.tokens, row.partial) for row in tree.rows}
    assert tokens["run"] == (12, True)
    assert tokens["a"] == (5, False)
    assert tokens["tool"] == (7, True)
    assert (tree.tokens, tree.partial) == (12, True)
    assert span_tree([span("run"), span("x", "run")]).tokens is None


def test_a_span_that_repeats_the_tokens_inside_it_counts_once():
    used = {"gen_ai_usage_input_tokens": "4", "gen_ai_usage_output_token": "6"}
    tree = span_tree([span("run", **used), call("a", "run", 1), call("b", "run", 2)])
    assert (tree.tokens, tree.partial) == (10, False)
    tree = span_tree([span("run", **used), call("a", "run", 1, sent=None, made=None)])
    assert (tree.tokens, tree.partial) == (10, False)  # the call does not say, but the run does


def failed(span_id, parent=None, start=0, **fields):
    return span(span_id, parent, start, **{"is_exception": True, **fields})


@pytest.mark.parametrize(
    ("spans", "broke"),
    [
        ([span("a"), span("b", "a")], None),
        ([failed("a"), failed("b", "a"), failed("c", "b")], "c"),  # went up through all
        ([failed("a"), span("b", "a"), failed("c", "b")], "c"),  # also through one that did not say so
        ([span("a"), failed("b", "a", 1), failed("c", "a", 5)], "c"),  # the run went on after the first
        ([span("a"), failed("b", "a", 1), span("c", "a", 5, level=17)], "b"),  # an exception says more
        ([failed("a", None, 0, end_timestamp=9), span("b", "a")], "a"),
        ([failed("a", "b"), failed("b", "a")], "b"),
        ([failed("a", None, None)], "a"),
    ],
)
def test_the_span_that_broke_is_the_innermost_failed_one(spans, broke):
    tree = span_tree(spans)
    assert (None if tree.broke is None else tree.rows[tree.broke].span.id) == broke


def test_negative_durations_and_missing_ids_are_drawn_and_counted():
    tree = span_tree([span("a"), span(None, "a", 5, 3), span("", "a", 6), span("x", "", 7)])
    assert [row.depth for row in tree.rows] == [0, 1, 1, 0]
    assert tree.odd == Oddities(nameless=2, backwards=1)


RAW = st.fixed_dictionaries(
    {},
    optional={
        "span_id": st.sampled_from(IDS),
        "parent_span_id": st.sampled_from(IDS),
        "start_timestamp": st.sampled_from([None, 1, 2, 3, "soon", 1e300, -5]),
        "end_timestamp": st.sampled_from([None, 1, 2, 3, "2026-02-30"]),
        "kind": st.sampled_from(["span", "pending_span", "log", None, 3]),
        "run_id": st.sampled_from(["run_1", "run_2", None, 5]),
        "is_exception": st.sampled_from([True, False, None, "yes"]),
        "gen_ai_operation_name": st.sampled_from(["chat", "execute_tool", None]),
        "gen_ai_usage_input_tokens": st.sampled_from(["5", None, "x"]),
    },
)


@given(st.lists(st.one_of(RAW, st.sampled_from([None, 7, "x"])), max_size=30))
def test_each_span_is_in_the_tree_once_or_counted_as_left_out(values):
    tree = span_tree(values, "run_1")
    odd = tree.odd
    ids = [row.span.id for row in tree.rows if row.span.id]
    assert len(ids) == len(set(ids))
    own = [
        one
        for one in values
        if isinstance(one, dict) and one.get("run_id") in (None, "run_1") and one.get("kind") != "log"
    ]
    named = {str(one["span_id"]) for one in own if one.get("span_id") not in (None, "")}
    assert set(ids) <= named
    hidden = named - set(ids)  # only announcements of a real span are hidden
    assert all(
        any(str(one.get("span_id")) == name and one.get("kind") == "pending_span" for one in own)
        for name in hidden
    )
    assert odd.nameless == sum(one.get("span_id") in (None, "") for one in own)
    assert odd.unreadable == sum(not isinstance(one, dict) for one in values)
    assert len(tree.rows) == len(ids) + odd.nameless
    for place, row in enumerate(tree.rows):
        assert (row.depth == 0) == (row.parent is None)
        assert row.parent is None or (row.parent < place and tree.rows[row.parent].depth == row.depth - 1)
    assert tree.tokens is None or tree.tokens % 5 == 0


def test_a_hundred_thousand_spans_are_cut_and_the_rest_is_counted():
    tree = span_tree({"span_id": f"s{number}", "parent_span_id": "s0"} for number in range(100_000))
    assert len(tree.rows) == MAX_SPANS
    assert tree.odd.unread == 100_000 - MAX_SPANS


@pytest.mark.parametrize("shape", ["chain", "star", "circle", "pairs"])
def test_the_work_grows_with_the_number_of_spans_only(shape):
    def parent(number, count):
        return {"chain": number - 1, "star": 0, "circle": (number + 1) % count, "pairs": number ^ 1}[shape]

    def steps(count):
        """Return how many lines of the module run for so many spans."""
        spans = [span(f"s{number}", f"s{parent(number, count)}", number) for number in range(count)]
        lines = 0

        def trace(frame, event, _argument):
            nonlocal lines
            if frame.f_code.co_filename != tree_module.__file__:
                return None
            lines += event == "line"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            rows = span_tree(spans).rows
        finally:
            sys.settrace(before)
        assert len(rows) == count
        return lines

    assert steps(2_000) < 11 * steps(200)
