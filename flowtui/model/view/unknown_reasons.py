"""Counts the failed runs of a view of which it is not known why they failed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from flowtui.model.columns.context import Context
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.view.view import View, filter_of, shows

_KEPT: Final = 30.0  # seconds for which counts are kept if time alone may change them


class _Part(NamedTuple):
    """The failed runs of one thread that the view shows, or might show; and the rows that they were found in."""

    runs: Mapping[str, Run]
    failed: frozenset[str]


class UnknownReasons:
    """Counts for one snapshot after another, and looks only into threads that changed."""

    def __init__(self) -> None:
        self._view = View()
        self._at = 0.0
        self._parts: dict[str, _Part] = {}
        self._threads: Mapping[str, ThreadState] | None = None
        self._known: Mapping[RunKey, Reason] | None = None
        self._count = 0

    def of(self, view: View, context: Context) -> int:
        """Return how many failed runs without a known reason the view shows, or might show if it were known."""
        changing = bool(view.text.strip()) and bool(filter_of(view.text)[0].volatility.change_times)
        if view != self._view or (changing and not 0 <= context.now - self._at < _KEPT):
            self._view, self._at, self._parts, self._threads = view, context.now, {}, None
        elif context.threads is self._threads and context.reasons is self._known:
            return self._count
        self._threads = context.threads
        if self._follow(view, context) or self._known is not context.reasons:
            self._known = context.reasons
            failed = sum(len(part.failed) for part in self._parts.values())
            self._count = failed - sum(map(self._counts, context.reasons))
        return self._count

    def _follow(self, view: View, context: Context) -> bool:
        """Bring the parts up to date, and return whether one of them is new."""
        before, test, new = self._parts, _test(view, context), False
        self._parts = parts = {}
        for key, state in context.threads.items():
            if view.thread not in (None, key):
                continue
            part = before.get(key)
            if part is None or part.runs is not state.runs:
                part, new = _part(state, test), True
            parts[key] = part
        return new or len(parts) != len(before)

    def _counts(self, key: RunKey) -> bool:
        part = self._parts.get(key[0])
        return part is not None and key[1] in part.failed


def _part(state: ThreadState, test: Callable[[Run], bool]) -> _Part:
    failed = [run for run in state.runs.values() if run.status_class == FAILED]
    return _Part(state.runs, frozenset(run.raw_id for run in failed if not run.placeholder and test(run)))


def asks_reasons(view: View) -> bool:
    """Whether a view shows other runs once it is known why they failed."""
    if not view.text.strip():
        return False
    from flowtui.model.query.unread_values import uses_reasons  # noqa: PLC0415  not needed for the first frame

    return uses_reasons(filter_of(view.text)[0].tree)


def _test(view: View, context: Context) -> Callable[[Run], bool]:
    """Return the test for failed runs: whether the view shows one, or might show it for some reason of its failure."""
    group = shows(View(view.group, view.only), context)
    if not view.text.strip():
        return group
    from flowtui.model.query.query import Query  # noqa: PLC0415
    from flowtui.model.query.unread_values import with_any_reasons  # noqa: PLC0415

    might = Query(with_any_reasons(filter_of(view.text)[0].tree)).matcher(context)
    return lambda run: group(run) and might(run)
