"""The text on the border of a frame that says what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from flowtui.ui.paint import ink

CORNERS: Final = 6
"""Cells of a frame's border that a title cannot use."""

BETWEEN: Final = "  ·  "
_WORTH: Final = 24  # cells of a cause: cut shorter, it means nothing


def trouble_text(cause: str, parts: Sequence[str], cells: int) -> str:
    """Return the text for the lower border of a frame `cells` wide: the cause of an error, then `parts`.

    The parts are never cut. The cause is cut to the room they leave; if that is less than `_WORTH` cells, the cause is
    left out.
    """
    rest = BETWEEN.join(parts)
    room = cells - CORNERS - (cell_len(rest) + len(BETWEEN) if rest else 0)
    if not cause or (rest and room < min(_WORTH, cell_len(cause))):
        return rest
    shown = ink.cut(cause, max(1, room))
    return BETWEEN.join([shown, *parts])
