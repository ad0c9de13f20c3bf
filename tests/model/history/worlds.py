"""Random worlds of runs, and the sums that a history keeps of them, made without any code that is tested with them."""

from __future__ import annotations

import random
from collections import defaultdict

from flowtui.config.values.prices import Price, Prices
from flowtui.model.history.past import QuarterSum
from flowtui.model.run.row import Run

NOW = 1_793_500_000.0
"""2026-11-01 02:26:40 UTC: a week before it the clocks in Berlin were put back."""
PRICES = Prices({"small": Price(1.0, 2.0), "large": Price(10.0, 30.0)}, "EUR")
DAY = 86_400.0


def one_run(rng, number, days=10.0):
    """Return one run of a random world; times, tokens and the model may be unknown."""
    kind = rng.choice(["completed"] * 6 + ["failed"] * 3 + ["cancelled", "queued", "running", "unknown"])
    created = NOW - rng.random() * days * DAY
    started = None if kind == "queued" or rng.random() < 0.05 else created + rng.random() * 60
    ended = (started or created) + rng.choice([5, 600, 40_000]) * rng.random()
    times = dict.fromkeys(("cancelled", "failed", "completed"))
    if kind in times and rng.random() < 0.95:
        times[kind] = ended
    tokens = [None if rng.random() < 0.2 else rng.randrange(10_000) for _ in range(3)]
    return Run(
        thread_key=f"thr_{rng.randrange(6)}",
        raw_id=f"run_{number}",
        id=f"run_{number}",
        agent_id=rng.choice(["agent_a", "agent_b", "agent_c", ""]),
        status="odd" if kind == "unknown" else kind,
        status_class=kind,
        model=rng.choice(["small", "large", "unpriced", ""]),
        is_active=kind in ("queued", "running"),
        created=None if rng.random() < 0.03 else created,
        started=started,
        expires=None,
        **times,
        prompt_tokens=tokens[0],
        completion_tokens=tokens[1],
        total_tokens=tokens[2],
        unreadable=None,
    )


def world(seed, most=200):
    """Return the runs of a random world."""
    rng = random.Random(seed)
    return [one_run(rng, number) for number in range(rng.randrange(most))]


def quarter_sums(runs):
    """Return the sums of all ended runs, as a history keeps them."""
    parts = defaultdict(list)
    for run in runs:
        at = {"completed": run.completed, "failed": run.failed, "cancelled": run.cancelled}.get(
            run.status_class
        )
        if at is not None:
            parts[at - at % 900, run.agent_id, run.status_class].append((run, at))
    return [QuarterSum(*key, len(own), *_tokens(own), *_durations(own)) for key, own in sorted(parts.items())]


def _tokens(own):
    for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
        known = [getattr(run, name) for run, _ in own if getattr(run, name) is not None]
        yield sum(known) if known else None


def _durations(own):
    took = [at - run.started for run, at in own if run.started is not None and at >= run.started]
    yield sum(took)
    yield len(took)
