"""Random threads as a server might show them one observation after the other, for tests of what is remembered of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID

from flowtui.model.run.row import PLACEHOLDER, UNKNOWN, Run, classify
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.run.thread import Thread
from flowtui.model.state.known_runs import (
    Failure,
    ThreadState,
    apply_failure,
    apply_runs,
    apply_span_facts,
    apply_thread,
    apply_unchanged,
)
from flowtui.text import safe_name

STATUSES = ("queued", "running", "completed", "failed", "cancelled", "canceled", "paused", "")
AGENTS = ("agent-1", "agent-2", "агент", "")


@dataclass
class RandomThread:
    """A thread on a server that does what servers do, and sometimes what they must not."""

    random: Random
    key: str
    at: float = 1_790_000_000.0
    clock_jumps: bool = True
    """Whether the local clock is put back now and then."""
    listed: dict[str, Run] = field(default_factory=dict)

    def states(self, looks: int) -> Iterator[tuple[float, ThreadState]]:
        """Yield what is known after each observation, and when."""
        state = ThreadState(self.key, 2.0)
        for _ in range(looks):
            self.at += self.random.choice([0.25, 2.0, 2.1234567, 61.7, 3600.0]) * self.random.choice(
                [1, 1, 1, 0]
            )
            if self.random.random() < 0.03 and self.clock_jumps:
                self.at -= self.random.choice([1.0, 7200.0])
            state = self._look(state)
            yield self.at, state

    def _look(self, state: ThreadState) -> ThreadState:
        dice = self.random.random()
        if dice < 0.1:
            return apply_unchanged(state, at=self.at)
        if dice < 0.15:
            return apply_failure(state, Failure("server", "500", self.at, retry_at=self.at + 1))
        if dice < 0.3:
            holder = self.random.choice([None, *self.listed])
            status = "locked" if holder else self.random.choice(["available", "", "held"])
            row = Thread(self.key, safe_name(self.key), status, holder, self._time(), None)
            return apply_thread(state, row, at=self.at)
        if dice < 0.35 and self.listed:
            return apply_span_facts(
                state, {self.random.choice(list(self.listed)): SpanFacts("team", (("env", "prod"),))}
            )
        for _ in range(self.random.randrange(4)):
            self._change()
        rows = list(self.listed.values())
        whole = self.random.random() < 0.4
        if not whole:
            rows = rows[: self.random.randint(1, 6)]
        configs = {
            row.raw_id: f"{self.random.randrange(3):016x}" for row in rows if self.random.random() < 0.1
        }
        return apply_runs(state, rows, at=self.at, whole=whole, configs=configs)[0]

    def _change(self) -> None:
        dice = self.random.random()
        if dice < 0.5 or not self.listed:
            run = self._new()
            place = 0 if self.random.random() < 0.8 else self.random.randint(0, len(self.listed))
            items = list(self.listed.items())
            self.listed = dict([*items[:place], (run.raw_id, run), *items[place:]])
        elif dice < 0.9:
            raw_id = self.random.choice(list(self.listed))
            self.listed[raw_id] = self._moved(self.listed[raw_id])
        elif dice < 0.96:
            del self.listed[self.random.choice(list(self.listed))]
        else:
            items = list(self.listed.items())
            self.random.shuffle(items)
            self.listed = dict(items)

    def _new(self) -> Run:
        if self.random.random() < 0.1:
            mark = f"{PLACEHOLDER}{self.random.randrange(6):08x}"
            return Run(
                self.key, mark, mark, "", "", UNKNOWN, "", False, self._time(), *[None] * 8, "id: missing"
            )
        raw_id = str(UUID(int=self.random.getrandbits(128), version=4))
        blank = Run(
            self.key, raw_id, safe_name(raw_id), "", "", UNKNOWN, "", False, self._time(), *[None] * 9
        )
        return self._moved(blank)

    def _moved(self, run: Run) -> Run:
        if run.raw_id.startswith(PLACEHOLDER):
            return run
        status = self.random.choice(STATUSES)
        active = status in ("queued", "running")
        ended = {
            name: self._time() if not active and self.random.random() < 0.6 else None
            for name in ("cancelled", "failed", "completed")
        }
        tokens = [self.random.choice([None, 0, 7, 10**12]) for _ in range(3)]
        return run._replace(
            agent_id=self.random.choice(AGENTS),
            status=status,
            status_class=classify(status, is_active=active, **ended),
            model=self.random.choice(["", "maker/model"]),
            is_active=active,
            started=self._time(),
            **ended,
            prompt_tokens=tokens[0],
            completion_tokens=tokens[1],
            total_tokens=tokens[2],
        )

    def _time(self) -> float | None:
        return None if self.random.random() < 0.15 else self.at - self.random.choice([0.0, 0.1, 1.7, 900.3])


def remembered(state: ThreadState) -> ThreadState:
    """Return what is to come back of a state."""
    return replace(
        state,
        failure=None,
        asked=None,
        extras={},
        span_facts={},
        restored=state.observed,
        thread_at=state.thread_at if state.thread is not None else None,
    )
