"""How much of all threads is known, how old it is, and how the rest is watched. Pure.

Claims no more than the looks themselves: the age is that of the oldest look, however sure somebody is that nothing
has happened since.
"""

from __future__ import annotations

from dataclasses import dataclass


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
