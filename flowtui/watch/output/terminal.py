"""Prints permanent lines, and below them a block of lines that is redrawn. Only this module writes escape sequences.

The block does not use the alternate screen, so permanent lines remain in the scrollback. Its lines are display-safe,
and cut to the terminal's width, as a wrapped line would break the movement of the cursor. The cursor is hidden until
`close`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from flowtui.text import cell_width, cut_cells
from flowtui.watch.output.output import Output

_HIDE: Final = "\x1b[?25l"
_SHOW: Final = "\x1b[?25h"
_CLEAR_BELOW: Final = "\x1b[0J"
_CLEAR_LINE: Final = "\x1b[K"
_RESET: Final = "\x1b[0m"
_COLORS: Final = {
    "running": "36",
    "queued": "33",
    "completed": "32",
    "failed": "1;31",
    "cancelled": "2",
    "unknown": "33",
    "error": "31",
    "head": "1",
    "quiet": "2",
    "new": "1;35",
    # the text in the terminal's background colour on a solid area
    "solid completed": "1;7;32",
    "solid failed": "1;7;31",
    "solid queued": "1;7;33",
}


class Span(NamedTuple):
    """A part of a line. `tone` is a key of `_COLORS`; with any other value the part has no colour."""

    text: str
    tone: str = ""


class Terminal:
    """The bottom of a terminal, with the block.

    `size` returns the current columns and lines. `reflows`: whether the terminal wraps lines when it gets narrower, as
    nearly all terminals do; if not, it cuts them off.
    """

    def __init__(
        self, output: Output, size: Callable[[], tuple[int, int]], *, color: bool, reflows: bool = True
    ) -> None:
        self.size = size
        self._output = output
        self._color = color
        self._reflows = reflows
        self._drawn: list[str] = []  # the lines of the block as they were drawn
        self._hidden = False

    def draw(self, lines: Sequence[Sequence[Span]], above: Sequence[Sequence[Span]] = ()) -> None:
        """Print `above`, new permanent lines, and redraw the block with `lines` below them."""
        columns, rows = self.size()
        lines = lines[: max(1, rows - 1)]
        out = [] if self._hidden else [_HIDE]
        self._hidden = True
        out.append(self._to_top(columns))
        # Permanent lines are not cut: the terminal wraps them, and the user can select and copy them whole.
        out += [f"{self._paint(line, None)}{_CLEAR_LINE}\r\n" for line in above]
        out.append("\r\n".join(f"{self._paint(line, columns - 1)}{_CLEAR_LINE}" for line in lines))
        out.append(_CLEAR_BELOW)
        self._drawn = [cut_cells("".join(span.text for span in line), columns - 1) for line in lines]
        self._output.write("".join(out))

    def close(self, last: Sequence[Sequence[Span]] = ()) -> None:
        """Remove the block, print the permanent lines `last`, and show the cursor again."""
        if self._hidden or last:
            text = "".join(f"{self._paint(line, None)}{_CLEAR_LINE}\r\n" for line in last)
            self._output.write(f"{self._to_top(self.size()[0])}{_CLEAR_BELOW}{text}{_SHOW}")
        self.forget()

    def forget(self) -> None:
        """Forget where the block is: other programs have written to the terminal. The next `draw` begins at the cursor."""
        self._hidden, self._drawn = False, []

    def _to_top(self, columns: int) -> str:
        """Return the escape sequence that moves the cursor to the block's first line, also after the terminal was resized."""
        rows = sum(rows_of(line, columns) if self._reflows else 1 for line in self._drawn)
        up = f"\x1b[{rows - 1}A" if rows > 1 else ""
        return f"\r{up}"

    def _paint(self, line: Sequence[Span], columns: int | None) -> str:
        left = columns
        out: list[str] = []
        for span in line:
            text = span.text if left is None else cut_cells(span.text, left)
            if left is not None:
                left -= cell_width(text)
            code = _COLORS.get(span.tone) if self._color else None
            out.append(f"\x1b[{code}m{text}{_RESET}" if code and text else text)
        return "".join(out)


def rows_of(text: str, columns: int) -> int:
    """Return how many rows of a terminal with `columns` columns a display-safe text takes."""
    if cell_width(text) <= columns:
        return 1
    rows, used = 1, 0
    for char in text:
        width = cell_width(char)
        if used + width > columns:
            rows, used = rows + 1, 0
        used += width
    return rows
