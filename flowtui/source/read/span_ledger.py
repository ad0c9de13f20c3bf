"""Collects what spans say about runs: labels, and tokens of runs whose usage is not reported yet. Pure.

The same span comes many times, first pending, later with its counts. So the counts are kept by span, for a limited number
of runs and of spans of each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flowtui.model.run.row import RunKey
from flowtui.model.run.span_facts import SpanFacts, SpanTokens, add_up, read_run_span

MAX_RUNS: Final = 2_000
"""Runs whose spans are kept; of more, those named longest ago are forgotten. Their facts stay as they were."""

MAX_SPANS: Final = 1_000
"""Spans with counts that are kept of a run; the counts of more are left out, as the sum is a lower bound anyway."""


class SpanLedger:
    """What the spans read so far say about the runs that they name."""

    def __init__(self) -> None:
        self._facts: dict[RunKey, SpanFacts] = {}
        self._tokens: dict[RunKey, dict[str, SpanTokens]] = {}

    def take(self, elements: Iterable[Any]) -> dict[RunKey, SpanFacts]:
        """Take in raw spans; return the facts of the runs for which something changed."""
        counted: set[RunKey] = set()
        changed: dict[RunKey, SpanFacts] = {}
        for raw in elements:
            span = read_run_span(raw)
            if span is None:
                continue
            before = self._facts.pop(span.key, None)
            known = before or SpanFacts()
            # A span without labels does not take them away: not every span of a run needs to repeat them.
            facts = known._replace(group=span.group or known.group, labels=span.labels or known.labels)
            self._facts[span.key] = facts  # moves the run to the end: runs are forgotten from the front
            if facts != before:
                changed[span.key] = facts
            if self._count(span.key, span.id, span.tokens):
                counted.add(span.key)
        for key in counted:
            prompt, completion = add_up(self._tokens[key])
            facts = self._facts[key]._replace(prompt_tokens=prompt, completion_tokens=completion)
            if facts != self._facts[key]:
                self._facts[key] = changed[key] = facts
        self._forget()
        return changed

    def _count(self, key: RunKey, span_id: str, tokens: SpanTokens) -> bool:
        """Keep the counts of a span; return whether the sum of its run may have changed."""
        spans = self._tokens.setdefault(key, {})
        before = spans.get(span_id)
        if before == tokens or (before is None and len(spans) >= MAX_SPANS):
            return False
        if before is not None:  # a count that was seen once is not lost because a later answer leaves it out
            tokens = SpanTokens(
                tokens.parent or before.parent,
                before.prompt if tokens.prompt is None else tokens.prompt,
                before.completion if tokens.completion is None else tokens.completion,
            )
        spans[span_id] = tokens
        return tokens != before

    def _forget(self) -> None:
        while len(self._facts) > MAX_RUNS:
            key = next(iter(self._facts))
            del self._facts[key]
            self._tokens.pop(key, None)
