"""Judges the freshness that the screen shows against the requests that the server answered."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.oracle.api import Api
from benchmarks.oracle.claim import GRACE, RECOVERY, TICK, Claim, Moment
from benchmarks.oracle.seen import Seen
from benchmarks.oracle.values import UNITS, span

_NOTICE = 30.0  # seconds from the start of an outage until the header must show it
_PROBE = 75.0  # seconds from its end until there must be another request
_BAD = ("late", "stale", "lost", "refused", "no answer")
_APART = (
    GRACE + TICK
)  # seconds by which an age may differ from the time of the last answer that this process noted


def judge_freshness(seen: Seen, api: Api, moment: Moment) -> Iterator[Claim]:
    now = moment.last
    calm = api.calm_for(moment.first)
    if calm > RECOVERY:
        answered = f"the server has answered everything for {min(calm, now - api.begin):.0f}s"
        if seen.health in _BAD:
            yield Claim("health", "head", seen.health, answered)
        if seen.server:
            yield Claim("health", "server", f"server {seen.server}", answered)
        for line in seen.threads:
            if line.word in _BAD:
                yield Claim("health", line.name, line.word, f"{answered}; {_looked(api, line.name, now)}")
        yield from _promises(seen, api, moment)
        yield from _ages(seen, api, moment)
    elif api.without_request_for(moment.first) > _PROBE:
        yield Claim(
            "recovery",
            "head",
            seen.health,
            f"the server has answered again for {api.without_request_for(now):.0f}s, without a request",
        )
    elif api.failing:
        yield from _ages(seen, api, moment)
        if api.failing_for(moment.first) > _NOTICE and not seen.server and seen.health not in _BAD:
            said = seen.health or "no health"
            yield Claim("health", "head", said, f"nothing was answered for {api.failing_for(now):.0f}s")


def _promises(seen: Seen, api: Api, moment: Moment) -> Iterator[Claim]:
    """Yield threads that are read less often than the screen promises."""
    for line in seen.threads:
        looked = api.last_read.get(line.name)
        if looked is None or seen.checked is None or line.word or line.age:
            continue
        if moment.first - looked > seen.checked + GRACE:
            said = f"read again within {seen.checked:.0f}s"
            yield Claim("promise", line.name, said, _looked(api, line.name, moment.last))


def _ages(seen: Seen, api: Api, moment: Moment) -> Iterator[Claim]:
    """Yield ages of data, of one thread or of all in the header, that the last answers contradict."""
    for line in seen.threads:
        looked = api.last_read.get(line.name)
        if looked is not None and not _is_age(line.age, moment.first - looked):
            said = f"{line.word} {line.age}".strip()
            yield Claim("seen", line.name, said, _looked(api, line.name, moment.last))
    if api.last_read:
        oldest = moment.first - min(api.last_read.values())
        if not _is_age(seen.old, oldest):
            truth = f"a thread was last read {oldest:.0f}s ago"
            yield Claim("seen", "head", f"data {seen.old} old", truth)


def _is_age(text: str, seconds: float) -> bool:
    """Return whether an age, cut to its largest unit, may be of so many seconds; also if none is shown."""
    said = span(text)
    return said is None or said - _APART <= seconds < said + UNITS[text[-1]] + _APART


def _looked(api: Api, thread: str, now: float) -> str:
    looked = api.last_read.get(thread)
    return (
        "its runs were never asked for"
        if looked is None
        else f"its runs were asked for {now - looked:.0f}s ago"
    )
