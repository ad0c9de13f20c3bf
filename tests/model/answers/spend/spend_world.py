"""Random worlds of runs that used tokens, some of which are not known, of models with and without a price."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from flowtui.config.values.prices import Price, Prices
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run, RunKey

from ....store.remembering import BEGIN, run

PRICES = Prices({"large": Price(2.0, 10.0), "maker/small": Price(0.5, 0.5)})
REASONS = (Reason("502 Bad Gateway", "tool crm"), Reason("no answer for # s", "model"))
DAY = 86_400.0


@dataclass
class World:
    """Runs of the two days before `now`; `since` is a day before it."""

    seed: int
    count: int = 120
    runs: list[Run] = field(default_factory=list)
    reasons: dict[RunKey, Reason] = field(default_factory=dict)
    now: float = BEGIN + 10 * DAY

    def __post_init__(self) -> None:
        random = Random(self.seed)
        self.since = self.now - DAY
        self.releases = sorted(random.uniform(self.since - DAY, self.now) for _ in range(random.randrange(4)))
        for number in range(self.count):
            self._add(random, f"run-{number}")

    def _add(self, random: Random, name: str) -> None:
        status = random.choice(("completed",) * 4 + ("failed", "failed", "cancelled", "odd"))
        row = run(
            name,
            status,
            thread=f"thread-{random.randrange(5)}",
            created=self.now - random.uniform(20, 2 * DAY),
            agent_id=f"agent-{random.randrange(4)}",
            model=random.choice(("large", "maker/small", "unpriced")),
        )
        counts = [random.randrange(50_000), random.randrange(9_000)]
        tokens = [count if random.random() < 0.9 else None for count in (*counts, sum(counts))]
        row = row._replace(prompt_tokens=tokens[0], completion_tokens=tokens[1], total_tokens=tokens[2])
        if random.random() < 0.05:
            row = row._replace(completed=None, failed=None, cancelled=None)
        if random.random() < 0.02:
            row = row._replace(total_tokens=10 ** random.randrange(15, 18), prompt_tokens=None)
        self.runs.append(row)
        if row.status_class == "failed" and random.random() < 0.8:
            self.reasons[row.key] = random.choice(REASONS)
