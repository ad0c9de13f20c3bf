"""What is new and wrong: a reason of failures that was never seen before, one that comes more often, a failing share. Pure.

Only failures that this start has observed are told: what the history alone knows is no news. Times are UTC epoch seconds by
the server's clock.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from flowtui.model.answers.failures import Count, ReasonRuns, failures
from flowtui.model.answers.reason_news import Memory
from flowtui.model.history.past import QuarterSum
from flowtui.model.history.statistics import moment_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, Run, RunKey
from flowtui.model.state.marks import Mark

RECENT: Final = 7_200.0
"""Seconds: a failure is told as long as its reason came within so many seconds."""

LEAST: Final = 2
"""The fewest runs that make a reason news: a single failure with an odd text is none."""

MORE: Final = 3.0
"""How many times as often as before a reason must come to be told, and with at least `LEAST_MORE` runs."""
LEAST_MORE: Final = 5

HIGH: Final = 2.0
"""How many times the share before the failing share must be, and at least `LEAST_SHARE`, of at least `LEAST_ENDED` runs."""
LEAST_SHARE: Final = 0.1
LEAST_ENDED: Final = 20
LEAST_BEFORE: Final = 50
"""The fewest runs that make a share before one to compare with."""

CHANCE: Final = 1e-4
"""The most probable chance, by which the same share as before would give as many failures, that still makes them news."""

_SINCE: Final = 0.9  # this part of the runs must be created since a mark for "since" it

Kind = Literal["new", "first", "more", "share"]
"""`new` since a mark; `first` in what is remembered; `more` often than before; the failing `share` is higher than before."""


class FailureNews(NamedTuple):
    """Something new and wrong."""

    kind: Kind
    runs: int
    """How many runs failed."""
    agents: Sequence[Count]
    """How many of them each agent has, the one with the most first."""
    first: float
    """When the first of them failed."""
    last: float
    reason: Reason | None = None
    """None for a share."""
    mark: Mark | None = None
    """The mark since which they came; None if there is none."""
    begin: float | None = None
    """For `first`: since when runs are remembered."""
    ended: int = 0
    """For `share`: how many runs ended in the same time."""
    before: float = 0.0
    """For `share`: the share before, 0 to 1."""

    @property
    def share(self) -> float:
        """The share of the ended runs that failed, 0 to 1."""
        return self.runs / self.ended if self.ended else 0.0


class Ended(NamedTuple):
    """How many runs ended, and how many of them failed."""

    runs: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Shares:
    """What ended in the last two hours or so, and in the day before that, of each agent by its id."""

    recent: Mapping[str, Ended] = field(default_factory=dict)
    before: Mapping[str, Ended] = field(default_factory=dict)
    reasons: Mapping[Reason, int] = field(default_factory=dict)
    """Reason → how many runs failed for it in the day before."""


NO_SHARES: Final = Shares()


def shares_of(
    recent: Iterable[QuarterSum], before: Iterable[QuarterSum], reasons: Iterable[Reason]
) -> Shares:
    """Return the shares of these sums. `reasons`: one for each run that failed in the day before."""
    return Shares(_ended(recent), _ended(before), Counter(reasons))


def _ended(sums: Iterable[QuarterSum]) -> dict[str, Ended]:
    found: dict[str, Ended] = {}
    for one in sums:
        if one.status_class in (COMPLETED, FAILED, CANCELLED):
            runs, failed = found.get(one.agent_id, Ended())
            found[one.agent_id] = Ended(runs + one.runs, failed + one.runs * (one.status_class == FAILED))
    return found


def range_of(begin: float | None, now: float) -> float:
    """Return since when failures are compared with what is remembered from before: at most a day, at least `RECENT`.

    With a short history it is the later half of that, so that there is something to compare with.
    """
    remembered = 0.0 if begin is None else now - begin
    return now - min(86_400.0, max(RECENT, remembered / 2))


def failure_news(
    runs: Sequence[Run],
    reasons: Mapping[RunKey, Reason],
    since: float,
    now: float,
    *,
    memory: Memory,
    shares: Shares = NO_SHARES,
) -> list[FailureNews]:
    """Return what is new and wrong, the most important first: new reasons, then ones that come more often, else a share.

    `runs`: the failed ones since `since` that this start has observed, the one that failed last first. `reasons`: why, as
    far as known. `memory`: what is known of reasons from before `since`.
    """
    found = failures(runs, since, now, reasons, memory=memory)
    rows = [row for row in found.reasons if row.reason is not None and now - row.last <= RECENT]
    new = [_new(row, memory) for row in rows if row.news.kind in ("new", "first") and len(row.runs) >= LEAST]
    more = [_more(row, now, memory, shares) for row in rows if row.news.kind == "before"]
    told = [*sorted(new, key=_rank), *sorted(filter(None, more), key=_rank)]
    share = None if told else _high_share(runs, now, shares)
    return told if share is None else [share]


def _rank(one: FailureNews) -> tuple[object, ...]:
    return one.kind != "new", -one.runs, -one.last, one.reason or ()


def _new(row: ReasonRuns, memory: Memory) -> FailureNews:
    kind: Kind = "new" if row.news.kind == "new" else "first"
    return _told(kind, row.runs, row.by("agent"), reason=row.reason, mark=row.news.mark, begin=memory.begin)


def _told(
    kind: Kind,
    runs: Sequence[Run],
    agents: Sequence[Count],
    *,
    reason: Reason | None = None,
    mark: Mark | None = None,
    begin: float | None = None,
) -> FailureNews:
    first, last = moment_of(runs[-1]) or 0.0, moment_of(runs[0]) or 0.0
    return FailureNews(kind, len(runs), agents, first, last, reason, mark, begin)


def _more(row: ReasonRuns, now: float, memory: Memory, shares: Shares) -> FailureNews | None:
    """Return the news that a reason comes more often than before; None if it does not."""
    recent = [run for run in row.runs if now - (moment_of(run) or 0.0) <= RECENT]
    ended, before = (sum(one.runs for one in each.values()) for each in (shares.recent, shares.before))
    if len(recent) < LEAST_MORE or before < LEAST_BEFORE:
        return None
    earlier = 0 if row.reason is None else shares.reasons.get(row.reason, 0)
    expected = (earlier + 0.5) / before * max(ended, len(recent))
    if len(recent) < MORE * expected or chance(len(recent), expected) > CHANCE:
        return None
    agents = Counter(run.agent_id for run in recent)
    counts = [Count(*each) for each in sorted(agents.items(), key=lambda item: (-item[1], item[0]))]
    return _told("more", recent, counts, reason=row.reason, mark=_mark_of(recent, now, memory.marks))


def _mark_of(runs: Sequence[Run], now: float, marks: Sequence[Mark]) -> Mark | None:
    """Return the last mark, if it is recent and nearly all of these runs were created since then."""
    mark = marks[-1] if marks else None
    if mark is None or not 0 <= now - mark.at <= RECENT:
        return None
    since = sum(run.created is not None and run.created >= mark.at for run in runs)
    return mark if since >= _SINCE * len(runs) else None


def _high_share(runs: Sequence[Run], now: float, shares: Shares) -> FailureNews | None:
    """Return the news that of one agent, or of all, far more runs fail than before; None if that is not so."""
    recent = [run for run in runs if now - (moment_of(run) or 0.0) <= RECENT]
    observed: Counter[str | None] = Counter(run.agent_id for run in recent)
    observed[None] = len(recent)
    ended, before = _with_all(shares.recent), _with_all(shares.before)
    found = [
        agent
        for agent, one in ended.items()
        # What the history alone knows is no news.
        if _is_high(one, before.get(agent, Ended())) and 2 * observed[agent] >= one.failed
    ]
    if not found:
        return None
    agent = max(found, key=lambda agent: (_is_nearly_all(agent, ended), agent is None, ended[agent].failed))
    own = [run for run in recent if agent in (None, run.agent_id)]
    told = _told("share", own, [Count(*each) for each in Counter(run.agent_id for run in own).most_common()])
    usual = before[agent].failed / before[agent].runs
    return told._replace(runs=ended[agent].failed, ended=ended[agent].runs, before=usual)


def _is_nearly_all(agent: str | None, ended: Mapping[str | None, Ended]) -> bool:
    """Whether nearly all failures are those of this one agent, so that it is told rather than all."""
    return agent is not None and ended[agent].failed >= _SINCE * ended[None].failed


def _with_all(ended: Mapping[str, Ended]) -> dict[str | None, Ended]:
    """Return what ended of each agent, and under None of all of them."""
    found: dict[str | None, Ended] = dict(ended.items())
    found[None] = Ended(sum(one.runs for one in ended.values()), sum(one.failed for one in ended.values()))
    return found


def _is_high(recent: Ended, before: Ended) -> bool:
    if recent.runs < LEAST_ENDED or before.runs < LEAST_BEFORE:
        return False
    share, usual = recent.failed / recent.runs, before.failed / before.runs
    expected = (before.failed + 0.5) / before.runs * recent.runs
    return share >= max(LEAST_SHARE, HIGH * usual) and chance(recent.failed, expected) <= CHANCE


def chance(count: int, expected: float) -> float:
    """Return at most how probable it is that `count` or more things happen of which `expected` are expected; 0 to 1.

    It is the bound of Chernoff for a Poisson distribution.
    """
    if count <= expected or expected <= 0:
        return 1.0
    return math.exp(count - expected - count * math.log(count / expected))
