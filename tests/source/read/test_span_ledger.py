"""Facts of runs, collected from spans that come several times, in any order, and many."""

from __future__ import annotations

from typing import Any

from flowtui.model.run.span_facts import SpanFacts
from flowtui.source.read import span_ledger
from flowtui.source.read.span_ledger import SpanLedger

KEY = ("thr_1", "run_1")


def span(name: str, tokens: int | None = None, *, run: str = "run_1", **fields: Any) -> dict[str, Any]:
    count = None if tokens is None else str(tokens)
    return {
        "span_id": name,
        "thread_id": "thr_1",
        "run_id": run,
        "gen_ai_usage_input_tokens": count,
        "gen_ai_usage_output_token": count,
        **fields,
    }


def test_a_run_is_known_from_its_first_span_even_without_labels():
    assert SpanLedger().take([span("a")]) == {KEY: SpanFacts()}


def test_a_pending_span_counts_once_its_counts_come_and_only_once():
    ledger = SpanLedger()
    ledger.take([span("a"), span("b", 5)])
    assert ledger.take([span("a", 7), span("b", 5)]) == {KEY: SpanFacts("", (), 12, 12)}
    assert ledger.take([span("a", 7), span("b", 5)]) == {}, "nothing new"
    assert ledger.take([span("a")]) == {}, "a count that was seen is not lost"


def test_labels_stay_if_a_later_span_has_none():
    ledger = SpanLedger()
    ledger.take([span("a", group="nightly", seekr_metadata={"env": "prod"})])
    assert ledger.take([span("b")]) == {}
    assert ledger.take([span("c", 1)])[KEY] == SpanFacts("nightly", (("env", "prod"),), 1, 1)


def test_garbage_between_the_spans_hides_nothing():
    assert SpanLedger().take([None, 5, {}, [span("x")], span("a", 3)]) == {KEY: SpanFacts("", (), 3, 3)}


def test_spans_and_runs_without_end_do_not_grow_the_ledger(monkeypatch):
    monkeypatch.setattr(span_ledger, "MAX_SPANS", 10)
    monkeypatch.setattr(span_ledger, "MAX_RUNS", 20)
    ledger = SpanLedger()
    assert ledger.take(span(str(n), 1) for n in range(500))[KEY].prompt_tokens == 10
    found = ledger.take(span("a", 1, run=f"run_{n}") for n in range(500))
    assert len(found) == 499, "each is told once, and run_1 was known"
    assert ledger.take([span("a", 1, run="run_499")]) == {}, "among the newest, so it is still known"
    assert len(ledger._facts) == len(ledger._tokens) == 20
