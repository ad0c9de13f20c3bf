"""What the runs used and cost, against the same hours before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from flowtui.model.answers.brief.inputs import BriefInput
from flowtui.model.answers.brief.sums_by_agent import NO_SUMS, spend_by_agent
from flowtui.model.run.cost import Costs, Waste
from flowtui.model.stats.thread_totals import Sums, add_sums

_MORE: Final = 0.25  # by so much an agent must have used more, to be named
_HUGE: Final = 1e300  # whole numbers may have any number of digits
_PART: Final = 0.05  # and so much of all


class Spend(NamedTuple):
    """What some runs used."""

    runs: int
    tokens: int | None
    """The sum of the total tokens; None if no run reported a total."""
    reported: int
    """How many runs reported a total."""
    costs: Costs | None
    """What they cost, and the failed and cancelled ones of them; None without prices."""
    waste: Waste
    """The tokens of the failed and cancelled runs."""

    @property
    def amount(self) -> float | None:
        """The known cost; None if none is known."""
        return None if self.costs is None else self.costs.total.amount

    @property
    def wasted(self) -> float | None:
        """The share of the tokens that failed and cancelled runs used, 0 to 1; None if unknown."""
        return (
            None if self.waste.tokens is None or not self.tokens else _ratio(self.waste.tokens, self.tokens)
        )


class AgentSpend(NamedTuple):
    """What the runs of one agent used, now and in the same hours before."""

    agent_id: str
    name: str
    now: Spend
    before: Spend | None
    """None if it is not known."""

    @property
    def change(self) -> float | None:
        """By which share it is more than before; None if that is not known."""
        return None if self.before is None else change(self.now, self.before)


class Spending(NamedTuple):
    """What all runs used."""

    now: Spend
    before: Spend | None
    agents: list[AgentSpend]
    """The one that used most first: most money if prices are known, else most tokens."""

    @property
    def change(self) -> float | None:
        """By which share it is more than before; None if that is not known."""
        return None if self.before is None else change(self.now, self.before)

    @property
    def grown(self) -> AgentSpend | None:
        """The agent that used more than before by the largest amount; None if no agent used much more."""
        grown = [one for one in self.agents if (one.change or 0.0) >= _MORE and _more(one) > 0]
        whole = _used(self.now) or 0.0
        best = max(grown, key=_more, default=None)
        return best if best is not None and _more(best) >= _PART * whole else None


def spending(data: BriefInput) -> Spending:
    """Return what the runs of the range used, and those of the same hours before."""
    prices = data.prices
    now = spend_by_agent(data.runs, prices)
    before = None if data.before is None else spend_by_agent(data.before, prices)
    nothing = _spend(NO_SUMS)
    agents = [
        AgentSpend(
            agent, data.name(agent), _spend(own), None if before is None else _earlier(before, agent, nothing)
        )
        for agent, own in now.items()
    ]
    agents.sort(key=lambda one: (-(_used(one.now) or 0.0), one.name))
    earlier = None if before is None else _spend(add_sums(before.values(), prices))
    return Spending(_spend(add_sums(now.values(), prices)), earlier, agents)


def _earlier(before: Mapping[str, Sums], agent: str, nothing: Spend) -> Spend:
    return _spend(before[agent]) if agent in before else nothing


def _spend(found: Sums) -> Spend:
    totals = found.totals
    return Spend(totals.runs, totals.total, totals.reported, found.costs, found.waste)


def change(now: Spend, before: Spend) -> float | None:
    """Return by which share `now` is more than `before`: in money, or in tokens if no cost is known; None if unknown."""
    new, old = (
        (now.amount, before.amount) if None not in (now.amount, before.amount) else _tokens(now, before)
    )
    found = None if new is None or not old else _ratio(new, old)
    return None if found is None else found - 1.0


def _ratio(new: float, old: float) -> float | None:
    try:
        return new / old
    except OverflowError:  # a whole number of more than 308 digits
        return None


def _tokens(now: Spend, before: Spend) -> tuple[float | None, float | None]:
    return now.tokens, before.tokens


def _used(spend: Spend) -> float | None:
    """Return the cost, else the tokens, as a finite number."""
    used = spend.tokens if spend.amount is None else spend.amount
    return None if used is None else float(min(used, _HUGE))


def _more(one: AgentSpend) -> float:
    return (_used(one.now) or 0.0) - (0.0 if one.before is None else _used(one.before) or 0.0)
