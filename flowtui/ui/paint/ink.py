"""Lines as data: pieces of text with roles instead of colours. `strip` turns a line into coloured text for Textual.

Everything that cuts, pads or wraps text to a number of terminal cells is here. Text must be display-safe (`text.py`);
markup in it is never interpreted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from os.path import commonprefix
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from flowtui.text import shorten_start_cells
from flowtui.ui.paint.theme import Palette, greyed

ELLIPSIS: Final = "…"

# At most 200 characters: a text without spaces is not searched to its end.
_WORD: Final = re.compile(r" *[^ ]{1,200}| +")
# Characters of one cell each: ASCII, flowtui's own signs, lines, blocks and shapes.
_NARROW: Final = re.compile(r"[ -~·×–—…←-↓≥─-◿✓]*")
_PLAIN: Final = str.maketrans("—–…·→←↓↑×≥━─", "--~-><v^x~=-")


def plain(text: str) -> str:
    """Return text with flowtui's own signs in ASCII, one cell each; other characters stay, such as letters of server text."""
    return text.translate(_PLAIN)


class Span(NamedTuple):
    """A piece of text; `role` is its meaning, one of those that `Palette` has a style for."""

    text: str
    role: str = "text"


Line = tuple[Span, ...]

BLANK: Final[Line] = ()


def line(*parts: str | tuple[str, str]) -> Line:
    """Return a line of plain strings and (text, role) pairs."""
    return tuple(Span(part) if isinstance(part, str) else Span(*part) for part in parts)


def joined(cells: Iterable[tuple[str, str]]) -> Line:
    """Return the line of `cells`, each a (text, role) pair; neighbours with the same role become one span."""
    spans: list[Span] = []
    texts: list[str] = []
    before = ""
    for text, role in cells:  # half the time of `groupby`; a chart has a thousand cells
        if role != before and texts:
            spans.append(Span("".join(texts), before))
            texts = []
        texts.append(text)
        before = role
    if texts:
        spans.append(Span("".join(texts), before))
    return tuple(spans)


def width(spans: Iterable[Span]) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(span.text) for span in spans)


def changed(old: Line, new: Line, cells: int) -> tuple[int, int] | None:
    """Return the range of the first `cells` cells, end excluded, in which two lines differ; None if they are equal there.

    A changed span that has wide characters counts as changed from end to end, so that no character is cut.
    """
    if old == new:  # most lines are, at each tick
        return None
    first = _common_cells(old, new, 1)
    total = width(new)
    last = total - _common_cells(old, new, -1) if width(old) == total else cells
    last = min(max(last, first + 1), cells)
    return (first, last) if first < last else None


def _common_cells(old: Line, new: Line, turn: int) -> int:
    """Return how many cells two lines have in common: from the left with `turn` 1, from the right with -1."""
    cells = 0
    for before, after in zip(old[::turn], new[::turn], strict=False):
        if before != after:
            if before.role == after.role and _NARROW.fullmatch(before.text + after.text):
                cells += len(commonprefix((before.text[::turn], after.text[::turn])))  # noqa: RUF071  a prefix of characters, not of paths
            break
        cells += cell_len(before.text)
    return cells


