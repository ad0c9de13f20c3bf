"""Draws block elements of an SVG as rectangles, as terminals do: those of fonts leave gaps between rows.

Wide characters get two cells each: in one text with narrow ones, all would be spread to the same width.
"""

from __future__ import annotations

import re
from html import unescape

from rich.cells import cell_len

_CELL, _LINE = 12.2, 24.4  # of Textual's SVG
_RISE = 18.5  # of a line's base above its upper edge
_LOWER = {sign: eighths / 8 for eighths, sign in enumerate("▁▂▃▄▅▆▇█", start=1)}
_UPPER = {"▀": 0.5, "▔": 0.125}
_TEXT = re.compile(
    r'<text class="([^"]+)" x="([^"]+)" y="([^"]+)" textLength="[^"]+" clip-path="([^"]+)">([^<]*)</text>'
)
_WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U0001f300-\U0001faff"
_PIECE = re.compile(f"[▁▂▃▄▅▆▇█▀▔]+|[{_WIDE}]|[^▁▂▃▄▅▆▇█▀▔{_WIDE}]+")


def with_block_cells(svg: str) -> str:
    """Return the SVG with a rectangle for each block element."""
    return _TEXT.sub(_redrawn, svg)


def _redrawn(found: re.Match[str]) -> str:
    style, x, y, clip, written = found.groups()
    left, base, drawn = float(x), float(y), []
    for piece in _PIECE.findall(unescape(written).replace("\xa0", " ")):
        if piece[0] in _LOWER or piece[0] in _UPPER:
            drawn += [
                _rect(style, left + _CELL * place, base - _RISE, sign) for place, sign in enumerate(piece)
            ]
        elif piece.strip():
            shown = piece.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace(" ", "\xa0")
            length = f'textLength="{_CELL * cell_len(piece):.1f}"'
            drawn.append(
                f'<text class="{style}" x="{left:.1f}" y="{y}" {length} clip-path="{clip}">{shown}</text>'
            )
        left += _CELL * cell_len(piece)
    return "".join(drawn)


def _rect(style: str, left: float, top: float, sign: str) -> str:
    share = _LOWER.get(sign) or _UPPER[sign]
    begin = top if sign in _UPPER else top + _LINE * (1 - share)
    # A quarter of a pixel more, as the backgrounds of lines have it: else a seam shows between two rows.
    size = f'width="{_CELL + 0.1:.2f}" height="{_LINE * share + 0.25:.2f}"'
    return f'<rect class="{style}" x="{left:.2f}" y="{begin:.2f}" {size} shape-rendering="crispEdges"/>'
