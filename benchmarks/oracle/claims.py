"""Judges one look at the screen: a claim is wrong where it contradicts all that the API said in the time allowed for it.

Allowed are the interval that is promised and `GRACE` seconds: 2 s, or what the head says (`every 4s`), for what moves,
`checked every N` for threads that rest. No claim is judged while the server fails, but those about that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks.oracle.api import Api, Fact
from benchmarks.oracle.filters import FILTERS, only
from benchmarks.oracle.order import disorder
from benchmarks.oracle.seen import UNITS, Listed, Opened, Row, Seen, clock_span, number, span

GRACE = 2.0
"""Seconds beyond the promised interval."""

_INTERVAL = 2.0  # seconds between looks at what moves, unless the head says another
_RESTING = 30.0  # the same for what rests, unless the list of threads says another
_RECOVERY = 30.0  # seconds from the end of a trouble until nothing of it may be left on the screen
_NOTICE = 30.0  # seconds from its start until the head must tell of it
_PROBE = 75.0  # seconds from the end of a trouble until the server must have been asked again
_TICK = 1.0  # seconds between two paints of what time alone changes
_SLACK = 0.5  # seconds that a paint and its way to us may take
_ALL = frozenset({"Runs", "all threads", "active only", "problems only", "paused"})


class Claim(NamedTuple):
    """Something on the screen that is not so: `kind` and `subject` name it, `said` is the screen's word, `truth` ours."""

    kind: str
    subject: str
    said: str
    truth: str


class Moment(NamedTuple):
    """When the screen was drawn, between two epoch seconds, and how far back what it says may lie."""

    first: float
    last: float
    moving: float
    resting: float


def judge(seen: Seen, api: Api, drawn: tuple[float, float]) -> list[Claim]:
    """Return the claims of a screen that are wrong. `drawn` is when it was drawn, between two epoch seconds."""
    first, last = drawn
    moving = (seen.stretched or _INTERVAL) + GRACE
    resting = max(moving, (seen.checked or _RESTING) + GRACE)
    moment = Moment(first, last, moving, resting)
    claims = list(_freshness(seen, api, moment))
    if api.calm_for(first) < _RECOVERY:
        return claims
    facts = {fact.id: fact for fact in api.facts(last)}
    by_thread: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts.values():
        by_thread[fact.thread].append(fact)
    claims += _head(seen, list(facts.values()), moment)
    claims += _list(seen, api, by_thread, moment)
    claims += _rows(seen, api, facts, moment)
    if seen.table is not None:
        claims += _filtered(seen, api, facts, moment)
        if not seen.table.waits and "paused" not in seen.table.title:
            claims += [Claim("order", *wrong) for wrong in disorder(seen.table)]
    if seen.opened is not None and seen.opened.id in facts:
        claims += _opened(seen.opened, facts[seen.opened.id], moment)
    return claims


# -- how fresh it is -------------------------------------------------------------------------------------------------


def _freshness(seen: Seen, api: Api, moment: Moment) -> Iterator[Claim]:
    now = moment.last
    calm = api.calm_for(moment.first)
    bad = ("late", "stale", "lost", "refused")
    if calm > _RECOVERY:
        answered = f"the server has answered everything for {min(calm, now - api.begin):.0f}s"
        if seen.health in bad:
            yield Claim("health", "head", seen.health, answered)
        if seen.server:
            yield Claim("health", "server", f"server {seen.server}", answered)
        for line in seen.threads:
            if line.word in bad:
                yield Claim("health", line.name, line.word, f"{answered}; {_looked(api, line.name, now)}")
        yield from _promises(seen, api, moment)
    elif api.unasked_for(moment.first) > _PROBE:
        yield Claim(
            "recovery",
            "head",
            seen.health,
            f"the server is well again for {api.unasked_for(now):.0f}s, and not asked",
        )
    elif api.troubled_for(moment.first) > _NOTICE and seen.health == "live" and not seen.server:
        yield Claim("health", "head", "live", f"nothing was answered for {api.troubled_for(now):.0f}s")


def _promises(seen: Seen, api: Api, moment: Moment) -> Iterator[Claim]:
    """Yield threads of which the list says when they were seen, and it was not then, or not as often as promised."""
    for line in seen.threads:
        looked = api.looks.get(line.name)
        if looked is None:
            continue
        gap = moment.first - looked
        if line.word == "seen" and line.since is not None:
            unit = next(unit for unit in (86400, 3600, 60, 1) if line.since >= unit or unit == 1)
            if not line.since - GRACE - _TICK <= gap < line.since + unit + GRACE + _TICK:
                yield Claim(
                    "seen", line.name, f"seen {line.since}s ago", _looked(api, line.name, moment.last)
                )
        if seen.checked is not None and not line.word and gap > seen.checked + GRACE:
            said = f"checked every {seen.checked:.0f}s"
            yield Claim("promise", line.name, said, _looked(api, line.name, moment.last))


def _looked(api: Api, thread: str, now: float) -> str:
    looked = api.looks.get(thread)
    return (
        "its runs were never asked for"
        if looked is None
        else f"its runs were asked for {now - looked:.0f}s ago"
    )


# -- numbers ---------------------------------------------------------------------------------------------------------


def _head(seen: Seen, facts: list[Fact], moment: Moment) -> Iterator[Claim]:
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


def _list(seen: Seen, api: Api, facts: dict[str, list[Fact]], moment: Moment) -> Iterator[Claim]:
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
        if line.active and not line.locked and not line.word:
            yield Claim(
                "lock", line.name, f"{line.active} active and no lock", "the two contradict each other"
            )