def cut(text: str, cells: int) -> str:
    """Return `text` in at most `cells` cells. If it is cut, the last cell is an ellipsis, unless there is only one."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, cells - 1) + ELLIPSIS if cells > 1 else set_cell_size(text, cells)


def cut_line(spans: Iterable[Span], cells: int) -> Line:
    """Return a line in at most `cells` cells; the last span that fits in part is cut."""
    shown: list[Span] = []
    for span in spans:
        room = cells - width(shown)
        if room <= 0:
            break
        shown.append(span._replace(text=cut(span.text, room)))
    return tuple(shown)


def fit(text: str, cells: int, align: str = "left") -> str:
    """Return `text` in exactly `cells` cells: padded, or cut as `cut` does."""
    length = cell_len(text)
    if length > cells:
        return cut(text, cells)
    pad = " " * (cells - length)
    return pad + text if align == "right" else text + pad


def cut_id(name: str, cells: int) -> str:
    """Return an id in at most `cells` cells. If it is cut, its end stays, as the ends of ids differ most."""
    return cut(shorten_start_cells(name, cells), cells)


def fit_id(name: str, cells: int) -> str:
    """Return an id in exactly `cells` cells: padded, or cut as `cut_id` does."""
    return fit(cut_id(name, cells), cells)


def wrap(text: str, cells: int, *, joints: str = "") -> list[str]:
    """Return one line of text as lines of at most `cells` cells, broken at spaces.

    A line without a space is broken after the last `joints` character in its second half; if there is none, at the full
    width.
    Works piece by piece: the time grows with the length of the line, not with its square.
    """
    if cells <= 0 or len(text) <= cells // 2:
        return [text]
    lines: list[str] = []
    rest, at = "", 0
    while at < len(text):
        end = min(len(text), at + 2 * cells)
        while end < len(text) and text[end - 1] == " ":  # spaces at the end of a piece would be lost
            end += 1
        *done, rest = _wrap_stretch(rest + text[at:end], cells, joints)
        lines += done
        at = end
    return [*lines, rest]


def _wrap_stretch(text: str, cells: int, joints: str = "") -> list[str]:
    if cell_len(text) <= cells:
        return [text]
    lines: list[str] = []
    rest = text
    while cell_len(rest) > cells:
        head = set_cell_size(rest, cells)
        # A wide character that would be cut goes to the next line.
        if cell_len(head) > cells or not rest.startswith(head):
            head = head.rstrip(" ") if head.endswith(" ") else head[:-1]
        if rest[len(head) : len(head) + 1] != " ":
            head = head[: _break_in(head, joints)]
        if not head:
            head = rest[:1]
        lines.append(head)
        rest = rest[len(head) :].lstrip(" ")
    return [*lines, rest] if rest else lines


def _break_in(head: str, joints: str) -> int:
    """Return the position at which to break a line that ends within a word."""
    cut = head.rfind(" ")
    if cut > 0:
        return cut
    joint = max(map(head.rfind, joints), default=-1) if cut < 0 else -1
    return joint + 1 if joint >= len(head) // 2 else len(head)


def paragraph(text: str, role: str, cells: int, head: Line = BLANK, *, joints: str = "") -> list[Line]:
    """Return one line of text as lines of at most `cells` cells; see `wrap`. `head` begins the first, spaces all others."""
    indent = width(head)
    first, *more = wrap(text, max(8, cells - indent), joints=joints)
    pad = (Span(" " * indent),) if indent else BLANK
    return [(*head, Span(first, role)), *((*pad, Span(part, role)) for part in more)]


def side_by_side(left: Sequence[Line], right: Sequence[Line], cells: int) -> list[Line]:
    """Return lines in two columns, of which the left one is `cells` wide."""
    return [
        (*first, Span(" " * max(0, cells - width(first))), *second)
        for first, second in zip_longest(left, right, fillvalue=BLANK)
    ]


def wrap_spans(spans: Iterable[Span], cells: int) -> list[Line]:
    """Return spans as lines of at most `cells` cells, broken at spaces; a word longer than a line is broken.

    Without spans, the result is one empty line.
    """
    lines: list[Line] = []
    line: list[Span] = []
    used = 0
    for span in spans:
        for word in _WORD.findall(span.text):
            length = cell_len(word)
            if line and used + length > cells:
                lines.append(tuple(line))
                line, used = [], 0
                word = word.lstrip(" ")  # noqa: PLW2901  the line break replaces the space
                length = cell_len(word)
            *full, rest = wrap(word, cells) if length > cells else [word]
            lines += [(Span(part, span.role),) for part in full]
            _join(line, Span(rest, span.role))
            used += cell_len(rest)
    return [*lines, tuple(line)]


def _join(line: list[Span], span: Span) -> None:
    """Append a span to a line; text of the same role joins the last span."""
    if line and line[-1].role == span.role:
        line[-1] = Span(line[-1].text + span.text, span.role)
    elif span.text:
        line.append(span)


def flow(spans: Iterable[Span], cells: int) -> list[Line]:
    """Return spans as lines of at most `cells` cells, broken only between spans. A wider span has a line of its own."""
    lines: list[list[Span]] = [[]]
    for span in spans:
        if lines[-1] and width(lines[-1]) + cell_len(span.text) > cells:
            lines.append([])
            span = span._replace(text=span.text.lstrip(" "))  # noqa: PLW2901  the line break replaces the space
        lines[-1].append(span)
    return [tuple(line) for line in lines]


def highlight(text: str, role: str, words: Sequence[str]) -> Line:
    """Return `text` in `role`, with every occurrence of the casefolded `words` in the role "match"."""
    if not words:
        return (Span(text, role),)
    folded = text.casefold()
    if len(folded) != len(text):  # folding changed the length (ß → ss): positions would be wrong
        folded = text.lower() if len(text.lower()) == len(text) else text
    lit = [False] * len(text)
    for word in words:
        at = folded.find(word)
        while word and at >= 0:
            lit[at : at + len(word)] = [True] * len(word)
            at = folded.find(word, at + len(word))
    spans: list[Span] = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or lit[at] != lit[start]:
            spans.append(Span(text[start:at], "match" if lit[start] else role))
            start = at
    return tuple(spans)


def spread(left: Sequence[Span], right: Sequence[Span], cells: int) -> Line:
    """Return a line with `left` and `right` at its ends; without room for both, the first spans of `right` are left out."""
    room = cells - width(left)
    tail = list(right)
    while tail and width(tail) + 1 > room:
        tail.pop(0)
    return (*left, Span(" " * max(0, room - width(tail))), *tail)


def centred(lines: Sequence[Line], cells: int, height: int, *, margin: int = 0) -> list[Line]:
    """Return lines in the middle of `cells` cells, below so many blank lines that they are in the upper third of `height`.

    `margin`: least cells to the left.
    """
    above = max(1, (height - len(lines)) // 3)
    padded = [(Span(" " * max(margin, (cells - width(line)) // 2)), *line) for line in lines]
    return [BLANK] * above + padded


def grey(spans: Iterable[Span]) -> Line:
    """Return a line as stale data is shown: in grey."""
    return tuple(Span(span.text, greyed(span.role)) for span in spans)


def strip(spans: Iterable[Span], palette: Palette, base: Style, cells: int) -> Strip:
    """Return a line as exactly `cells` cells of coloured text on the background of `base`."""
    return Strip(segments(spans, palette, base)).adjust_cell_length(cells, base)


def segments(spans: Iterable[Span], palette: Palette, base: Style) -> list[Segment]:
    """Return spans as coloured text on the background of `base`; with a plain palette, flowtui's signs are ASCII."""
    styles = palette.on(base)
    if palette.plain:
        return [Segment(span.text.translate(_PLAIN), base + styles[span.role]) for span in spans if span.text]
    return [Segment(span.text, base + styles[span.role]) for span in spans if span.text]
