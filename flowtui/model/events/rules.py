"""Rules of `[notify]`: judged on the last runs of an agent, told once when one begins to be broken and once when that is over.

A rule is about a share of runs: those that failed, or those that took longer than a limit (of which a p95 allows 5 %). It begins
to be broken once so many of the last runs are beyond it that this is no chance: see `rule_limits.py`. It is over once no more of them
are beyond it than the limit allows; between the two numbers nothing changes, so a share near the limit is not told again and
again. What happened before flowtui started is counted and never told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.config.values.notify_rules import AGENT, ALL_AGENTS, FAILED_SHARE, NotifyRule
from flowtui.model.columns.context import Context
from flowtui.model.events.ended_window import Ended, RunWindow, ended_run
from flowtui.model.events.news import SLACK
from flowtui.model.events.notices import RULE, Notice, Severity, named, outcome
from flowtui.model.events.rule_limits import is_beyond, over_at, told_from
from flowtui.model.run.row import Run
from flowtui.model.state.changes import APPEARED, CHANGED
from flowtui.model.state.snapshot import Snapshot, Update

Group = str | None
"""The id of an agent; None: all agents together."""

_MOST_NAMED: Final = 100  # runs of a notice


class RuleRow(NamedTuple):
    """How a rule stands. `broken`: the groups for which it is broken, by name."""

    rule: NotifyRule
    broken: Sequence[str]
    worst: str = ""
    """The agent with the most runs beyond the limit, in words; "" if that was not asked for."""


class _Found(NamedTuple):
    """How a rule stands for a group: `beyond` of its `last` ended runs are beyond the limit at `at` (local clock)."""

    rule: NotifyRule
    name: str
    last: int
    beyond: int
    at: float

    @property
    def words(self) -> str:
        failed = self.rule.metric == FAILED_SHARE
        what = "failed" if failed else f"took longer than {formatting.span(self.rule.limit)}"
        return f"{self.beyond:,} of the last {self.last:,} runs {what}"


class RuleTracker:
    """Judges rules. `rules`: those that are judged. `began`: when flowtui started, in UTC epoch seconds (local clock)."""

    def __init__(self, rules: Sequence[NotifyRule], began: float) -> None:
        self.rules = tuple(rules)
        self._began = began
        # How many of the last runs are looked at, of all agents together and of one; 0: no rule is about these.
        self._of_all = max((rule.runs for rule in rules if rule.whose == ALL_AGENTS), default=0)
        self._of_agents = max((rule.runs for rule in rules if rule.whose != ALL_AGENTS), default=0)
        self._windows: dict[Group, RunWindow] = {}
        # The broken rules → since when (server's clock); None: since before the start.
        self._since: dict[tuple[NotifyRule, Group], float | None] = {}
        self._late: list[tuple[str, Ended]] = []  # runs that ended since `began`, until the threads were read
        self._settled = False
        self._taken = False

    def stop(self, rule: NotifyRule) -> None:
        """Judge a rule no more."""
        self.rules = tuple(each for each in self.rules if each is not rule)

    def rows(self, context: Context, *, worst: bool = False) -> list[RuleRow]:
        """Return how each rule stands. `worst`: with the agent that has the most runs beyond the limit; this counts runs."""
        return [
            RuleRow(
                rule,
                [_name(group, context) for each, group in self._since if each is rule],
                self._worst(rule, context) if worst else "",
            )
            for rule in self.rules
        ]

    def _worst(self, rule: NotifyRule, context: Context) -> str:
        found = [
            (sum(map(is_beyond(rule), window.runs[-rule.runs :])), group)
            for group, window in self._windows.items()
            if _is_about(rule, group, context)
        ]
        if not found:
            return "no run of it known"
        number, group = max(found, key=lambda each: each[0])
        last = min(rule.runs, len(self._windows[group].runs))
        begins = told_from(rule.share, rule.runs)
        return f"{_name(group, context)} {number:,} of {last:,}, told from {begins:,}"

    def take(self, update: Update, context: Context) -> list[Notice]:
        """Count the runs of an update, and return the notices that follow."""
        if not self.rules:
            return []
        snapshot = update.snapshot
        old, new = self._sorted(update, self._began + snapshot.clock_offset - SLACK)
        touched = self._add(old)
        if not self._settled:
            # Before all threads were read, most of the last runs may be unread.
            self._settled = _is_settled(snapshot)
            touched = dict.fromkeys(self._windows)
        if not self._settled:
            self._late += new
            return []
        notices = [
            notice for group in touched for notice in self._judge(group, context, snapshot, earlier=True)
        ]
        fresh = self._add((*self._late, *new))
        self._late = []
        return [*notices, *(notice for group in fresh for notice in self._judge(group, context, snapshot))]

    # -- counting ----------------------------------------------------------------------------------------------

    def _sorted(self, update: Update, edge: float) -> tuple[list[tuple[str, Ended]], list[tuple[str, Ended]]]:
        """Return the ended runs of an update, each with its agent: those that ended before `edge`, and the others."""
        old: list[tuple[str, Ended]] = []
        new: list[tuple[str, Ended]] = []
        for agent, run in self._ended(update):
            (new if run.at >= edge else old).append((agent, run))
        return old, new

    def _ended(self, update: Update) -> Iterator[tuple[str, Ended]]:
        snapshot = update.snapshot
        threads = update.restored if self._taken else snapshot.threads
        self._taken = True
        for run in chain.from_iterable(map(snapshot.runs, threads)):
            if (ended := ended_run(run)) is not None:
                yield run.agent_id, ended
        for change in update.changes:
            run = change.after
            if change.kind in (APPEARED, CHANGED):
                ended = ended_run(run, None if change.since is None else snapshot.server_time(change.at))
                if ended is not None:
                    yield run.agent_id, ended
                elif change.before is not None and change.before.terminal:
                    self._drop(run)

    def _add(self, found: Iterable[tuple[str, Ended]]) -> dict[Group, None]:
        """Add runs to the windows of their groups; return these groups."""
        batches: dict[Group, list[Ended]] = {}
        for agent, run in found:
            for group in self._groups(agent):
                batches.setdefault(group, []).append(run)
        for group, runs in batches.items():
            if group not in self._windows:
                self._windows[group] = RunWindow(self._of_all if group is None else self._of_agents)
            self._windows[group].add(runs)
        return dict.fromkeys(batches)

    def _groups(self, agent: str) -> Sequence[Group]:
        """Return the groups of an agent's runs that rules are about."""
        return ((agent,) if self._of_agents else ()) + ((None,) if self._of_all else ())

    def _drop(self, run: Run) -> None:
        for group in self._groups(run.agent_id):
            if group in self._windows:
                self._windows[group].drop(run.key)

    # -- judging -----------------------------------------------------------------------------------------------

    def _judge(
        self, group: Group, context: Context, snapshot: Snapshot, *, earlier: bool = False
    ) -> list[Notice]:
        """Judge the rules about a group; return a notice for each that began to be broken, or is over.

        `earlier`: because of runs that ended before the start. What begins with them is not told.
        """
        window, notices = self._windows[group], []
        for rule in self.rules:
            if not _is_about(rule, group, context):
                continue
            last = window.runs[-rule.runs :]
            beyond = list(filter(is_beyond(rule), last))
            found = _Found(rule, _name(group, context), len(last), len(beyond), snapshot.at)
            broken = (rule, group) in self._since
            if not broken and len(beyond) >= told_from(rule.share, rule.runs):
                self._since[rule, group] = None if earlier else beyond[-1].at
                if not earlier:
                    notices.append(_begun(found, _runs_of(beyond, snapshot), context))
            elif broken and len(beyond) <= over_at(rule.share, rule.runs):
                since = self._since.pop((rule, group))
                if not earlier or since is not None:
                    notices.append(_over(found, None if since is None or not last else last[-1].at - since))
        return notices


