"""The signs that a watch draws in a terminal, in Unicode and in ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui.model.run.row import STATUS_CLASSES
from flowtui.watch.output.terminal import Span


class Frame(NamedTuple):
    """The lines and corners of a frame."""

    across: str = "─"
    down: str = "│"
    top_left: str = "╭"
    top_right: str = "╮"
    low_left: str = "╰"
    low_right: str = "╯"


class Signs(NamedTuple):
    """One set of signs, each of one cell. `status`: status class -> sign."""

    status: dict[str, str]
    live: str = "●"
    undecided: str = "○"
    passed: str = "✓"
    failed: str = "×"
    stopped: str = "–"
    news: str = "▲"
    times: str = "×"
    value: str = "●"
    part: str = "━"
    rail: str = "─"
    limit: str = "┃"
    frame: Frame = Frame()


UNICODE: Final = Signs(dict(zip(STATUS_CLASSES, "○●✓×–?", strict=True)))
ASCII: Final = Signs(
    dict(zip(STATUS_CLASSES, "o*+x-?", strict=True)),
    live="*",
    undecided="o",
    passed="+",
    failed="x",
    stopped="-",
    news="^",
    times="x",
    value="*",
    part="=",
    rail="-",
    limit="|",
    frame=Frame("-", "|", "+", "+", "+", "+"),
)
# What the texts of flowtui itself have beside letters; text of the server stays as it is.
_PLAIN: Final = str.maketrans({"—": "-", "–": "-", "…": "~", "×": "x", "≥": ">"})


def in_ascii(lines: Sequence[Sequence[Span]]) -> list[list[Span]]:
    """Return lines with dashes, ellipses and times signs in ASCII, each still one cell wide."""
    return [[span._replace(text=span.text.translate(_PLAIN)) for span in line] for line in lines]
