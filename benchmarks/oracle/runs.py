"""Judges claims about single runs: each cell of each row in the table, and the opened run."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.oracle.api import Api, Fact
from benchmarks.oracle.card import Opened
from benchmarks.oracle.claim import SLACK, TICK, Claim, Moment
from benchmarks.oracle.seen import Row, Seen
from benchmarks.oracle.values import UNITS, between, clock_span, number, span

_CLOCK_APART = (
    2.0  # seconds: flowtui knows the server's clock to about a second, and a time of day is cut to one
)
_DAY = 86_400.0


def judge_rows(seen: Seen, api: Api, facts: dict[str, Fact], moment: Moment) -> Iterator[Claim]:
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
        return  # the other cells depend on the status
    since_created = moment.first - fact.created - TICK - SLACK, moment.last - fact.created + SLACK
    yield from _age("age", row.cells.get("AGE", ""), row.id, *since_created)
    if row.status == "queued":
        yield from _age("wait", row.cells.get("WAIT", ""), row.id, *since_created)
    elif fact.started is not None:
        waited = fact.started - fact.created
        yield from _age("wait", row.cells.get("WAIT", ""), row.id, waited - SLACK, waited + SLACK)
    if "TIME" in row.cells:
        yield from _time(row, fact, moment)
    if "TOKENS" in row.cells:
        yield from _tokens(row, fact, api, moment)


def _age(kind: str, text: str, subject: str, least: float, most: float) -> Iterator[Claim]:
    """Yield a claim where a time such as `9m`, cut to its largest unit, is not between `least` and `most` seconds."""
    said = span(text)
    if said is not None and not (said + UNITS[text[-1]] > least and said <= most):
        yield Claim(kind, subject, text, f"{least:.0f}s to {most:.0f}s")


def _time(row: Row, fact: Fact, moment: Moment) -> Iterator[Claim]:
    said = clock_span(row.cells["TIME"])
    if fact.started is None or row.status == "queued":
        if said is not None:
            yield Claim("time", row.id, row.cells["TIME"], "it has not started")
        return
    taken = fact.ended - fact.started
    if row.status == "running":
        least, most = moment.first - fact.started - TICK - SLACK, moment.last - fact.started + SLACK
    else:
        least = most = taken
    if said is None or not least - 1.0 <= said <= most + 0.01:
        yield Claim("time", row.id, row.cells["TIME"], f"{least:.0f}s to {most:.0f}s")


def _tokens(row: Row, fact: Fact, api: Api, moment: Moment) -> Iterator[Claim]:
    said = number(row.cells["TOKENS"])
    since = moment.first - moment.moving
    before = api.tokens(fact, max(since, fact.created))
    after = api.tokens(fact, moment.last)
    if before is None and said is not None and row.cells["TOKENS"].endswith("+"):
        # Spans of a run that was stopped may count more than the usage that it reports in the end.
        most = max(api.span_tokens(fact, moment.last), after or 0)
        if not 0 < said <= most:
            yield Claim("tokens", row.id, row.cells["TOKENS"], f"at most {most} in spans and usage")
        return
    if said is None:
        wrong = before is not None or (after is not None and row.status not in ("running", "queued"))
    else:
        wrong = after is None or not (before or 0) <= said <= after
        wrong = wrong or (row.status not in ("running", "queued") and said != after)
    if wrong:
        yield Claim("tokens", row.id, row.cells["TOKENS"], f"{before} to {after}")


def judge_opened(opened: Opened, fact: Fact, moment: Moment) -> Iterator[Claim]:
    truth = fact.statuses(moment.first - moment.moving, moment.last)
    if opened.status not in truth:
        yield Claim("opened", opened.id, opened.status, " or ".join(sorted(truth)))
        return
    begin = fact.created if opened.status == "queued" else fact.started
    if opened.status in ("queued", "running"):
        at, until = begin, (moment.first - TICK - SLACK, moment.last + SLACK)
    else:
        at, until = fact.ended, (fact.ended, fact.ended)
        least = moment.first - fact.ended - TICK - SLACK
        most = (
            moment.last - fact.ended + 1.0 + SLACK
        )  # it is the difference of two clocks that show whole seconds
        yield from _age("opened", opened.ago, opened.id, least, most)
    if begin is not None and (said := between(opened.lasted)) is not None:
        least, most = (end - begin for end in until)
        if not (said[0] <= most and least < said[1]):
            yield Claim(
                "opened", opened.id, f"{opened.status} {opened.lasted}", f"{least:.1f}s to {most:.1f}s"
            )
    elif opened.lasted and (begin is None) != (opened.lasted == "before it started"):
        yield Claim("opened", opened.id, opened.lasted, "it has started" if begin else "it has not started")
    yield from _clock(opened, at)


def _clock(opened: Opened, at: float | None) -> Iterator[Claim]:
    """Yield a claim where the time of day of an opened run is not that of `at` (epoch seconds)."""
    said = opened.ended if opened.since is None else opened.since
    if said is None or at is None:
        return
    apart = (said - at + _DAY / 2) % _DAY - _DAY / 2
    if abs(apart) > _CLOCK_APART:
        yield Claim(
            "opened", opened.id, "a time of day", f"{abs(apart):.0f}s {'later' if apart < 0 else 'earlier'}"
        )


def judge_standing(seen: Seen, facts: dict[str, Fact], answered: float) -> Iterator[Claim]:
    """Yield active runs whose own time goes on, though the header says that all data is old. `answered`: until when."""
    if not (seen.server and seen.old):
        return
    shown = [
        (row.id, row.status, row.cells.get("WAIT" if row.status == "queued" else "TIME", ""))
        for row in (seen.table.rows if seen.table is not None else ())
    ]
    if seen.opened is not None:
        shown.append((seen.opened.id, seen.opened.status, seen.opened.lasted))
    for name, status, text in shown:
        fact, said = facts.get(name), between(text)
        if fact is None or said is None or status not in ("queued", "running"):
            continue
        begin = fact.created if status == "queued" else fact.started
        if begin is not None and said[0] > answered - begin + TICK + SLACK:
            most = f"at most {answered - begin:.0f}s, as nothing was answered since"
            yield Claim("standing", name, f"{status} {text}", most)
