"""Comparisons of two sides that are measured in one process, turn by turn: medians and their ratio."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """One comparison: medians of both sides in `unit`, and the highest allowed ratio (None for no limit)."""

    what: str
    against: str
    unit: str
    ours: float
    theirs: float
    limit: float | None = None

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs

    @property
    def kept(self) -> bool:
        return self.limit is None or self.ratio <= self.limit


def pair(
    what: str, against: str, unit: str, sides: Sequence[tuple[float, float]], limit: float | None = None
) -> Pair:
    """Return the comparison of `sides`: (ours, theirs) of each turn."""
    ours, theirs = (statistics.median(side) for side in zip(*sides, strict=True))
    return Pair(what, against, unit, ours, theirs, limit)


async def cpu(work: Callable[[], Awaitable[None]]) -> float:
    """Return the milliseconds of CPU that this process spends on `work`. Waiting does not count."""
    before = time.process_time()
    await work()
    return 1000 * (time.process_time() - before)


def share(ratio: float) -> str:
    """Return a ratio as text: below a half as `12.30 %`, else as `1.23 ×`."""
    return f"{100 * ratio:.2f} %" if ratio < 0.5 else f"{ratio:.2f} ×"


def text_of(one: Pair) -> str:
    """Return a comparison as two lines."""
    limit = "" if one.limit is None else f", limit {share(one.limit)}{'' if one.kept else ': MISSED'}"
    figures = f"{one.ours:,.1f} {one.unit}; {one.against}: {one.theirs:,.1f} {one.unit}"
    return f"{one.what}: {figures}\n    {share(one.ratio)}{limit}"


def run_benchmark(
    measure: Callable[[int], list[Pair]],
    doc: str | None,
    *,
    rounds: int = 7,
    matters: Callable[[Pair], bool] = lambda _: True,
) -> None:
    """Run a benchmark as a command: measure, then print the pairs, or with `--json` those that `matters` selects as JSON."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=rounds, help=f"turns, at least 5 (default {rounds})")
    parser.add_argument("--json", action="store_true", help="for `all`")
    asked = parser.parse_args()
    pairs = measure(max(5, asked.rounds))
    if asked.json:
        print(json.dumps([asdict(one) for one in pairs if matters(one)]))
        return
    print("\n".join(map(text_of, pairs)))
