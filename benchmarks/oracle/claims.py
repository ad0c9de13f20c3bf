"""Judges one screen: a claim is wrong where it contradicts everything the API said within the allowed time.

The allowed time is the promised interval and `GRACE` seconds. The interval is 2 s, or what the header shows
(`every 4s`), for active threads, and `read again within N` for quiet ones. During an outage only claims about freshness are
judged, and that the time of active runs stands still while the header says that the data is old.
"""

from __future__ import annotations

from collections import defaultdict

from benchmarks.oracle.api import Api, Fact
from benchmarks.oracle.claim import GRACE, INTERVAL, RECOVERY, RESTING, Claim, Moment
from benchmarks.oracle.filters import judge_filter
from benchmarks.oracle.freshness import judge_freshness
from benchmarks.oracle.numbers import judge_head, judge_list
from benchmarks.oracle.order import disorder
from benchmarks.oracle.runs import judge_opened, judge_rows, judge_standing
from benchmarks.oracle.seen import Seen


def judge(seen: Seen, api: Api, drawn: tuple[float, float]) -> list[Claim]:
    """Return the wrong claims of a screen. `drawn`: two epoch seconds between which it was drawn."""
    first, last = drawn
    moving = (seen.stretched or INTERVAL) + GRACE
    resting = max(moving, (seen.checked or RESTING) + GRACE)
    moment = Moment(first, last, moving, resting)
    claims = list(judge_freshness(seen, api, moment))
    facts = {fact.id: fact for fact in api.facts(last)}
    if api.failing:
        claims += judge_standing(seen, facts, api.outages[-1][0])
    if api.calm_for(first) < RECOVERY:
        return claims
    by_thread: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts.values():
        by_thread[fact.thread].append(fact)
    claims += judge_head(seen, list(facts.values()), moment)
    claims += judge_list(seen, api, by_thread, moment)
    claims += judge_rows(seen, api, facts, moment)
    if seen.table is not None:
        claims += judge_filter(seen.table, api, facts, moment)
        if not seen.table.waits and "paused" not in seen.table.title:
            claims += [Claim("order", *wrong) for wrong in disorder(seen.table)]
    if seen.opened is not None and seen.opened.id in facts:
        claims += judge_opened(seen.opened, facts[seen.opened.id], moment)
    return claims
