"""A past without a file: what a test says is remembered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowtui.config.values.prices import Price, Prices
from flowtui.errors import HistoryError
from flowtui.model.answers.spend.chosen import dearest, used_of
from flowtui.model.answers.spend.spent import key_reader, sums_of_rows
from flowtui.model.history.past import (
    PastMove,
    QuarterSum,
    Reach,
    RunConfig,
    Seen,
    SpentBy,
    SpentSum,
    Watched,
    When,
)
from flowtui.model.history.statistics import moment_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.known_runs import ThreadState
from flowtui.ui.base.past_reader import PastReader


@dataclass
class ListPast:
    """Remembers these rows. `broken`: each read fails with this text. `asked`: what was read, such as ("runs", since, until)."""

    rows: Sequence[Run] = ()
    spans: Sequence[Watched] = ()
    changes: Sequence[PastMove] = ()
    known: Mapping[RunKey, Reason] = field(default_factory=dict)
    reached: Mapping[str, Reach] = field(default_factory=dict)
    states: Sequence[ThreadState] = ()
    configured: Sequence[RunConfig] = ()
    quarters: Sequence[QuarterSum] = ()
    broken: str = ""
    clock_offset: float = 0.0
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def _read(self, *what: Any) -> None:
        self.asked.append(what)
        if self.broken:
            raise HistoryError(self.broken)

    @property
    def begin(self) -> float | None:
        return min((span.since for span in self.spans), default=None)

    def newest(self, count: int) -> list[Run]:
        self._read("newest", count)
        return self.runs(-math.inf, math.inf)[:count]

    def threads(self, step: int = 200, most: int | None = None) -> Iterator[Sequence[ThreadState]]:
        self._read("threads", step, most)
        yield self.states

    def agents(self) -> Mapping[str, str]:
        return {}

    def runs(
        self,
        since: float,
        until: float,
        by: When = "created",
        *,
        most: int | None = None,
        agent: str | None = None,
        failed: bool = False,
    ) -> list[Run]:
        self._read("runs", since, until, by, most)
        found = []
        for run in self.rows:
            at = {"created": run.created, "ended": run.ended, "counted": moment_of(run)}[by]
            at = None if by == "counted" and run.active else at
            wanted = agent in (None, run.agent_id) and (not failed or run.status_class == FAILED)
            if wanted and at is not None and since <= at < until:
                found.append((at, run))
        return [run for _, run in sorted(found, key=lambda each: -each[0])][:most]

    def configs(self, since: float, until: float, agent: str) -> list[RunConfig]:
        self._read("configs", since, until, agent)
        ended = {run.key for run in self.runs(since, until, "ended", agent=agent)}
        return [each for each in self.configured if (each.thread_key, each.raw_id) in ended]

    def reach(self, threads: Iterable[str] | None = None) -> Mapping[str, Reach]:
        keys = self.reached if threads is None else threads
        self._read("reach", *keys)
        return {key: self.reached[key] for key in keys if key in self.reached}

    def active(self) -> list[Run]:
        self._read("active")
        return [run for run in self.rows if run.active]

    def moves(self, since: float, until: float, most: int) -> list[PastMove]:
        self._read("moves", since, until, most)
        return [move for move in self.changes if since <= move.change.at < until][:most]

    def reasons(self, runs: Iterable[RunKey]) -> Mapping[RunKey, Reason]:
        runs = list(runs)
        self._read("reasons", *runs)
        return {key: self.known[key] for key in runs if key in self.known}

    def explained(self, since: float, until: float) -> Mapping[RunKey, Reason]:
        self._read("explained", since, until)
        failed = self.runs(since, until, "ended", failed=True)
        return {run.key: self.known[run.key] for run in failed if run.key in self.known}

    def seen(self, reasons: Iterable[Reason], before: float) -> Mapping[Reason, Seen]:
        self._read("seen", before)
        found = {}
        for reason in reasons:
            failed = self.runs(-math.inf, before, "ended", failed=True)
            ends = [run.ended or 0.0 for run in failed if self.known.get(run.key) == reason]
            if ends:
                found[reason] = Seen(len(ends), min(ends), max(ends))
        return found

    def watched(self, since: float, until: float) -> list[Watched]:
        self._read("watched", since, until)
        return [span for span in self.spans if span.since < until and span.until > since]

    def sums(
        self, since: float, until: float, step: float = 900.0, *, agent: str | None = None
    ) -> list[QuarterSum]:
        self._read("sums", since, until, step)
        found = (one for one in self.quarters if agent in (None, one.agent_id))
        return [one for one in found if since <= one.begin < until]

    def spent(
        self, since: float, until: float, by: SpentBy, step: float, releases: Sequence[float] = ()
    ) -> list[SpentSum]:
        self._read("spent", since, until, by, step)
        return sums_of_rows(self.runs(since, until, "counted"), by, step, releases)

    def dearest(
        self,
        since: float,
        until: float,
        by: SpentBy,
        key: str,
        *,
        most: int,
        weights: Mapping[str, tuple[float, float]],
        releases: Sequence[float] = (),
    ) -> list[Run]:
        read = key_reader(by, releases)
        found = [run for run in self.runs(since, until, "counted") if read(run) == key and used_of(run)]
        prices = Prices({model: Price(*both) for model, both in weights.items()})
        return dearest(found, prices, most)


class FakeRecorder:
    """Keeps what it is to remember. `explained`: run → reason."""

    trouble = ""

    def __init__(self) -> None:
        self.explained: dict[RunKey, Reason] = {}

    def record(self, update: Any) -> None: ...

    def explain(self, reasons: Mapping[RunKey, Reason]) -> None:
        self.explained.update(reasons)

    def close(self) -> None: ...


@dataclass
class FakeHistory:
    """An open history of a past; None: it is not readable yet."""

    past: ListPast | None = None
    recorder: FakeRecorder = field(default_factory=FakeRecorder)
    notice: str = ""

    def claim(self, threads: Iterable[str]) -> bool:
        return not list(threads)

    def close(self) -> None: ...


def reader_of(past: ListPast | None = None, services: Any = None) -> PastReader:
    """Return what reads this past for screens, with the works of fake `services`; without a past, nothing is remembered."""
    reader = PastReader(services)
    reader.connect(None if past is None else FakeHistory(past))
    return reader
