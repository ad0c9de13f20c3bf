"""Writes Markdown in which text from a server is always shown literally, never as markup, link, mention or HTML.

All Markdown that flowtui writes is made here, and all text in it is made display-safe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from flowtui.text import safe_text

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()#+!|~:.\-@/$])")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_BACKTICKS: Final = re.compile("`+")
# Also what a chat makes a name, a link or a sign of: @name, https://…, www.…, :smile:
_SPECIAL: Final = re.compile(
    r"[\\`*{}\[\]#!|~@<>&$^]|(?<!\w)_|_(?!\w)|//|www\.|:[\w+-]+:|^\s*(?:[-+]|\d+[.)])\s"
)
_SHORTEST_FENCE: Final = 3


def markdown(text: str) -> str:
    """Return text as one line for a cell or a paragraph, with all markup escaped."""
    safe = "".join(_ENTITIES.get(char, char) for char in safe_text(text))
    # The entities above have names: one with a number (&#38;) contains a #, which would be escaped here.
    return _MARKUP.sub(r"\\\1", safe)


def table_row(cells: Iterable[str]) -> str:
    """Return a line of a table. The cells must be escaped already."""
    return f"| {' | '.join(cells)} |"


def table_head(titles: Sequence[str], right: Sequence[bool] = ()) -> list[str]:
    """Return the two header lines of a table.

    `right` says for each column whether it is aligned to the right. Columns beyond its end are aligned to the left.
    """
    rules = ("---:" if index < len(right) and right[index] else "---" for index in range(len(titles)))
    return [table_row(titles), table_row(rules)]


def fenced(lines: Sequence[str], language: str = "") -> list[str]:
    """Return lines as a code block. Its fence is longer than any sequence of backticks in them."""
    safe = [safe_text(line) for line in lines]
    longest = max((len(run) for line in safe for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(_SHORTEST_FENCE, longest + 1)
    return [f"{fence}{language}", *safe, fence]


def literal(text: str) -> str:
    """Return text as one line that GitHub and Slack show as it is: as code if any of it could be markup.

    Slack knows no backslash before markup, so `markdown` would not do. A backtick becomes an apostrophe.
    """
    safe = safe_text(text)
    return f"`{safe.replace('`', chr(39))}`" if _SPECIAL.search(safe) else safe
