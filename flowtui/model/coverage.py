"""How much of all threads is known, how old it is, and how the rest is watched. Pure; the text of it is here too.

Claims no more than the looks themselves: the age is that of the oldest look, however sure somebody is that nothing
has happened since.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowtui.formatting import span
from flowtui.model.store import ThreadState


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what is known has been looked at.

    `threads` counts those known, `read` those whose runs were read at least once, `failed` those that cannot be read
    now, `unread` those that were not tried yet; `oldest` is the earliest of their last whole looks (UTC epoch seconds, local clock), None before the first.

    `fleet`: threads that rest are looked at in turn, a whole round in `round_s` seconds, and their locks with the
    list every `list_s` seconds. `discovering`: what moves is told by spans, asked for every `spans_s` seconds, since
    `since` without a gap; where it is not, `why` says so (display-safe).
    """

    threads: int = 0
    read: int = 0
    failed: int = 0
    unread: int = 0
    oldest: float | None = None
    fleet: bool = False
    discovering: bool = False
    why: str = ""
    since: float | None = None
    round_s: float = 0.0
    spans_s: float = 0.0
    list_s: float = 0.0

    @property
    def complete(self) -> bool:
        """Every thread's runs were read at least once, or cannot be."""
        return self.unread == 0


def coverage_text(coverage: Coverage, now: float) -> str:
    """Return `180 of 214 threads, oldest data 40s`, without `of` when all were read, with `2 failing` where some are; "" where none is known."""
    if not coverage.threads:
        return ""
    noun = "thread" if coverage.threads == 1 else "threads"
    count = (
        f"{coverage.threads:,}"
        if coverage.read == coverage.threads
        else f"{coverage.read:,} of {coverage.threads:,}"
    )
    parts = [f"{count} {noun}"]
    if coverage.failed:
        parts.append(f"{coverage.failed:,} failing")
    if coverage.oldest is not None:
        parts.append(f"oldest data {span(max(0.0, now - coverage.oldest))}")
    return ", ".join(parts)


def how_covered(coverage: Coverage) -> str:
    """Return one sentence on how changes are found on threads where nothing moves; "" where each is asked on its own."""
    if not coverage.fleet:
        return ""
    turn = f"every thread in turn within {span(coverage.round_s)}"
    listed = f"locks every {span(coverage.list_s)}"
    if coverage.discovering:
        return f"Spans tell every {span(coverage.spans_s)} what moves; {listed}, {turn}"
    return f"No help from spans ({coverage.why or 'not asked yet'}); {listed}, {turn}"


def checked(state: ThreadState, coverage: Coverage, now: float) -> str:
    """Return how old the picture of a thread is, and whether anything would have told of a change since.

    `checked 3m 10s ago, no sign of a change since` only where discovery has worked without a gap since that look and
    the thread rests: spans tell of runs that work, not of those that wait. "" before the first look.
    """
    if state.observed is None:
        return ""
    text = f"checked {span(max(0.0, now - state.observed))} ago"
    since = coverage.since
    if coverage.discovering and since is not None and since <= state.observed and not state.active:
        text += ", no sign of a change since"
    return text
