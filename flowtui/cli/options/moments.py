"""Moments on the command line: `10m` ago, `now`, a time, epoch seconds, and marks, which are names for moments."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from flowtui.config.values.kinds import parse_duration
from flowtui.errors import UsageError
from flowtui.text import safe_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowtui.config.settings import Settings
    from flowtui.model.state.marks import Deployment, Mark

MARK: Final = "mark:"
_RELEASE: Final = "release"  # the column and field that marks make
_EPOCH_FROM: Final = 1e9  # as a duration it would be thirty years
_MILLIS_FROM: Final = 1e11


def parse_moment(option: str, text: str, zone: tzinfo | None, now: float, *, future: str = "") -> float:
    """Return UTC epoch seconds of `10m` (ago), `now`, an ISO 8601 time, HH:MM of the last 24 hours, or epoch seconds.

    Naive times are in `zone`. `future` is the hint for one that has not come yet.

    Raises:
        UsageError: it is none of those, or lies in the future.
    """
    word = text.strip()
    if word.lower() == "now":
        return now
    at = _epoch(word)
    if at is None:
        try:
            return now - parse_duration(word)
        except ValueError:
            pass
        at = _time(option, word, zone, now)
    if at > now:
        raise UsageError(f"{option}: {safe_text(text)[:40]!r} is in the future", hint=future)
    return at


def _epoch(word: str) -> float | None:
    if not (word.isascii() and word.replace(".", "", 1).isdigit() and len(word) <= 24):
        return None
    number = float(word)
    if number < _EPOCH_FROM:
        return None
    return number / 1000 if number >= _MILLIS_FROM else number


def _time(option: str, word: str, zone: tzinfo | None, now: float) -> float:
    here = datetime.fromtimestamp(now, UTC).astimezone(zone)
    try:
        moment = _moment(word, here)
        # For the local zone astimezone knows the offset of any day; the one of `here` is only today's.
        return (moment if moment.tzinfo or zone is None else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option}: {safe_text(word)[:40]!r} is no duration and no time",
            hint="Write 10m, 14:30 or 2026-11-24T14:30",
        ) from None


def _moment(text: str, here: datetime) -> datetime:
    """Return the moment that a time means; a naive one has the zone's offset on its own day, not today's."""
    try:
        clock = time.fromisoformat(text) if len(text) >= len("12:30") else None
    except ValueError:
        clock = None
    if clock is None:
        return datetime.fromisoformat(text)
    moment = datetime.combine(here.date(), clock)
    return moment if moment <= here.replace(tzinfo=None) else moment - timedelta(days=1)


def releases(settings: Settings, *words: str | None) -> Sequence[Mark]:
    """Return the marks for this server where one of these words asks for `release`, the newest last; else none.

    Raises:
        ConfigError: the marks cannot be read.
    """
    if not any(_RELEASE in word for word in words if word):
        return ()
    from flowtui.config.memory.marks import owner_of, read_marks  # noqa: PLC0415  few commands need it
    from flowtui.model.state.marks import Mark  # noqa: PLC0415

    return tuple(Mark(mark.at, safe_text(mark.name)) for mark in read_marks(owner_of(settings)).values())


def marked(option: str, name: str, settings: Settings, now: float) -> float:
    """Return when a mark for this server is, UTC epoch seconds.

    Raises:
        UsageError: there is none of this name; names the nearest, or the address that one was made for. Or it lies
            in the future.
        ConfigError: the marks cannot be read.
    """
    from flowtui.config.memory.marks import made_elsewhere, owner_of, read_marks  # noqa: PLC0415  few commands need it

    owner = owner_of(settings)
    marks = read_marks(owner)
    if name not in marks:
        of_profile = "" if owner.profile == "default" else f" in profile {safe_text(owner.profile)}"
        raise UsageError(
            f"{option}: there is no mark {safe_text(name)[:40]!r} for {safe_text(owner.address)}{of_profile}",
            hint=made_elsewhere(owner, name)
            or _nearest(name, marks, "Set one with `flowtui mark NAME` when you deploy"),
        )
    return not_ahead(option, f"mark {name}", marks[name].at, now)


def deployed(option: str, name: str, deployments: list[Deployment], now: float) -> float:
    """Return when an agent, by its id or name, was deployed last, UTC epoch seconds.

    Raises:
        UsageError: there is no such agent or more than one, or it lies in the future.
    """
    from flowtui.model.state.marks import deployments_of  # noqa: PLC0415  few commands need it

    found = deployments_of(safe_text(name), deployments)
    shown = safe_text(name)[:40]
    if not found:
        words = [each.word for each in deployments]
        raise UsageError(
            f"{option}: no agent {shown!r} was deployed", hint=_nearest(name, words, "See `flowtui marks`")
        )
    if len(found) > 1:
        ids = ", ".join(each.agent_id for each in found[:5])
        raise UsageError(
            f"{option}: {len(found)} agents are called {shown!r}", hint=f"Name one by its id: {ids}"
        )
    return not_ahead(option, f"the deployment of {found[0].word}", found[0].at, now)


def not_ahead(option: str, what: str, at: float, now: float) -> float:
    """Return `at`. Raises UsageError where it has not come yet: nothing can be compared with what is to come."""
    if at > now:
        raise UsageError(
            f"{option}: {safe_text(what)[:60]} is in the future",
            hint="Is a clock wrong? `flowtui doctor` compares it; `flowtui mark` without --at marks now",
        )
    return at


def _nearest(name: str, there: Iterable[str], otherwise: str) -> str:
    names = [safe_text(each) for each in there]
    near = get_close_matches(safe_text(name), names, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    return f"There are {', '.join(names[-5:])}" if names else otherwise
