"""Group and labels in filters: conditions, unknown values, completion, and runs left out for want of spans."""

from __future__ import annotations

import pytest

from flowtui.errors import QueryError
from flowtui.model.columns.context import Context
from flowtui.model.query.completion import Completer
from flowtui.model.query.query import Query, parse
from flowtui.model.query.unread_values import uses_labels, with_any_labels
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import ThreadState

FACTS = {
    "run_1": SpanFacts("nightly", (("Env", "Prod"), ("a b", "x"))),
    "run_2": SpanFacts("default", (("env", "test"),)),
    "run_3": SpanFacts(),
}
NUMBERS = (1, 2, 3, 4)  # run_4 is named by no span


@pytest.fixture
def runs(a_run):
    return [a_run(f"run_{number}", "failed" if number > 2 else "completed") for number in NUMBERS]


def context(runs, *, redact=False):
    state = ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in runs}, span_facts=FACTS)
    return Context(0.0, threads={"thr_1": state}, redact=redact)


def found(runs, query, **options):
    matches = query.matcher(context(runs, **options))
    return [number for number, run in zip(NUMBERS, runs, strict=True) if matches(run)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("group:night", [1]),
        ("group=default", [2]),
        ("group!=default", [1]),
        ("not group=default", [1, 3, 4]),
        ("has:group", [1, 2]),
        ("not has:group", [3, 4]),
        ("label.env:prod", [1]),
        ("LABEL.ENV=PROD", [1]),
        ("label.env:p*", [1]),
        ("label.env:/^te/", [2]),
        ("label.env!=prod", [2]),
        ("not label.env:prod", [2, 3, 4]),
        ("label:env=", [1, 2]),
        ("label=env=test", [2]),
        ("labels:prod or label:x", [1]),
        ("has:label.env", [1, 2]),
        ('has:label["a b"] label["a b"]:x', [1]),
        ("has:label", [1, 2]),
        ("not has:label.region status:failed", [3, 4]),
        ("label.no:x", []),
    ],
)
def test_runs_with_a_group_or_label(runs, text, numbers):
    query = parse(text)
    assert found(runs, query) == numbers
    assert found(runs, query, redact=True) == numbers  # the user typed the value, so it is compared as it is
    assert parse(str(query)) == query
    assert uses_labels(query.tree)


@pytest.mark.parametrize("text", ["label.env<3", "label.env:", "group>1"])
def test_a_label_takes_a_text_and_has_no_order(text):
    with pytest.raises(QueryError, match=r"label\.env|group"):
        parse(text)


@pytest.mark.parametrize("text", ["label.env", "status:failed has:error", "/label/"])
def test_ordinary_conditions_ask_for_no_labels(text):
    assert not uses_labels(parse(text).tree)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("label.env:prod", [1, 2, 3, 4]),
        ("label.env:prod status:failed", [3, 4]),
        ("not label.env:prod status:failed", [3, 4]),
        ("not (label.env:prod or status:failed)", [1, 2]),
        ("group:x or run_2", [1, 2, 3, 4]),
        ("run_2", [2]),
    ],
)
def test_runs_that_a_filter_would_show_if_their_labels_were_the_right_ones(runs, text, numbers):
    assert found(runs, Query(with_any_labels(parse(text).tree))) == numbers


def offered(runs, text, **options):
    return [item.text for item in Completer(runs, context(runs, **options)).complete(text, len(text)).items]


def test_names_and_values_seen_are_completed(runs):
    assert "label.env:" in [item.casefold() for item in offered(runs, "la")]
    assert offered(runs, "label.e")[-2:] in (["label.Env:", "label.env:"], ["label.env:", "label.Env:"])
    assert offered(runs, "label.env")[:3] == ["label.env:", "label.env=", "label.env!="]
    assert sorted(offered(runs, "label.env:")) == ["Prod", "test"]
    assert offered(runs, "label.env:te") == ["test"]
    assert offered(runs, 'label["a b"]:') == ["x"]
    assert sorted(offered(runs, "group:")) == ["default", "nightly"]
    assert '"Env=Prod"' in offered(runs, "label:") or "Env=Prod" in offered(runs, "label:")
    assert "label.env" in offered(runs, "has:label.e")


def test_redacted_completion_offers_names_but_no_values(runs):
    assert "label.env:" in offered(runs, "label.e", redact=True)
    for text in ("label.env:", "group:", "labels:", "label.env=p"):
        assert offered(runs, text, redact=True) == []
