"""The longest common parts of two sequences, found within a limited number of steps. Pure; knows nothing about text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Match(NamedTuple):
    """A range of equal items in two sequences."""

    before: int
    """The index at which the range begins in the old sequence."""
    after: int
    """The index at which the range begins in the new sequence."""
    size: int
    """The number of equal items."""


class StepBudget:
    """How many more comparisons may be made."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left


def matches(olds: Sequence[str], news: Sequence[str], steps: StepBudget) -> list[Match]:
    """Return the common ranges of two sequences, in order.

    If that takes too many steps, only the common start and end are returned.
    """
    numbers: dict[str, int] = {}
    one = [numbers.setdefault(item, len(numbers)) for item in olds]
    two = [numbers.setdefault(item, len(numbers)) for item in news]
    head, tail = _ends(one, two)
    middle, other = range(head, len(one) - tail), range(head, len(two) - tail)
    # Items that only one side has match nothing: they are left out, so that the search takes fewer steps.
    there, here = {two[j] for j in other}, {one[i] for i in middle}
    left = [i for i in middle if one[i] in there]
    right = [j for j in other if two[j] in here]
    pairs = _common([one[i] for i in left], [two[j] for j in right], steps)
    found = [Match(0, 0, head)] if head else []
    for x, y in pairs:
        i, j = left[x], right[y]
        last = found[-1] if found else None
        if last is not None and (last.before + last.size, last.after + last.size) == (i, j):
            found[-1] = last._replace(size=last.size + 1)
        else:
            found.append(Match(i, j, 1))
    if tail:
        found.append(Match(len(one) - tail, len(two) - tail, tail))
    return found


def _ends(one: Sequence[int], two: Sequence[int]) -> tuple[int, int]:
    """Return how many items both sequences have in common at the start, and how many of the rest at the end."""
    most = min(len(one), len(two))
    head = next((place for place in range(most) if one[place] != two[place]), most)
    most -= head
    tail = next((place for place in range(most) if one[-1 - place] != two[-1 - place]), most)
    return head, tail


def _common(one: Sequence[int], two: Sequence[int], steps: StepBudget) -> list[tuple[int, int]]:
    """Return the index pairs of a longest common subsequence, by Myers' greedy algorithm.

    If that takes too many steps, only the pairs of the common start and end are returned. For each number of
    differences, the search goes as far as possible on every diagonal (index in `one` minus index in `two`). The
    furthest points are kept, so that the path can be traced back.
    """
    head, tail = _ends(one, two)
    one, two = one[head : len(one) - tail], two[head : len(two) - tail]
    ends = [*((place, place) for place in range(head))]
    rear = [(head + len(one) + place, head + len(two) + place) for place in range(tail)]
    if not one or not two:
        return ends + rear
    furthest = {1: 0}
    walked: list[dict[int, int]] = []
    for differences in range(len(one) + len(two) + 1):
        walked.append(furthest.copy())
        for diagonal in range(-differences, differences + 1, 2):
            above = _from_above(furthest, diagonal, differences)
            x = start = furthest[diagonal + 1] if above else furthest[diagonal - 1] + 1
            y = x - diagonal
            while x < len(one) and y < len(two) and one[x] == two[y]:
                x, y = x + 1, y + 1
            furthest[diagonal] = x
            steps.left -= 1 + x - start
            if x >= len(one) and y >= len(two):
                return ends + [(head + i, head + j) for i, j in _way_back(walked, x, y)] + rear
        if steps.left < 0:
            break
    return ends + rear


def _from_above(furthest: dict[int, int], diagonal: int, differences: int) -> bool:
    """Whether the best path to a diagonal comes from the one above, by a step in `two`.

    Otherwise it comes from the one below, by a step in `one`. Of the two, the diagonal on which the search got further
    counts.
    """
    if diagonal == -differences:
        return True
    return diagonal != differences and furthest[diagonal - 1] < furthest[diagonal + 1]


def _way_back(walked: Sequence[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for differences in range(len(walked) - 1, 0, -1):
        furthest, diagonal = walked[differences], x - y
        above = _from_above(furthest, diagonal, differences)
        begin = furthest[diagonal + 1] if above else furthest[diagonal - 1] + 1
        pairs += ((place, place - diagonal) for place in range(x - 1, begin - 1, -1))
        x, y = (begin, begin - diagonal - 1) if above else (begin - 1, begin - diagonal)
    # The part before the first difference is on the middle diagonal.
    pairs += ((place, place) for place in range(x - 1, -1, -1))
    return pairs[::-1]
