"""What texts say of older runs that have left memory: counts name what they are of. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from flowtui.formatting import plural, short_count
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.view import View

HERE = "in memory"
"""Said of counts that leave an unknown number of runs out."""


def runs_that_left(snapshot: Snapshot | None, view: View) -> int | None:
    """Return how many older runs that the view would show have left memory.

    None: some runs have left, and it is not known how many of them the view would show.
    """
    if snapshot is None:
        return 0
    if view.thread is not None:
        state = snapshot.threads.get(view.thread)
        left = 0 if state is None else state.let_go
    else:
        left = snapshot.let_go
    only_some = view.narrowed or (view.group.member is not None and view.thread is None)
    return None if left and only_some else left


def number_forms(known: int, left: int) -> Sequence[str]:
    """Return the number of `known` runs and what it is of, in ever shorter forms. `left`: how many have left memory."""
    every = known + left
    if not left:
        return (plural(known, "run"),)
    few, all_ = short_count(known), short_count(every)
    return f"{known:,} of {every:,} runs", f"{few} of {all_} runs", f"{few} of {all_}", f"{few}/{all_}"


def end_words(left: int | None, *, brief: bool = False) -> str:
    """Return where the rows of a table end, and where older ones are; "" if none have left memory."""
    if left == 0:
        return ""
    number = "" if left is None else f"{left:,} "
    runs = "run" if left == 1 else "runs"
    if brief:
        return f"{number}older left memory" if left else "older runs left memory"
    has = "it" if left == 1 else "them"
    return f"{number}older {runs} left memory, `flowtui runs --since` has {has}"


def unread_words(snapshot: Snapshot) -> str:
    """Return how many threads were not read yet, so that their runs are unknown; "" if all were."""
    every = len(snapshot.threads)
    unread = sum(not state.read for state in snapshot.threads.values())
    return f"{unread} of {plural(every, 'thread')} not read yet" if unread else ""
