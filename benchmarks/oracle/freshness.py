"""Judges the freshness that the screen shows against the requests that the server answered."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.oracle.api import Api
from benchmarks.oracle.claim import GRACE, RECOVERY, TICK, Claim, Moment
from benchmarks.oracle.seen import Seen

_NOTICE = 30.0  # seconds from the start of an outage until the header must show it
_PROBE = 75.0  # seconds from its end until there must be another request


def judge_freshness(seen: Seen, api: Api, moment: Moment) -> Iterator[Claim]:
    now = moment.last
    calm = api.calm_for(moment.first)
    bad = ("late", "stale", "lost", "refused")
    if calm > RECOVERY:
        answered = f"the server has answered everything for {min(calm, now - api.begin):.0f}s"
        if seen.health in bad:
            yield Claim("health", "head", seen.health, answered)
        if seen.server:
            yield Claim("health", "server", f"server {seen.server}", answered)
        for line in seen.threads:
            if line.word in bad:
                yield Claim("health", line.name, line.word, f"{answered}; {_looked(api, line.name, now)}")
        yield from _promises(seen, api, moment)
    elif api.without_request_for(moment.first) > _PROBE:
        yield Claim(
            "recovery",
            "head",
            seen.health,
            f"the server has answered again for {api.without_request_for(now):.0f}s, without a request",
        )
    elif api.failing_for(moment.first) > _NOTICE and seen.health == "live" and not seen.server:
        yield Claim("health", "head", "live", f"nothing was answered for {api.failing_for(now):.0f}s")


def _promises(seen: Seen, api: Api, moment: Moment) -> Iterator[Claim]:
    """Yield threads whose `seen` time is wrong, and threads that are read less often than the screen promises."""
    for line in seen.threads:
        looked = api.last_read.get(line.name)
        if looked is None:
            continue
        gap = moment.first - looked
        if line.word == "seen" and line.since is not None:
            unit = next(unit for unit in (86400, 3600, 60, 1) if line.since >= unit or unit == 1)
            if not line.since - GRACE - TICK <= gap < line.since + unit + GRACE + TICK:
                yield Claim(
                    "seen", line.name, f"seen {line.since}s ago", _looked(api, line.name, moment.last)
                )
        if seen.checked is not None and not line.word and gap > seen.checked + GRACE:
            said = f"read at least every {seen.checked:.0f}s"
            yield Claim("promise", line.name, said, _looked(api, line.name, moment.last))


def _looked(api: Api, thread: str, now: float) -> str:
    looked = api.last_read.get(thread)
    return (
        "its runs were never asked for"
        if looked is None
        else f"its runs were asked for {now - looked:.0f}s ago"
    )
