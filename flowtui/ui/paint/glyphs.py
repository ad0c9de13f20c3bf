"""Characters that flowtui draws. Each takes one cell in DejaVu Sans Mono and in Fira Code; `ASCII` is the fallback."""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.model.run.row import STATUS_CLASSES

_STATUS: Final = dict(zip(STATUS_CLASSES, "○●✓×–?", strict=True))


class Glyphs(NamedTuple):
    """The characters of one character set, at first those in Unicode. `status`: status class → character."""

    status: dict[str, str] = _STATUS
    live: str = "●"
    pointer: str = "►"
    up: str = "▲"
    down: str = "▼"
    lock: str = "■"
    old_lock: str = "■?"
    separator: str = "·"
    failed: str = "×"
    active: str = "●"
    bar: str = "━"
    track: str = "─"
    folded: str = "►"
    unfolded: str = "▼"
    left: str = "◄"
    right: str = "►"
    selected: str = "▌"
    watched: str = "◆"
    tick: str = "┬"
    unsure: str = "·"
    cut_left: str = "‹"
    cut_right: str = "›"
    call: str = "▆"
    branch: str = "├"
    corner: str = "└"
    stem: str = "│"


UNICODE: Final = Glyphs()
ASCII: Final = Glyphs(
    status=dict(zip(STATUS_CLASSES, "o*+x-?", strict=True)),
    live="*",
    pointer=">",
    up="^",
    down="v",
    lock="#",
    old_lock="#?",
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
    call="=",
    branch="|",
    corner="`",
    stem="|",
)
