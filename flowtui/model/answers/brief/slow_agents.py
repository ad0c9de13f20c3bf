"""Agents whose runs took, or waited, longer than usual. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from flowtui.model.answers.brief.bursts import LEVEL
from flowtui.model.answers.brief.chance import at_least
from flowtui.model.answers.brief.inputs import BriefInput
from flowtui.model.answers.brief.sentence import SLOW, WAITED, Kind, Sentence
from flowtui.model.run.row import COMPLETED, TERMINAL, Run, RunKey, getter
from flowtui.model.stats.usual_times import DurationStats, median

_FEWEST: Final = 8  # runs of an agent that are too few to say that it is slow
_SHARE: Final = 0.15  # of the runs must be longer than 19 of 20 usually are
_LONGER: Final = 1.5  # times the usual median
_UNSURE: Final = 2.0  # the share above the limit may be twice as high, as the limit is an estimate
_LEAST: Final = 2.0  # seconds: a shorter time is not worth a word
_READ: Final = getter("agent_id", "status_class", "created", "started", "completed")


class _Slow(NamedTuple):
    agent_id: str
    longer: int
    runs: int
    median: float
    usual: DurationStats


def slow_sentences(data: BriefInput) -> list[Sentence]:
    """Return a sentence about agents whose runs took longer than usual; if there are none, about those that waited longer."""
    took: defaultdict[str, list[float]] = defaultdict(list)
    waited: defaultdict[str, list[float]] = defaultdict(list)
    for agent, status_class, created, started, completed in map(_READ, data.runs):
        if started is None or status_class not in TERMINAL:
            continue
        if status_class == COMPLETED and completed is not None and completed >= started:
            took[agent].append(completed - started)
        if created is not None and started >= created:
            waited[agent].append(started - created)
    if found := _slow(took, data.times.durations):
        return [_sentence(data, SLOW, found)]
    if found := _slow(waited, data.times.waits):
        return [_sentence(data, WAITED, found)]
    return []


def _slow(times: Mapping[str, list[float]], usual: Mapping[str, DurationStats]) -> list[_Slow]:
    found = []
    for agent, timed in times.items():
        own = usual.get(agent)
        if own is None or len(timed) < _FEWEST:
            continue
        longer = sum(seconds > own.slow for seconds in timed)
        if longer < _SHARE * len(timed):
            continue
        middle = median(sorted(timed))
        if middle >= max(_LONGER * own.median, own.median + _LEAST) and at_least(
            longer, len(timed), 0.05 * _UNSURE
        ) < LEVEL / len(times):
            found.append(_Slow(agent, longer, len(timed), middle, own))
    return sorted(found, key=lambda one: (-one.longer, one.agent_id))


def _sentence(data: BriefInput, kind: Kind, found: Iterable[_Slow]) -> Sentence:
    """Return the sentence: its agents are all of them, its numbers those of the agent with the most long runs."""
    slow = list(found)
    first = slow[0]
    return Sentence(
        kind=kind,
        since=data.since,
        until=None,
        agents=tuple(data.name(one.agent_id) for one in slow),
        agent_ids=tuple(one.agent_id for one in slow),
        count=first.longer,
        runs=first.runs,
        median=first.median,
        usual=first.usual.median,
        limit=first.usual.slow,
        keys=_keys(data, kind, first),
    )


def _keys(data: BriefInput, kind: Kind, slow: _Slow) -> tuple[RunKey, ...]:
    """Return the keys of an agent's long runs, in the order of their ends."""
    read = Run.duration if kind == SLOW else Run.wait
    return tuple(
        run.key
        for _, run in data.ended
        if run.agent_id == slow.agent_id
        and (kind == WAITED or run.status_class == COMPLETED)
        and (read(run, data.now) or 0.0) > slow.usual.slow
    )