def _is_settled(snapshot: Snapshot) -> bool:
    states = snapshot.threads.values()
    return snapshot.listed and all(
        state.observed is not None or state.failure is not None for state in states
    )


def _is_about(rule: NotifyRule, group: Group, context: Context) -> bool:
    if group is None or rule.whose == ALL_AGENTS:
        return group is None and rule.whose == ALL_AGENTS
    if rule.whose != AGENT or group == rule.agent:
        return True
    return context.agents.get(group, "").casefold() == rule.agent.casefold()


def _name(group: Group, context: Context) -> str:
    return "all agents" if group is None else context.short_agent(group) or formatting.UNKNOWN


def _runs_of(beyond: Sequence[Ended], snapshot: Snapshot) -> tuple[Run, ...]:
    """Return the runs that are still in memory, the newest first."""
    found = (snapshot.run(each.key) for each in reversed(beyond[-_MOST_NAMED:]))
    return tuple(run for run in found if run is not None)


def _begun(found: _Found, runs: tuple[Run, ...], context: Context) -> Notice:
    from flowtui.model.gate.beliefs import rate_estimate  # noqa: PLC0415  the whole gate, only when a rule is told

    rule, share = found.rule, rate_estimate(found.beyond, found.last)
    low, high = (formatting.percent(edge) for edge in (share.low, share.high))
    said = f"{found.name}: {found.words}, above {_limit(rule)} (95% interval {low} to {high})"
    sentences = tuple(f"{named(run, context)} {outcome(run, context)}" for run in runs)
    level: Severity = "error" if rule.metric == FAILED_SHARE else "warning"
    return Notice(RULE, found.at, rule.text, runs, sentences, said=said, level=level)


def _over(found: _Found, lasted: float | None) -> Notice:
    """Return the notice that a rule is no longer broken. `lasted`: for how many seconds it was; None: it is unknown."""
    after = "" if lasted is None else f" after {formatting.span(max(0.0, lasted))}"
    said = f"{found.name}: over{after}, {found.words}, no longer above {_limit(found.rule)}"
    return Notice(RULE, found.at, found.rule.text, (), (), said=said, level="information")


def _limit(rule: NotifyRule) -> str:
    return f"{100 * rule.share:.4g}%"
