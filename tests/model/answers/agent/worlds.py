"""Random worlds of one agent's runs, and their numbers, computed a second way: from the rows, without the code under test."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from flowtui.model.answers.ended_runs import EndedRuns
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot

from ...history.worlds import NOW, PRICES, one_run

REASONS = [Reason("502 of crm", "tool crm"), Reason("no tax_rate", "tool run_python"), Reason("out of quota")]


@dataclass
class AgentWorld:
    """The rows of one agent and of others, why some failed, and releases."""

    seed: int
    days: float
    most: int = 400

    def __post_init__(self):
        rng = random.Random(self.seed)
        self.rng = rng
        self.rows = [one_run(rng, number, self.days) for number in range(rng.randrange(self.most))]
        failed = [run for run in self.rows if run.status_class == "failed"]
        self.reasons = {run.key: rng.choice(REASONS) for run in failed if rng.random() < 0.8}
        self.releases = sorted(
            Mark(NOW - rng.random() * self.days * 86_400, f"release-{number}")
            for number in range(rng.randrange(4))
        )

    def own(self):
        return [run for run in self.rows if run.agent_id == "agent_a"]

    def ended(self, since):
        """Return what the screen reads: from the history and from memory."""
        found = EndedRuns(since, agent="agent_a")
        known = self.rows[::2]
        state = ThreadState("thr", 2.0, runs={run.raw_id: run for run in known})
        found.begin(Snapshot(NOW, {"thr": state}))
        found.fill(self.rows[1::3])
        found.fill(self.rows)
        return found


def moment(run):
    """Return when a run counts; None if it does not."""
    if run.status_class in ("queued", "running"):
        return None
    own = {"completed": run.completed, "failed": run.failed, "cancelled": run.cancelled}.get(run.status_class)
    if own is None and run.status_class != "unknown":
        own = min((at for at in (run.completed, run.failed, run.cancelled) if at is not None), default=None)
    return run.created if own is None else own


def between(rows, since, until):
    return [run for run in rows if (at := moment(run)) is not None and since <= at < until]


def took(run):
    end = moment(run)
    ended = run.status_class in ("completed", "failed", "cancelled")
    known = {run.completed, run.failed, run.cancelled} - {None}
    if not ended or not known or run.started is None or end < run.started:
        return None
    return end - run.started


def ranked(values, share):
    """Return the nearest rank of a share, by counting: the least value that so many of all do not exceed."""
    for value in sorted(values):
        if sum(other <= value for other in values) >= share * len(values) - 1e-9:
            return value
    return None


def middle(values):
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def dollars(run):
    """Return what a run has cost; None if that is not known."""
    price = PRICES.by_model.get(run.model)
    if price is None:
        return None
    if run.prompt_tokens is None and run.completion_tokens is None:
        return None if run.total_tokens is None else run.total_tokens * min(price) / 1e6
    return ((run.prompt_tokens or 0) * price.prompt + (run.completion_tokens or 0) * price.completion) / 1e6


def near(one, other):
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def count(rows, *classes):
    return sum(run.status_class in classes for run in rows)


def share(rows):
    ended = count(rows, "completed", "failed", "cancelled")
    return count(rows, "failed") / ended if ended else None


def some(values):
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def hourly(rows, read, seconds):
    """Return an amount an hour; None if it is not known of any run."""
    if not rows:
        return 0.0
    total = some(map(read, rows))
    return None if total is None else total * 3600 / seconds


def values_of(rows, seconds):
    """Return all metrics of the runs that ended in so many seconds."""
    times = [time for run in rows if (time := took(run)) is not None]
    return {
        "failed": share(rows),
        "p50": middle(times) if times else None,
        "p95": ranked(times, 0.95) if times else None,
        "tokens": hourly(rows, lambda run: run.total_tokens, seconds),
        "cost": hourly(rows, dollars, seconds),
    }
