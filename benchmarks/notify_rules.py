"""Counts how often a rule of `[notify]` is told although the true share is within the limit, and how soon a bad agent is told of.

    python -m benchmarks.notify_rules [--days 1000]

A day is 500 ended runs of one agent, judged after each run; a wrong day has at least one notice that a rule began to be broken. Days
follow each other, so each begins with the runs of the day before. Seeded. Exits with 1 if more than 5 % of the days are wrong where
runs are independent.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from flowtui.config.values.notify_rules import ALPHA, PERIOD
from flowtui.model.events.rule_limits import over_at, told_from

_THREADS = 25
_BLOCK = 20  # runs of a thread that have the same rate, where runs are alike


class Rule(NamedTuple):
    """A failed share of `share` in the last `runs` runs."""

    share: float
    runs: int

    def begins(self, failed: Iterator[bool]) -> Iterator[bool]:
        """Yield for each run whether the rule begins to be broken with it."""
        last = deque([False] * self.runs, self.runs)
        number, broken, begin, end = (
            0,
            False,
            told_from(self.share, self.runs),
            over_at(self.share, self.runs),
        )
        for hit in failed:
            number += hit - last[0]
            last.append(hit)
            begun = not broken and number >= begin
            broken = begun or (broken and number > end)
            yield begun


RULES = (Rule(0.1, 20), Rule(0.1, 100), Rule(0.05, 50), Rule(0.02, 500), Rule(0.3, 20))


def independent(share: float, chance: random.Random) -> Iterator[bool]:
    """Yield runs that fail with the same probability."""
    while True:
        yield chance.random() < share


def alike(share: float, chance: random.Random) -> Iterator[bool]:
    """Yield runs of threads, each of which has its own rate for 20 runs: two runs of a thread correlate with 0.2."""
    likeness = 0.2
    scale = (1 - likeness) / likeness

    def rate() -> float:
        return chance.betavariate(share * scale, (1 - share) * scale)

    threads = [[rate(), chance.randrange(_BLOCK)] for _ in range(_THREADS)]
    while True:
        thread = threads[chance.randrange(_THREADS)]
        if thread[1] == 0:
            thread[:] = [rate(), _BLOCK]
        thread[1] -= 1
        yield chance.random() < thread[0]


def wrong_days(rule: Rule, days: int, failed: Iterator[bool]) -> int:
    """Return on how many days the rule begins to be broken at least once."""
    begins = rule.begins(failed)
    return sum(sum(next(begins) for _ in range(PERIOD)) > 0 for _ in range(days))


def delays(rule: Rule, share: float, tries: int, chance: random.Random) -> list[int]:
    """Return after how many runs with the true share `share` the rule begins to be broken; before them none failed."""
    found = []
    for _ in range(tries):
        begins = rule.begins(independent(share, chance))
        found.append(next(number for number, begun in enumerate(begins, 1) if begun))
    return found


def main() -> int:
    """Print both tables; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notify_rules")
    parser.add_argument("--days", type=int, default=1_000)
    days, missed = parser.parse_args().days, False
    worlds: list[tuple[str, Callable[[float, random.Random], Iterator[bool]]]] = [
        ("independent", independent),
        ("alike", alike),
    ]
    print(
        f"| rule | told from | wrong of {days:,} days: just at the limit | at half of it | alike, at the limit | alike, at half |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for rule in RULES:
        counts = []
        for name, runs in worlds:
            for part in (1.0, 0.5):
                counts.append(
                    wrong_days(rule, days, runs(rule.share * part, random.Random(f"{rule} {name} {part}")))
                )
                missed = missed or (name == "independent" and counts[-1] > days * ALPHA)
        told = f"{told_from(*rule)} of {rule.runs}"
        print(
            f"| {rule.share:.0%} of {rule.runs} | {told} | {' | '.join(f'{count:,}' for count in counts)} |"
        )
    print()
    print("| rule | 2 times the limit | 3 times | 5 times | all fail |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for rule in RULES[:4]:
        cells = []
        for share in (2 * rule.share, 3 * rule.share, 5 * rule.share, 1.0):
            found = delays(rule, share, 200, random.Random(f"{rule} {share}"))
            cells.append(f"{statistics.median(found):,.0f} / {sorted(found)[int(len(found) * 0.9)]:,}")
        print(f"| {rule.share:.0%} of {rule.runs} | {' | '.join(cells)} |")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
