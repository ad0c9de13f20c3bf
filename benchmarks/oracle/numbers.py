"""Judges counts in the header, and counts and locks in the list of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.oracle.api import Api, Fact
from benchmarks.oracle.claim import Claim, Moment
from benchmarks.oracle.seen import Listed, Seen


def judge_head(seen: Seen, facts: list[Fact], moment: Moment) -> Iterator[Claim]:
    if seen.counts is None:
        return
    for name, said, count in zip(("active", "failed", "runs"), seen.counts, _COUNTED, strict=True):
        least, most = count(facts, moment)
        if not least <= said <= most:
            yield Claim("count", name, f"{said} {name}", f"{least} to {most}")


def _count_active(facts: list[Fact], moment: Moment) -> tuple[int, int]:
    least = sum(fact.created <= moment.first - moment.resting and fact.ended > moment.last for fact in facts)
    return least, sum(fact.ended > moment.first - moment.moving for fact in facts)


def _count_failed(facts: list[Fact], moment: Moment) -> tuple[int, int]:
    failed = [fact for fact in facts if fact.outcome == "failed" and fact.ended <= moment.last]
    least = sum(
        fact.ended <= moment.first - moment.moving and fact.created <= moment.first - moment.resting
        for fact in failed
    )
    return least, len(failed)


def _count_runs(facts: list[Fact], moment: Moment) -> tuple[int, int]:
    return sum(fact.created <= moment.first - moment.resting for fact in facts), len(facts)


_COUNTED: tuple[Callable[[list[Fact], Moment], tuple[int, int]], ...] = (
    _count_active,
    _count_failed,
    _count_runs,
)


def judge_list(seen: Seen, api: Api, facts: dict[str, list[Fact]], moment: Moment) -> Iterator[Claim]:
    for line in seen.threads:
        own = facts.get(line.name)
        if own is None or line.name == "all threads":
            continue
        yield from _line_counts(line, own, moment)
        allowed = moment.moving if line.locked else moment.resting
        truth = api.locked(own, moment.first - allowed, moment.last)
        if line.locked not in truth and not line.doubtful:
            said = "locked" if line.locked else "not locked"
            yield Claim("lock", line.name, said, "locked" if True in truth else "available")
        lately = api.locked(own, moment.first - moment.moving, moment.last)
        # The list of threads may already show that the run ended; its runs are read again within the interval.
        if line.active and not line.locked and not (line.word or line.age) and False not in lately:
            yield Claim("lock", line.name, f"{line.active} active and no lock", "locked all the time")


def _line_counts(line: Listed, own: list[Fact], moment: Moment) -> Iterator[Claim]:
    for name, said, count in (("active", line.active, _count_active), ("failed", line.failed, _count_failed)):
        least, most = count(own, moment)
        if said is not None and not least <= said <= most:
            yield Claim("count", f"{line.name} {name}", f"{said} {name}", f"{least} to {most}")
