"""Counts wrong verdicts of the deploy gate and the runs it takes, beside three textbook tests. Seeded.

    python -m benchmarks.gate [--seeds 200] [--jobs 2] [--only NAME | --write]

`--only` takes the name of a section (quick, unchanged, over, values, whole, smaller, good, outages, costs) or a part of a world's
name; it may be repeated. The gate judges while the runs come in, as in a watch, and its first verdict counts. Exits with
1 if more than 5 % of the verdicts in a world are wrong, or a good or bad release is not found as soon as it should be.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.gating.plans import RIGHT, SECTIONS, TIGHT, WRONG, Plan
from benchmarks.gating.trial import GATE, METHODS, End, play
from benchmarks.gating.worlds import WINDOW, World, history
from flowtui.model.gate import INCONCLUSIVE, Side, judge, parse_gate

COSTS: Final = "costs"
README: Final = Path(__file__).with_name("README.md")
START, END = "<!-- made by benchmarks.gate -->", "<!-- end of gate -->"
_MOST_WRONG: Final = 0.05
_HEAD: Final = (
    "| {title} | this gate | Fisher, split error | always valid | one look |\n| --- | --- | --- | --- | --- |"
)


class Line(NamedTuple):
    """A line of the output, and which aims were missed there."""

    text: str
    missed: Sequence[str] = ()


class Score(NamedTuple):
    """How one method did in one world; shares are 0 to 1."""

    wrong: float
    right: float
    undecided: float
    median: int | None
    """Within how many new runs half of the trials had the right verdict; None if fewer had it at all."""
    ninety: int | None
    """The same for 90 % of the trials."""

    def text(self) -> str:
        """Return the cell of a table."""
        soon = " / ".join("—" if runs is None else f"{runs:,}" for runs in (self.median, self.ninety))
        return f"{self.wrong:.1%} · {soon} · {self.undecided:.0%}"


def score(plan: Plan, ends: Sequence[End]) -> Score:
    """Return the score of a method from how its trials ended."""
    soon = sorted(end.runs for end in ends if end.verdict == RIGHT[plan.truth])
    places = [-(-len(ends) * share // 100) for share in (50, 90)]
    median, ninety = (soon[place - 1] if place <= len(soon) else None for place in places)
    wrong, undecided = (
        sum(end.verdict == verdict for end in ends) / len(ends)
        for verdict in (WRONG[plan.truth], INCONCLUSIVE)
    )
    return Score(wrong, len(soon) / len(ends), undecided, median, ninety)


def missed(plan: Plan, found: Score) -> list[str]:
    """Return which aims the gate missed in a world, each in a few words."""
    out = []
    if plan.promised and found.wrong > _MOST_WRONG:
        out.append(f"{found.wrong:.1%} are wrong")
    if plan.median is not None and (found.median is None or found.median > plan.median):
        out.append(f"median of {found.median} runs, and {plan.median} are aimed at")
    if plan.right is not None and found.right < plan.right:
        out.append(f"{found.right:.1%} right, and {plan.right:.0%} are aimed at")
    return out


def trials(pool: ProcessPoolExecutor | None, plan: Plan, seeds: int) -> dict[str, list[End]]:
    """Return how the trials of each method ended."""
    each = partial(play, plan)
    chunk = max(1, min(25, seeds // 8))
    played = map(each, range(seeds)) if pool is None else pool.map(each, range(seeds), chunksize=chunk)
    found: dict[str, list[End]] = {}
    for ends in played:
        for method, end in ends.items():
            found.setdefault(method, []).append(end)
    return found


def wanted(only: Iterable[str]) -> dict[str, tuple[str, list[Plan]]]:
    """Return the sections with the worlds that `only` names; all if it is empty."""
    names = [name.lower() for name in only]
    found = {}
    parts = [name for name in names if name not in SECTIONS and name != COSTS]
    for section, (title, plans) in SECTIONS.items():
        whole = not names or section in names
        some = [plan for plan in plans if whole or any(part in plan.name.lower() for part in parts)]
        if some:
            found[section] = (title, some)
    return found


def cost(runs: int) -> tuple[float, float]:
    """Return the milliseconds of CPU of the first judgement, and of the next one with one more run."""
    both, gate, spent = history(World(base=runs, new=runs), runs), parse_gate(TIGHT), []
    for kept in (runs - 1, runs):
        start = time.process_time()
        new = Side(both.new[:kept], WINDOW, 3 * WINDOW)
        judge(gate, Side(both.base, 0.0, WINDOW), new, min_runs=20, final=True)
        spent.append((time.process_time() - start) * 1e3)
    return spent[0], spent[1]


def table_of(pool: ProcessPoolExecutor, title: str, plans: Sequence[Plan], seeds: int) -> Iterator[Line]:
    """Yield the lines of a section's table."""
    yield Line(_HEAD.format(title=title))
    for plan in plans:
        scores = {method: score(plan, ends) for method, ends in trials(pool, plan, seeds).items()}
        cells = (scores[method].text() if method in scores else "" for method in METHODS)
        wrong = [f"{plan.name}: {each}" for each in missed(plan, scores[GATE])]
        yield Line(f"| {plan.name} | {' | '.join(cells)} |", wrong)
    yield Line("")


def table_of_costs() -> Iterator[Line]:
    """Yield the lines of the table of what a judgement costs."""
    yield Line("| runs a side | first judgement | the next, with a run more |\n| ---: | ---: | ---: |")
    for runs in (200, 1_000, 10_000):
        first, again = cost(runs)
        yield Line(f"| {runs:,} | {first:.0f} ms | {again:.0f} ms |")


def cpu_minutes() -> float:
    """Return the minutes of CPU that this process and the ended ones of its pool have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used) / 60


def write(lines: Sequence[str]) -> None:
    """Replace the tables in README.md."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    README.write_text("\n".join([before + START, *lines, END]) + rest.partition(END)[2], encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--write", action="store_true", help="replace the tables in benchmarks/README.md")
    asked = parser.parse_args()
    sections = wanted(asked.only)
    if not sections and COSTS not in asked.only:
        parser.error(f"no world is called {', '.join(asked.only)}")
    if asked.write and asked.only:
        parser.error("--write takes all worlds, so it excludes --only")
    told: list[str] = []
    wrong: list[str] = []

    def tell(line: Line) -> None:
        print(line.text, flush=True)
        told.append(line.text)
        wrong.extend(line.missed)

    tell(Line(f"{asked.seeds:,} trials in each world.\n"))
    with ProcessPoolExecutor(asked.jobs) as pool:
        for title, plans in sections.values():
            for line in table_of(pool, title, plans, asked.seeds):
                tell(line)
    if not asked.only or COSTS in asked.only:
        for line in table_of_costs():
            tell(line)
    print(f"\n{cpu_minutes():.0f} minutes of CPU", *(f"missed: {each}" for each in wrong), sep="\n")
    if asked.write:
        write(told)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
