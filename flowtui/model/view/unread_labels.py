"""Counts the runs that a view leaves out only because their group and labels were not read. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from flowtui.model.columns.context import Context
from flowtui.model.run.row import Run
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.view.view import View, filter_of, shows

_KEPT: Final = 30.0  # seconds for which counts are kept if time alone may change them


class _Part(NamedTuple):
    """The count of one thread, and what it was computed from."""

    runs: Mapping[str, Run]
    facts: Mapping[str, SpanFacts]
    left_out: int


class UnreadLabels:
    """Counts for one snapshot after another, and looks only into threads that changed."""

    def __init__(self) -> None:
        self._view = View()
        self._at = 0.0
        self._parts: dict[str, _Part] = {}

    def of(self, view: View, context: Context) -> int:
        """Return how many runs the view might show, if only their labels were known; 0 if it does not ask for labels.

        Runs that the view shows although their labels are unknown do not count.
        """
        if not _asks(view.text):
            self._parts = {}
            return 0
        changing = bool(filter_of(view.text)[0].volatility.change_times)
        if view != self._view or (changing and not 0 <= context.now - self._at < _KEPT):
            self._view, self._at, self._parts = view, context.now, {}
        left_out = _test(view, context)
        self._parts = {
            key: self._part(state, left_out)
            for key, state in context.threads.items()
            if view.thread in (None, key)
        }
        return sum(part.left_out for part in self._parts.values())

    def _part(self, state: ThreadState, left_out: Callable[[Run], bool]) -> _Part:
        known = self._parts.get(state.key)
        if known is not None and known.runs is state.runs and known.facts is state.span_facts:
            return known
        return _Part(state.runs, state.span_facts, sum(map(left_out, _unread(state))))


def _unread(state: ThreadState) -> Iterable[Run]:
    facts = state.span_facts
    return (run for raw_id, run in state.runs.items() if raw_id not in facts)


@lru_cache(maxsize=32)
def _asks(text: str) -> bool:
    from flowtui.model.query.unread_values import uses_labels  # noqa: PLC0415  not needed for the first frame

    return bool(text.strip()) and uses_labels(filter_of(text)[0].tree)


def _test(view: View, context: Context) -> Callable[[Run], bool]:
    """Return the test for runs with unread labels: whether the view leaves one out that it might show."""
    from flowtui.model.query.query import Query  # noqa: PLC0415
    from flowtui.model.query.unread_values import with_any_labels  # noqa: PLC0415

    might = Query(with_any_labels(filter_of(view.text)[0].tree)).matcher(context)
    in_group = shows(View(view.group, view.only), context)
    shown = filter_of(view.text)[0].matcher(context)
    return lambda run: in_group(run) and might(run) and not shown(run)