def _line_counts(line: Listed, own: list[Fact], moment: Moment) -> Iterator[Claim]:
    for name, said, count in (("active", line.active, _count_active), ("failed", line.failed, _count_failed)):
        least, most = count(own, moment)
        if said is not None and not least <= said <= most:
            yield Claim("count", f"{line.name} {name}", f"{said} {name}", f"{least} to {most}")


# -- rows ------------------------------------------------------------------------------------------------------------


def _rows(seen: Seen, api: Api, facts: dict[str, Fact], moment: Moment) -> Iterator[Claim]:
    for row in seen.table.rows if seen.table is not None else ():
        fact = facts.get(row.id)
        if fact is None:
            yield Claim("run", row.id, "a row", "there is no such run")
        elif row.status != "cancelling":
            yield from _row(row, fact, api, moment)


def _row(row: Row, fact: Fact, api: Api, moment: Moment) -> Iterator[Claim]:
    since = moment.first - moment.moving
    truth = fact.statuses(since, moment.last)
    if row.status not in truth:
        ended = "" if fact.ended > moment.last else f" for {moment.last - fact.ended:.0f}s"
        yield Claim("status", row.id, row.status, f"{' or '.join(sorted(truth)) or 'not there'}{ended}")
        return  # the rest of the row follows from it
    if (said := span(row.cells.get("AGE"))) is not None:
        unit = UNITS[row.cells["AGE"][-1]]
        least, most = moment.first - fact.created - _TICK - _SLACK, moment.last - fact.created + _SLACK
        if not (said + unit > least and said <= most + _TICK):
            yield Claim("age", row.id, row.cells["AGE"], f"{least:.0f}s to {most:.0f}s")
    if "TIME" in row.cells:
        yield from _time(row, fact, moment)
    if "TOKENS" in row.cells:
        yield from _tokens(row, fact, api, moment)


def _time(row: Row, fact: Fact, moment: Moment) -> Iterator[Claim]:
    said = clock_span(row.cells["TIME"])
    if fact.started is None or row.status == "queued":
        if said is not None:
            yield Claim("time", row.id, row.cells["TIME"], "it has not started")
        return
    taken = fact.ended - fact.started
    if row.status == "running":
        least, most = moment.first - fact.started - _TICK - _SLACK, moment.last - fact.started + _SLACK
    else:
        least = most = taken
    if said is None or not least - 1.0 <= said <= most + 0.01:
        yield Claim("time", row.id, row.cells["TIME"], f"{least:.0f}s to {most:.0f}s")


def _tokens(row: Row, fact: Fact, api: Api, moment: Moment) -> Iterator[Claim]:
    said = number(row.cells["TOKENS"])
    since = moment.first - moment.moving
    before = api.tokens(fact, max(since, fact.created))
    after = api.tokens(fact, moment.last)
    if said is None:
        wrong = before is not None or (after is not None and row.status not in ("running", "queued"))
    else:
        wrong = after is None or not (before or 0) <= said <= after
        wrong = wrong or (row.status not in ("running", "queued") and said != after)
    if wrong:
        yield Claim("tokens", row.id, row.cells["TOKENS"], f"{before} to {after}")


def _filtered(seen: Seen, api: Api, facts: dict[str, Fact], moment: Moment) -> Iterator[Claim]:
    """Yield rows that the filter does not show, and runs that it does and that are not there."""
    table = seen.table
    assert table is not None
    parts = [part.strip() for part in table.title.split("·")]
    words = table.filter
    test = FILTERS.get(words)
    if (words and test is None) or not all(_known(part) for part in parts):
        return  # a filter that is being typed, or one of a saved view, which stands for it
    which = only(table.title)
    chosen = next((part for part in parts if part.startswith("thr_")), None)

    def fits(fact: Fact, first: float, last: float) -> set[bool]:
        found = [which(fact, first, last)] if which is not None else []
        found += [test(fact, api, first, last)] if test is not None else []
        found += [{fact.thread == chosen}] if chosen is not None else []
        if any(answer == {False} for answer in found):
            return {False}
        return {True} if all(answer == {True} for answer in found) else {True, False}

    for row in table.rows:
        fact = facts.get(row.id)
        if (
            fact is not None
            and not row.leaves
            and fits(fact, moment.first - moment.moving, moment.last) == {False}
        ):
            yield Claim(
                "filter",
                row.id,
                f"shown in {table.title}",
                f"{row.status}: it does not fit, nor says `leaves`",
            )
    if not table.room or table.waits or "paused" in table.title:
        return
    shown = {row.id for row in table.rows}
    for fact in facts.values():
        if fact.created > moment.first - moment.resting or fact.id in shown:
            continue
        if fits(fact, moment.first - moment.resting, moment.last) == {True}:
            yield Claim(
                "missing", fact.id, f"not shown in {table.title}", "it fits, and there is room for it"
            )


def _known(part: str) -> bool:
    """Whether we know what a part of the table's title leaves in sight."""
    return part in _ALL or part.startswith(('"', "thr_", "since "))


def _opened(opened: Opened, fact: Fact, moment: Moment) -> Iterator[Claim]:
    truth = fact.statuses(moment.first - moment.moving, moment.last)
    if opened.status not in truth:
        yield Claim("opened", opened.id, opened.status, " or ".join(sorted(truth)))
    elif opened.running is not None and fact.started is not None:
        least, most = moment.first - fact.started - _TICK - _SLACK, moment.last - fact.started + _SLACK
        if not least - 1.0 <= opened.running <= most:
            yield Claim("opened", opened.id, f"running {opened.running}s", f"{least:.0f}s to {most:.0f}s")
    elif (
        opened.took is not None and fact.started is not None and opened.took != int(fact.ended - fact.started)
    ):
        yield Claim("opened", opened.id, f"took {opened.took}s", f"{fact.ended - fact.started:.1f}s")
