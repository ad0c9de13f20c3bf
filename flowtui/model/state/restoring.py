"""Puts a thread back as the history knows it. Pure.

A restored thread is neither live nor lost until this start observes it. Live data always count more than the history.
"""

from __future__ import annotations

from dataclasses import replace

from flowtui.model.state.known_runs import ThreadState, apply_thread


def put_back(
    stored: ThreadState, known: ThreadState | None, *, at: float, interval: float
) -> ThreadState | None:
    """Return the restored state of a thread; None if there is nothing to restore, or if live data cover the thread.

    `stored`: the thread as the history knows it.
    `known`: what this start knows of it so far; None if nothing. A row of the list of threads is kept.
    `at`: now, in UTC epoch seconds of the local clock; no stored time counts as later, as the clock may have been set back.
    `interval`: the seconds between two observations that are promised to threads that were not read yet.
    """
    last = stored.observed if stored.restored is None else stored.restored
    if last is None or (known is not None and (known.read or known.restored is not None)):
        return None
    last = min(last, at)
    listed = None if stored.thread_at is None else min(stored.thread_at, at)
    state = replace(
        stored,
        interval=interval,
        observed=last,
        restored=last,
        gone=False,
        silent=False,
        thread_at=listed,
        failure=None,
        asked=None,
        extras={},
    )
    if known is None:
        return state
    state = replace(
        state,
        interval=known.interval,
        failure=known.failure,
        asked=known.asked,
        span_facts={**state.span_facts, **known.span_facts},
    )
    if known.thread is None or known.thread_at is None:
        return state
    return apply_thread(state, known.thread, at=known.thread_at)


def reaches_back(state: ThreadState, since: float) -> bool:
    """Return whether the runs that are known of a thread are all since a time of the server's clock (UTC epoch seconds)."""
    if state.whole:
        return True
    oldest = next(iter(tuple(state.runs.values())[-1:]), None)
    return oldest is not None and oldest.created is not None and oldest.created <= since
