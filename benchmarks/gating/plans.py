"""The worlds of `benchmarks.gate`: what changes in each, which verdict would be wrong, and what the gate aims at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from benchmarks.gating.worlds import Agent, World
from flowtui.model.gate import FAIL, PASS

KEPT: Final = "kept"
"""The truth keeps the limit: a FAIL is wrong."""

BROKEN: Final = "broken"
"""The truth is beyond the limit: a PASS is wrong."""

WRONG: Final[Mapping[str, str]] = {KEPT: FAIL, BROKEN: PASS}
RIGHT: Final[Mapping[str, str]] = {KEPT: PASS, BROKEN: FAIL}

README: Final = "failure_rate <= base + 10% and tokens_per_run <= base * 1.5"
"""The gate of the README."""

HELP: Final = "failure_rate <= base + 10% and p95(duration) <= base * 2"
"""The gate of `flowtui help gate`."""

SCREEN: Final = "failure_rate <= base + 10% and p95(duration) <= base * 2 and tokens_per_run <= base * 1.5"
"""The gate of the gate screen, until the user types another one."""

TIGHT: Final = "failure_rate <= base + 2% and p95(duration) <= base * 1.2 and tokens_per_run <= base * 1.5"
EQUAL: Final = "failure_rate <= base and p95(duration) <= base and tokens_per_run <= base"
RATE: Final = "failure_rate <= base"


class Plan(NamedTuple):
    """One line of a table."""

    name: str
    world: World
    gate: str = RATE
    truth: str = KEPT
    by_agent: bool = False
    median: int | None = None
    """The right verdict must come within so many new runs in half of the trials."""
    right: float | None = None
    """At least this share of the trials must end with the right verdict."""
    promised: bool = True
    """Whether at most 5 % of wrong verdicts are promised."""


_THIRD: Final = 1 / 3
_BUNCHES: Final = (
    ("threads of 3, a third of the runs of ill ones fail", World(thread=3, ill=_THIRD)),
    ("threads of 8, a third of the runs of ill ones fail", World(thread=8, ill=_THIRD)),
    ("threads of 8, 80 % of the runs of ill ones fail", World(thread=8, ill=0.8)),
)
_OUTAGES: Final = (
    ("a minute, half of the runs fail", World(outage=0.5)),
    ("a minute, half of the runs fail, base 1,000", World(outage=0.5, base=1_000)),
    ("5 minutes, half of the runs fail", World(outage=0.5, lasting=5)),
    ("5 minutes, half of the runs fail, base 1,000", World(outage=0.5, lasting=5, base=1_000)),
)
_MIXED: Final = (Agent(0.02, 0.7, 0.3), Agent(0.1, 0.3, 0.7))


def _over(name: str, world: World, margin: float) -> Plan:
    """Return a plan in which the failure rate is just beyond `base + margin`."""
    now = world._replace(failures_now=world.failures + margin + 0.0005)
    return Plan(name, now, f"failure_rate <= base + {margin:.0%}", BROKEN)


QUICK: Final = (
    *(
        Plan(
            f"5 % → 40 %, base {base:,}",
            World(failures_now=0.4, base=base, new=100),
            truth=BROKEN,
            median=14,
        )
        for base in (50, 100, 200, 1_000)
    ),
    Plan("5 % → 40 %, 5 threads that go on", World(failures_now=0.4, common=5), truth=BROKEN, right=0.9),
    Plan("5 % → 40 %, one thread that goes on", World(failures_now=0.4, common=1), truth=BROKEN, right=0.9),
    Plan("5 % → 40 %, threads of 8", World(failures_now=0.4, thread=8, ill=0.8), truth=BROKEN),
    Plan("5 % → 15 %, base 1,000", World(failures_now=0.15, base=1_000, new=300), truth=BROKEN, median=80),
    Plan("5 % → 15 %, base 200", World(failures_now=0.15), truth=BROKEN),
    Plan("5 % → 10 %, 800 against 800", World(failures_now=0.1, base=800, new=800), truth=BROKEN),
    Plan(
        "good, `base + 10%`, base 1,000",
        World(base=1_000),
        "failure_rate <= base + 10%",
        median=100,
    ),
)
"""How soon changes are found, and how soon a good release passes; one run a thread unless said otherwise."""

UNCHANGED: Final = (
    *(Plan(f"base {base:,}", World(base=base)) for base in (50, 200, 1_000)),
    Plan("2 % fail, 60 runs a side", World(0.02, 0.02, 60, 60)),
    *(Plan(name, world) for name, world in _BUNCHES),
    Plan("threads of 1 to 60 runs, a third of the runs of ill ones fail", World(longest=60, ill=_THIRD)),
    Plan("a thread with 40 % of the runs", World(huge=0.4)),
    Plan("a thread with 40 % of the runs, ill as any other", World(huge=0.4, ill=_THIRD)),
    Plan("one thread that goes on", World(common=1)),
    Plan("5 threads that go on, each with its own rate", World(common=5)),
    Plan("30 threads that go on, each with its own rate", World(common=30)),
    Plan("20 % cancelled", World(cancelled=0.2)),
    Plan(
        "long tail of active runs, failures soon",
        World(durations=1.5, sudden=0.1, timed=True),
    ),
    Plan("the agents' shares of the runs change, `--by agent`", World(agents=_MIXED), by_agent=True),
)
"""Nothing changed, `failure_rate <= base`."""

OVER: Final = (
    _over("`base + 5%`, base 200", World(), 0.05),
    _over("`base + 10%`, base 1,000", World(base=1_000), 0.1),
    *(_over(f"`base + 10%`, {name}", world, 0.1) for name, world in _BUNCHES),
    Plan(
        "`<= 5%`, threads of 8, 80 % of the runs of ill ones fail",
        World(0.0505, 0.0505, thread=8, ill=0.8),
        "failure_rate <= 5%",
        BROKEN,
    ),
)
"""The failure rate is just beyond the limit."""

VALUES: Final = (
    Plan(
        "tokens, sigma 1.2, base 40, new 300", World(base=40, new=300, tokens=1.2), "tokens_per_run <= base"
    ),
    Plan("tokens, sigma 1.0, 200 a side", World(tokens=1.0), "tokens_per_run <= base"),
    Plan(
        "tokens, sigma 1.2, base 100, new 300", World(base=100, new=300, tokens=1.2), "tokens_per_run <= base"
    ),
    *(
        Plan(f"{metric}, base {base:,}, new {new}", World(base=base, new=new), f"{metric} <= base")
        for metric in ("p50(duration)", "p95(duration)")
        for base, new in ((60, 200), (100, 300), (200, 200), (1_000, 200))
    ),
    Plan(
        "p50(duration), threads of 8 whose runs last alike",
        World(thread=8, durations=0.3, alike=0.6),
        "p50(duration) <= base",
    ),
    Plan(
        "p50(duration), threads of 1 to 60 whose runs last alike",
        World(longest=60, durations=0.3, alike=0.6),
        "p50(duration) <= base",
    ),
    Plan(
        "tokens, threads of 8 whose runs take alike",
        World(thread=8, tokens=0.3, alike=0.6),
        "tokens_per_run <= base",
    ),
    Plan(
        "tokens 10 % more than before, just beyond `base * 1.1`",
        World(greedy=1.105),
        "tokens_per_run <= base * 1.1",
        BROKEN,
    ),
    Plan(
        "the same, sigma 1.2, base 200, new 60",
        World(new=60, greedy=1.105, tokens=1.2),
        "tokens_per_run <= base * 1.1",
        BROKEN,
    ),
)
"""Tokens and durations without margin; nothing changed, but for the last two."""

WHOLE: Final = (
    Plan("a tight gate", World(timed=True), TIGHT),
    Plan("a tight gate, 5 agents, 100 runs each", World(base=500, new=500, agents=(Agent(0.05, 1, 1),) * 5, timed=True), TIGHT, by_agent=True),
    Plan("no margins", World(timed=True), EQUAL),
    Plan("no margins, 5 agents, 100 runs each", World(base=500, new=500, agents=(Agent(0.05, 1, 1),) * 5, timed=True), EQUAL, by_agent=True),
    Plan("no margins, 60 runs a side, 2 % fail", World(0.02, 0.02, 60, 60, timed=True), EQUAL),
    Plan("a tight gate, failures 5 % → 20 %", World(failures_now=0.2, timed=True), TIGHT, BROKEN, right=0.9),
    Plan("a tight gate, durations doubled", World(slow=2.0, timed=True), TIGHT, BROKEN, right=0.9),
    Plan("a tight gate, tokens doubled", World(greedy=2.0, timed=True), TIGHT, BROKEN, right=0.9),
)  # fmt: skip
"""Whole gates; runs take time, so that some are active at each look."""

SMALLER: Final = (
    Plan(
        "durations +50 %, `p50(duration) <= base * 1.2`, 300 a side",
        World(base=300, new=300, slow=1.5),
        "p50(duration) <= base * 1.2",
        BROKEN,
        right=0.8,
    ),
    Plan(
        "durations +25 %, `p50(duration) <= base * 1.1`, 800 a side",
        World(base=800, new=800, slow=1.25),
        "p50(duration) <= base * 1.1",
        BROKEN,
        right=0.8,
    ),
    Plan(
        "durations +50 %, `p95(duration) <= base * 1.2`, 800 a side",
        World(base=800, new=800, slow=1.5),
        "p95(duration) <= base * 1.2",
        BROKEN,
        right=0.8,
    ),
    Plan(
        "tokens +25 %, `tokens_per_run <= base * 1.1`, 600 a side",
        World(base=600, new=600, greedy=1.25),
        "tokens_per_run <= base * 1.1",
        BROKEN,
        right=0.8,
    ),
)
"""Smaller effects, which take more runs."""

GOOD: Final = (
    Plan("the README's gate", World(), README, right=0.95),
    Plan("the help's gate", World(), HELP, right=0.95),
    Plan("the gate screen's gate", World(), SCREEN, right=0.95),
    *(Plan(f"the README's gate, {name}", world, README) for name, world in _BUNCHES),
    Plan("the README's gate, one thread that goes on", World(common=1), README),
    Plan("the README's gate, 5 threads that go on", World(common=5), README),
    Plan("the README's gate, runs of a thread take alike", World(thread=8, ill=_THIRD, tokens=0.3, alike=0.6), README),
    Plan("a tight gate", World(), TIGHT),
)  # fmt: skip
"""Good releases that should pass, 200 runs against 200."""

OUTAGES: Final = (
    *(Plan(name, world) for name, world in _OUTAGES),
    *(_over(f"`base + 10%`, {name}", world, 0.1) for name, world in _OUTAGES),
)
"""Failures come in outages that hit runs of all threads: nothing changed, and just beyond a limit."""

SECTIONS: Final[Mapping[str, tuple[str, tuple[Plan, ...]]]] = {
    "quick": ("A change or a good release", QUICK),
    "unchanged": ("Nothing changed, `failure_rate <= base`", UNCHANGED),
    "over": ("Just beyond the limit", OVER),
    "values": ("Tokens and durations", VALUES),
    "whole": ("Whole gates, runs take time", WHOLE),
    "smaller": ("Smaller effects", SMALLER),
    "good": ("A good release, 200 runs against 200", GOOD),
    "outages": ("Failures come in outages, across threads", OUTAGES),
}
"""Name of a section → its title and worlds."""
