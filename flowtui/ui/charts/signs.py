"""The characters of charts: in Unicode, in Unicode without colours, and in ASCII. Each takes one cell."""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.config.settings import Settings


class ChartSigns(NamedTuple):
    """The characters of charts, at first those in Unicode with colours."""

    up: str = "▁▂▃▄▅▆▇█"
    """Parts of a cell filled from below, the smallest first; the last one fills the cell."""
    down: str = "▇▆▅▄▃▂▁█"
    """Parts of a cell filled from above, the smallest first. All but the last are drawn with swapped colours."""
    colors: bool = True
    """Whether colours may be swapped, or put behind a character. If not, shapes alone tell everything."""
    behind: str = "▁▂▃▄▅▆▇█"
    """As `up`, for what is behind the columns, where no column is."""
    floor: str = "▁"
    """A known zero."""
    gap: str = "·"
    """Nobody watched."""
    track: str = "─"
    band: str = "━"
    """A part of a track, or a range."""
    dot: str = "●"
    """A value on a track."""
    tick: str = "┆"
    """A release or a change of configuration."""
    release: str = "▲"
    limit: str = "┃"
    share: str = "▆"
    """A part of a whole; see `failed_share` for two of its kinds."""
    failed_share: str = "▆"
    cancelled_share: str = "▆"


UNICODE: Final = ChartSigns()
# The smallest column is higher than the floor, which colours tell from it elsewhere.
COLORLESS: Final = UNICODE._replace(
    up="▂▃▄▅▆▇█", down="▀█", colors=False, behind="░", share="█", failed_share="×", cancelled_share="─"
)
ASCII: Final = ChartSigns(
    up=".:|#",
    down="'x",
    colors=False,
    behind=".:",
    floor="_",
    gap="?",
    track="-",
    band="=",
    dot="*",
    tick="!",
    release="^",
    limit="|",
    share="=",
    failed_share="x",
    cancelled_share="-",
)


def signs_of(settings: Settings) -> ChartSigns:
    """Return the characters that the terminal can show."""
    return ASCII if settings.ascii else COLORLESS if settings.no_color else UNICODE
