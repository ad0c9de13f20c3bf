"""Judges claims about single runs: each cell of each row in the table, and the opened run."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.oracle.api import Api, Fact
from benchmarks.oracle.claim import SLACK, TICK, Claim, Moment
from benchmarks.oracle.seen import UNITS, Opened, Row, Seen, clock_span, number, span


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
    yield from _age("age", row.cells.get("AGE", ""), row, *since_created)
    if row.status == "queued":
        yield from _age("wait", row.cells.get("WAIT", ""), row, *since_created)
    elif fact.started is not None:
        waited = fact.started - fact.created
        yield from _age("wait", row.cells.get("WAIT", ""), row, waited - SLACK, waited + SLACK)
    if "TIME" in row.cells:
        yield from _time(row, fact, moment)
    if "TOKENS" in row.cells:
        yield from _tokens(row, fact, api, moment)


def _age(kind: str, text: str, row: Row, least: float, most: float) -> Iterator[Claim]:
    """Yield a claim where a time such as `9m`, cut to its largest unit, is not between `least` and `most` seconds."""
    said = span(text)
    if said is not None and not (said + UNITS[text[-1]] > least and said <= most):
        yield Claim(kind, row.id, text, f"{least:.0f}s to {most:.0f}s")


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
    elif opened.running is not None and fact.started is not None:
        least, most = moment.first - fact.started - TICK - SLACK, moment.last - fact.started + SLACK
        if not least - 1.0 <= opened.running <= most:
            yield Claim("opened", opened.id, f"running {opened.running}s", f"{least:.0f}s to {most:.0f}s")
    elif (
        opened.took is not None and fact.started is not None and opened.took != int(fact.ended - fact.started)
    ):
        yield Claim("opened", opened.id, f"took {opened.took}s", f"{fact.ended - fact.started:.1f}s")
