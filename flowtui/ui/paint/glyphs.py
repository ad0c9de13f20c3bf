"""Characters that flowtui draws. Each takes one cell in DejaVu Sans Mono and in Fira Code; `ASCII` is the fallback."""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.model.run import row as status


class Glyphs(NamedTuple):
    """The characters of one character set. `status`: status class → character."""

    status: dict[str, str]
    live: str
    pointer: str
    up: str
    down: str
    lock: str
    old_lock: str
    separator: str
    failed: str
    active: str
    bar: str
    track: str
    folded: str
    unfolded: str
    left: str
    right: str
    selected: str
    watched: str
    tick: str
    unsure: str
    cut_left: str
    cut_right: str


UNICODE: Final = Glyphs(
    status={
        status.QUEUED: "○",
        status.RUNNING: "●",
        status.COMPLETED: "✓",
        status.FAILED: "×",
        status.CANCELLED: "–",
        status.UNKNOWN: "?",
    },
    live="●",
    pointer="►",
    up="▲",
    down="▼",
    lock="■",
    old_lock="□",
    separator="·",
    failed="×",
    active="●",
    bar="━",
    track="─",
    folded="►",
    unfolded="▼",
    left="◄",
    right="►",
    selected="▌",
    watched="◆",
    tick="┬",
    unsure="·",
    cut_left="‹",
    cut_right="›",
)

ASCII: Final = Glyphs(
    status={
        status.QUEUED: "o",
        status.RUNNING: "*",
        status.COMPLETED: "+",
        status.FAILED: "x",
        status.CANCELLED: "-",
        status.UNKNOWN: "?",
    },
    live="*",
    pointer=">",
    up="^",
    down="v",
    lock="#",
    old_lock="?",
    separator="-",
    failed="x",
    active="*",
    bar="=",
    track="-",
    folded="+",
    unfolded="-",
    left="<",
    right=">",
    selected="#",
    watched="@",
    tick="+",
    unsure=".",
    cut_left="<",
    cut_right=">",
)
