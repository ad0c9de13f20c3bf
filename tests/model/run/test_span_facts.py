"""What spans say about a run: labels and tokens, from ugly spans as well."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.run.span_facts import (
    MAX_LABELS,
    ShownTokens,
    SpanFacts,
    SpanTokens,
    add_up,
    labels_of,
    matches_labels,
    read_run_span,
    shown_tokens,
)

SPAN = {"span_id": "s", "thread_id": "thr_1", "run_id": "run_1"}
FACTS = SpanFacts("nightly", (("env", "prod"), ("release", "42")), 900, 100)


def tokens(*counts: tuple[str, str, int | None]) -> dict[str, SpanTokens]:
    return {key: SpanTokens(parent, count, None) for key, parent, count in counts}


def test_a_span_tells_the_run_its_labels_and_its_counts():
    raw = {
        **SPAN,
        "group": "nightly",
        "seekr_metadata": {"release": "42", "env": "prod"},
        "parent_span_id": "root",
        "gen_ai_usage_input_tokens": "900",
        "gen_ai_usage_output_token": "100",
    }
    span = read_run_span(raw)
    assert span is not None
    assert (span.key, span.id, span.group) == (("thr_1", "run_1"), "s", "nightly")
    assert span.labels == (("env", "prod"), ("release", "42"))
    assert span.tokens == SpanTokens("root", 900, 100)


@pytest.mark.parametrize("raw", [None, 7, [], {}, {**SPAN, "run_id": None}, {**SPAN, "thread_id": 5}])
def test_an_element_without_span_thread_and_run_says_nothing(raw):
    assert read_run_span(raw) is None


@pytest.mark.parametrize("raw", ["", "-5", "1.5", "9" * 16, "٣", True, -1, 2.5, None, [], "NaN"])
def test_what_is_no_count_is_unknown(raw):
    span = read_run_span({**SPAN, "gen_ai_usage_input_tokens": raw})
    assert span is not None
    assert span.tokens.prompt is None


def test_values_of_labels_are_display_safe_bounded_text():
    raw = {"b": "\x1b[2J", "a": 7, "t": True, "n": None, "o": {"x": [1]}, "l": [1], "long": "x" * 1000}
    found = dict(labels_of(raw))
    assert found["b"] == "␛[2J"
    assert (found["a"], found["t"], found["o"], found["l"]) == ("7", "true", "{…}", "[…]")
    assert "n" not in found
    assert len(found["long"]) == 200
    assert len(labels_of({f"k{n}": "v" for n in range(100)})) == MAX_LABELS
    assert labels_of('{"env": "prod"}') == (("env", "prod"),)
    assert [labels_of(each) for each in ("{", "{" * 9000, 5, None, [])] == [()] * 5


def test_a_span_that_repeats_the_counts_inside_it_counts_once():
    assert add_up(tokens(("agent", "", 300), ("chat 1", "agent", 100), ("chat 2", "agent", 200)))[0] == 300
    assert add_up(tokens(("agent", "", None), ("chat 1", "agent", 100), ("tool", "agent", None)))[0] == 100
    nested = tokens(("agent", "", 250), ("tool", "agent", None), ("sub", "tool", 150), ("chat", "sub", 150))
    assert add_up(nested)[0] == 250
    assert add_up(tokens(("a", "not read", 5), ("b", "not read", 7)))[0] == 12
    assert add_up(tokens(("a", "", None))) == (None, None)
    assert add_up({}) == (None, None)


def test_spans_in_a_circle_or_very_deep_still_count():
    assert add_up(tokens(("a", "b", 5), ("b", "a", 7)))[0] == 12
    assert add_up(tokens(("a", "a", 5)))[0] == 5
    deep = tokens(*((str(n), str(n - 1), 1) for n in range(200)))
    assert 1 <= (add_up(deep)[0] or 0) <= 200


@given(
    st.dictionaries(
        st.sampled_from("abcdefgh"),
        st.tuples(st.sampled_from([*"abcdefgh", ""]), st.integers(0, 100) | st.none()),
    )
)
def test_a_sum_is_never_above_all_counts_nor_below_the_largest(spans: dict[str, Any]):
    found = add_up({key: SpanTokens(parent, count, None) for key, (parent, count) in spans.items()})[0]
    counts = [count for _, count in spans.values() if count is not None]
    if counts:
        assert found is not None
        assert max(counts) <= found <= sum(counts)
    else:
        assert found is None


def test_counts_of_spans_are_shown_only_until_the_run_reports_usage(a_run):
    running = a_run()
    reported = a_run(usage={"prompt_tokens": 950, "completion_tokens": 110, "total_tokens": 1060})
    assert shown_tokens(running, FACTS) == ShownTokens(900, 100, 1000, at_least=True)
    assert shown_tokens(reported, FACTS) == ShownTokens(950, 110, 1060)
    assert shown_tokens(running, None) == shown_tokens(running, SpanFacts()) == ShownTokens(None, None, None)


def test_a_run_matches_by_its_group_and_all_of_the_labels():
    assert matches_labels(FACTS, None, [])
    assert matches_labels(FACTS, "nightly", [("env", "prod"), ("release", "42")])
    assert not matches_labels(FACTS, "nightly", [("env", "prod"), ("release", "43")])
    assert not matches_labels(FACTS, "other", [])
    assert not matches_labels(FACTS, None, [("region", "eu")])
