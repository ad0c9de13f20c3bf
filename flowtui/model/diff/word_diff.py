"""The differences between two texts, word by word: first by lines, then by the words of changed lines. Pure.

All text is display-safe. The work is limited: if a comparison takes too many steps, the old text is shown as removed
and the new text as added.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from flowtui.model.diff.sequence_diff import Match, StepBudget, matches
from flowtui.text import safe_text

SAME: Final = "same"
ADDED: Final = "added"
REMOVED: Final = "removed"
GAP: Final = "gap"
"""A line that stands for unchanged lines."""

Piece = tuple[str, str]
"""Text and its kind: SAME, ADDED, REMOVED or GAP."""

BREAK: Final = "␊"
"""Stands for a line break that was added or removed."""

MAX_CHARS: Final = 200_000
"""The most characters shown of one changed section."""

MAX_LINES: Final = 5_000
"""The most lines shown of one changed section."""

_MAX_TEXT: Final = 2_000_000  # characters of both texts together; longer texts are not compared
_MAX_BREAKS: Final = 20_000  # line breaks of both texts together; texts with more are not compared
_MAX_TOKENS: Final = 60_000  # words on both sides of one changed section; 100 kB of prose have half of that
_MAX_STEPS: Final = 100_000  # comparisons for one pair of texts, which take about 40 ms
_ALIKE: Final = 0.35  # share of equal words; below it, two separate texts are easier to read than a mixed one
# Words, spaces, and single punctuation marks and ideographs. Combining marks stay with their letters.
_TOKEN = re.compile(
    r"\n|[^\S\n]+|[!-/:-@\[-^`{-~]|[\u2e80-\u3098\u309b-\u9fff][\u3099\u309a]?|[^\s!-/:-@\[-^`{-~\u2e80-\u3098\u309b-\u9fff]+"
)


def word_diff(before: str, after: str, context: int | None = None) -> list[list[Piece]]:
    """Return the merged texts as lines of (text, kind) pairs.

    If all pairs of a line have the same kind, the whole line has this kind. `context` is how many unchanged lines are
    shown next to a change; a line of kind GAP stands for the others. With `context` None all lines are shown. Lines end
    with LF; any other line break is compared as a character.
    """
    if len(before) + len(after) > _MAX_TEXT or before.count("\n") + after.count("\n") > _MAX_BREAKS:
        return [*_whole(before, REMOVED), *_whole(after, ADDED)]
    olds, news = before.split("\n"), after.split("\n")
    steps = StepBudget(_MAX_STEPS)
    lines: list[list[Piece]] = []
    old = new = 0
    for match in [*matches(olds, news, steps), Match(len(olds), len(news), 0)]:
        if old < match.before or new < match.after:
            lines += _changed(olds[old : match.before], news[new : match.after], steps)
        lines += _unchanged(
            olds[match.before : match.before + match.size],
            context,
            above=match.before + match.after > 0,
            below=match.before + match.size < len(olds) or match.after + match.size < len(news),
        )
        old, new = match.before + match.size, match.after + match.size
    return lines


def _unchanged(
    lines: Sequence[str], context: int | None, *, above: bool, below: bool
) -> Iterator[list[Piece]]:
    """Yield unchanged lines: all, or with `context` only that many next to a change.

    `above`: there is a change before these lines. `below`: there is a change after them.
    """
    start = end = len(lines)
    if context is not None:
        start, end = context if above else 0, len(lines) - (context if below else 0)
    if end - start <= 1:  # a gap would take as much space as the one line
        start = end = len(lines)
    # A CR at the end of the line on both sides belongs to the line break.
    yield from ([(_shown(text.removesuffix("\r")), SAME)] for text in lines[:start])
    if end > start:
        yield [(f"{end - start:,} lines the same", GAP)]
    yield from ([(_shown(text.removesuffix("\r")), SAME)] for text in lines[end:])


def _shown(text: str) -> str:
    return safe_text(text.replace("\t", "    "))


# -- one changed section ---------------------------------------------------------------------------------------


def _changed(olds: list[str], news: list[str], steps: StepBudget) -> list[list[Piece]]:
    merged = _line_by_line(olds, news, steps) if len(olds) == len(news) else None
    before, after = "\n".join(olds), "\n".join(news)
    if merged is None and olds and news:
        merged = _merged(before, after, steps)
    if merged is not None:
        return merged
    return [*(_whole(before, REMOVED) if olds else ()), *(_whole(after, ADDED) if news else ())]


def _whole(text: str, kind: str) -> Iterator[list[Piece]]:
    """Yield the lines of a text that was added or removed whole, as far as the limits allow."""
    lines = text[:MAX_CHARS].split("\n", MAX_LINES)
    left = len(text) - MAX_CHARS
    if len(lines) > MAX_LINES:
        left = max(0, left) + len(lines.pop())
    yield from ([(_shown(line), kind)] for line in lines)
    if left > 0:
        yield [(f"{left:,} more characters {kind}", GAP)]


def _line_by_line(olds: list[str], news: list[str], steps: StepBudget) -> list[list[Piece]] | None:
    """Return the lines of two sections of equal length, merged in pairs; None if the lines of a pair are too different."""
    lines: list[list[Piece]] = []
    for old, new in zip(olds, news, strict=True):
        merged = _merged(old, new, steps)
        if merged is None:
            return None
        lines += merged
    return lines


def _merged(before: str, after: str, steps: StepBudget) -> list[list[Piece]] | None:
    """Return the lines of two sections merged into one, word by word; None if they are too different or too large."""
    if len(before) + len(after) > 2 * MAX_CHARS:
        return None
    olds, news = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(olds) + len(news) > _MAX_TOKENS or steps.left <= 0 or not _alike(olds, news):
        return None
    pieces = list(_pieces(olds, news, matches(olds, news, steps)))
    same = sum(len(text) for text, kind in pieces if kind == SAME)
    if same < _ALIKE * min(len(before), len(after)):
        return None
    return _laid_out(pieces)


def _is_word(token: str) -> bool:
    return any(char.isalnum() for char in token)


def _alike(olds: Sequence[str], news: Sequence[str]) -> bool:
    """Whether the longer text contains enough words of the shorter one, in any order."""
    one, two = (Counter(filter(_is_word, tokens)) for tokens in (olds, news))
    least = min(one.total(), two.total())
    return least == 0 or (one & two).total() >= _ALIKE * least


def _pieces(olds: Sequence[str], news: Sequence[str], found: Sequence[Match]) -> Iterator[Piece]:
    """Yield the merged text in pieces. An unchanged range between two changes counts as changed if it contains no word."""
    old = new = 0
    end = Match(len(olds), len(news), 0)
    kept = [
        match
        for match in found
        if _whole_side(match, olds, news)
        or any(map(_is_word, olds[match.before : match.before + match.size]))
    ]
    for match in [*kept, end]:
        gone, come = "".join(olds[old : match.before]), "".join(news[new : match.after])
        if gone:
            yield gone, REMOVED
        if come:
            yield come, ADDED
        if match.size:
            yield "".join(olds[match.before : match.before + match.size]), SAME
        old, new = match.before + match.size, match.after + match.size


def _whole_side(match: Match, olds: Sequence[str], news: Sequence[str]) -> bool:
    """Whether a match is at the start or the end of both texts."""
    return (match.before == 0 and match.after == 0) or (
        match.before + match.size == len(olds) and match.after + match.size == len(news)
    )


def _laid_out(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return pieces as lines. A removed or added line break gets a sign, unless the whole line was removed or added."""
    lines: list[list[Piece]] = [[]]
    for text, kind in pieces:
        first, *rest = text.split("\n")
        if first:
            lines[-1].append((_shown(first), kind))
        for part in rest:
            line = lines[-1]
            if kind != SAME and not (line and all(other == kind for _, other in line)):
                line.append((BREAK, kind))
            elif kind == SAME and line and all(other == line[0][1] for _, other in line):
                line.append(("", SAME))  # all words are of one kind, but the line itself is in both texts
            lines.append([(_shown(part), kind)] if part else [])
    return [line or [("", SAME)] for line in lines]
