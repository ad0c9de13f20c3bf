"""Tokens of runs that report no usage yet, counted from their spans. Pure.

They are lower bounds, so they are never added to sums of reported usage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from flowtui.model.run.row import Run
from flowtui.model.run.span_facts import SpanFacts, shown_tokens
from flowtui.model.state.known_runs import ThreadState


class LiveSum(NamedTuple):
    """A sum over runs whose tokens are known from spans only."""

    tokens: int | None = None
    """At least so many tokens were used; None if there is no such run."""
    runs: int = 0
    """The number of these runs."""


class _Part(NamedTuple):
    """The runs of one thread that count, and what they were computed from."""

    runs: Mapping[str, Run]
    facts: Mapping[str, SpanFacts]
    counted: list[tuple[Run, int]]


class LiveTokens:
    """Adds up live tokens of one snapshot after another, and looks only into threads that changed."""

    def __init__(self) -> None:
        self._parts: dict[str, _Part] = {}

    def of(self, threads: Mapping[str, ThreadState], shown: Callable[[Run], bool] | None = None) -> LiveSum:
        """Return the sum over the runs of these threads for which `shown` is true; None: over all."""
        parts = {key: self._part(state) for key, state in threads.items() if state.span_facts}
        self._parts = parts
        found = [
            tokens for part in parts.values() for run, tokens in part.counted if shown is None or shown(run)
        ]
        return LiveSum(sum(found) if found else None, len(found))

    def _part(self, state: ThreadState) -> _Part:
        known = self._parts.get(state.key)
        if known is not None and known.runs is state.runs and known.facts is state.span_facts:
            return known
        return _Part(state.runs, state.span_facts, list(_counted(state)))


def _counted(state: ThreadState) -> Iterable[tuple[Run, int]]:
    for raw_id, facts in state.span_facts.items():
        run = state.runs.get(raw_id)
        if run is not None:
            tokens = shown_tokens(run, facts)
            if tokens.at_least and tokens.total is not None:
                yield run, tokens.total
