"""Random worlds of runs that failed for some reasons: some before a mark, some after it, some with an unknown end."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from flowtui.model.history.past import Seen
from flowtui.model.history.statistics import moment_of
from flowtui.model.reasons.reason import VERSION, Reason
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.marks import Mark

from ...store.remembering import BEGIN, run

REASONS = (
    Reason("'tax_rate' is not in the order", "tool run_python"),
    Reason("502 Bad Gateway to GET /accounts", "tool crm"),
    Reason("no answer for # s", "model"),
    Reason("rebuilt", "tool"),
    Reason("of older rules", "model", VERSION - 1),
)


@dataclass
class World:
    """Runs of a day before `now`; the range is its last `length` seconds."""

    seed: int
    runs: list[Run] = field(default_factory=list)
    reasons: dict[RunKey, Reason] = field(default_factory=dict)
    now: float = BEGIN + 86_400.0

    def __post_init__(self) -> None:
        random = Random(self.seed)
        self.length = random.choice((1_800.0, 7_200.0, 21_600.0))
        self.since = self.now - self.length
        ats = sorted(random.uniform(self.since - 4_000, self.now) for _ in range(random.randrange(3)))
        self.marks = tuple(Mark(at, f"release-{number}") for number, at in enumerate(ats))
        for number in range(random.randrange(160)):
            self._add(random, number)

    def _add(self, random: Random, number: int) -> None:
        status = random.choice(("completed", "completed", "failed", "failed", "cancelled", "running", "odd"))
        created = self.now - random.uniform(0, 3.2 * self.length)
        row = run(
            f"run-{number}",
            status,
            thread=f"thread-{random.randrange(4)}",
            created=created,
            agent_id=f"agent-{random.randrange(3)}",
            model=random.choice(("maker/large", "small")),
        )
        if status == "failed" and random.random() < 0.1:
            row = row._replace(failed=None)
        if random.random() < 0.2:
            row = row._replace(total_tokens=None, prompt_tokens=None, completion_tokens=None)
        self.runs.append(row)
        if row.status_class == "failed" and random.random() < 0.8:
            late = random.random() < 0.5 and any(mark.at < created for mark in self.marks)
            self.reasons[row.key] = REASONS[0] if late else random.choice(REASONS[1:])

    def count_in(self, since: float, until: float) -> list[Run]:
        """Return the runs that count in a time, the one that ended last first."""
        timed = [
            (at, row.key, row) for row in self.runs if not row.active and (at := moment_of(row)) is not None
        ]
        return [row for at, _, row in sorted(timed, reverse=True) if since <= at < until]

    @property
    def active(self) -> int:
        return sum(row.active for row in self.runs)

    def seen(self) -> dict[Reason, Seen]:
        """Return what was seen before the range, by the present rules."""
        found: dict[Reason, list[float]] = {}
        for row in self.runs:
            at, reason = moment_of(row), self.reasons.get(row.key)
            if reason is not None and at is not None and at < self.since:
                found.setdefault(reason._replace(version=VERSION), []).append(at)
        return {reason: Seen(len(ats), min(ats), max(ats)) for reason, ats in found.items()}
