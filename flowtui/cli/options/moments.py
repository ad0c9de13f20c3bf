"""Times on the command line: `10m` (ago), `now`, `yesterday`, a time of day, a date, epoch seconds, or a mark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, tzinfo
from typing import TYPE_CHECKING, Final

from flowtui.cli.options.local_times import begin_of_day, first_after, latest, only_instant
from flowtui.config.memory.marks import AGENT
from flowtui.config.values.kinds import parse_duration
from flowtui.errors import UsageError
from flowtui.formatting import parse_zone
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.config.settings import Settings
    from flowtui.model.state.marks import Deployment, Mark

MARK: Final = "mark:"
OF_AGENT: Final = f"{MARK}{AGENT}"
"""With the name or id of an agent after it, the agent's last deployment."""
_RELEASE: Final = "release"  # the column and the filter field that need the marks have this name
_EPOCH_FROM: Final = 1e9  # a smaller number is a duration in seconds; 1e9 s would be 31 years
_MILLIS_FROM: Final = 1e11  # a larger number is in milliseconds


def parse_moment(option: str, text: str, zone: tzinfo | None, now: float, *, future: str = "") -> float:
    """Return a time as UTC epoch seconds.

    `text` is `10m` (ago), `now`, `yesterday` (its begin), HH:MM (the last such time), an ISO 8601 date or time, or epoch
    seconds. A time without an offset is in `zone`; if that is None, in local time. If the time is in the future, the error
    has the hint `future`.

    Raises:
        UsageError: the text is none of these, the time is in the future, or there is no or more than one such time
            because clocks change.
    """
    return _past(option, text, _moment(option, text.strip(), zone, now), now, future)


def parse_until(option: str, text: str, zone: tzinfo | None, now: float, *, since: float) -> float:
    """Return the end of a span of time that begins at `since`, as `parse_moment` does; HH:MM is the first after `since`.

    It may be in the future, as 07:00 is at night: then everything up to now counts.

    Raises:
        UsageError: as `parse_moment`, but for the future; or the time is not after `since`.
    """
    clock = _clock(text.strip())
    at = first_after(clock, since, zone) if clock is not None else _moment(option, text.strip(), zone, now)
    return check_span(option, text, at, since)


def check_span(option: str, text: str, until: float, since: float) -> float:
    """Return `until`. `text`: how the user wrote it. Raises UsageError if it is not after `since`."""
    if until <= since:
        raise UsageError(
            f"{option}: {safe_text(text)[:40]!r} is not after --since",
            hint="The time of --since comes first: --since 24h --until 1h",
        )
    return until


def _past(option: str, text: str, at: float, now: float, hint: str) -> float:
    if at > now:
        raise UsageError(f"{option}: {safe_text(text)[:40]!r} is in the future", hint=hint)
    return max(0.0, at)  # calendars do not reach as far back as durations


def _moment(option: str, word: str, zone: tzinfo | None, now: float) -> float:
    if word.lower() == "now":
        return now
    if word.lower() == "yesterday":
        return begin_of_day(1, now, zone)
    at = _epoch(word)
    if at is not None:
        return at
    try:
        return now - parse_duration(word)
    except ValueError:
        pass
    clock = _clock(word)
    if clock is not None:
        return latest(clock, now, zone)
    try:
        moment = datetime.fromisoformat(word)
        return only_instant(option, moment, zone) if moment.tzinfo is None else moment.timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"{option}: {safe_text(word)[:40]!r} is neither a duration nor a time",
            hint="Write 10m, 14:30, yesterday or 2026-11-24T14:30",
        ) from None


def _epoch(word: str) -> float | None:
    if not (word.isascii() and word.replace(".", "", 1).isdigit() and len(word) <= 24):
        return None
    number = float(word)
    if number < _EPOCH_FROM:
        return None
    return number / 1000 if number >= _MILLIS_FROM else number


def _clock(word: str) -> time | None:
    """Return a time of day such as `12:30`, `12:30:05` or `12:30+02:00`; None if the word is none."""
    try:
        return time.fromisoformat(word) if len(word) >= len("12:30") and ":" in word[:4] else None
    except ValueError:
        return None


def release_marks(settings: Settings, *words: str | None) -> Sequence[Mark]:
    """Return the marks for this server, the newest last. They are read only if one of `words` contains `release`; else ().

    `words` are the user's filters, columns and sorts; None for those not given.

    Raises:
        ConfigError: the marks cannot be read.
    """
    if not any(_RELEASE in word for word in words if word):
        return ()
    from flowtui.config.memory.marks import owner_of, read_marks  # noqa: PLC0415  only with marks
    from flowtui.model.state.marks import Mark  # noqa: PLC0415

    return tuple(Mark(mark.at, safe_text(mark.name)) for mark in read_marks(owner_of(settings)).values())


def parse_time(
    option: str, text: str, settings: Settings, now: float, *, since: float | None = None, future: str = ""
) -> float | None:
    """Return a time as UTC epoch seconds, which may also be written as `mark:NAME`. None for `mark:agent:NAME`.

    Only the server knows the time of `mark:agent:NAME`; see `time_of_deployment`. `since`: the begin of the span of time
    that ends with this one; None if it is no end.

    Raises:
        UsageError: see `parse_moment`, `parse_until` and `time_of_mark`.
        ConfigError: the marks cannot be read.
    """
    word = text.strip()
    if not word.startswith(MARK):
        zone = parse_zone(settings.tz)
        if since is not None:
            return parse_until(option, text, zone, now, since=since)
        return parse_moment(option, text, zone, now, future=future)
    if word.startswith(OF_AGENT):
        return None
    at = time_of_mark(option, word.removeprefix(MARK), settings, now)
    return at if since is None else check_span(option, text, at, since)


def time_of_mark(option: str, name: str, settings: Settings, now: float) -> float:
    """Return the time of the mark `name` for this server, in UTC epoch seconds.

    Raises:
        UsageError: no mark for this server has this name (the hint has a similar name, or another address that has
            such a mark), or its time is in the future.
        ConfigError: the marks cannot be read.
    """
    from flowtui.config.memory.marks import other_addresses_hint, owner_of, read_marks  # noqa: PLC0415  only with marks

    owner = owner_of(settings)
    marks = read_marks(owner)
    if name not in marks:
        of_profile = "" if owner.profile == "default" else f" in profile {safe_text(owner.profile)}"
        raise UsageError(
            f"{option}: there is no mark {safe_text(name)[:40]!r} for {safe_text(owner.address)}{of_profile}",
            hint=other_addresses_hint(owner, name)
            or _nearest(name, marks, "Set one with `flowtui mark NAME` when you deploy"),
        )
    return refuse_future(option, f"mark {name}", marks[name].at, now)


def time_of_deployment(option: str, name: str, deployments: list[Deployment], now: float) -> float:
    """Return when an agent was last deployed, in UTC epoch seconds. `name` is the agent's id or its name.

    Raises:
        UsageError: no agent or more than one has this name, or the time is in the future.
    """
    from flowtui.model.state.marks import deployments_of  # noqa: PLC0415  only with marks

    found = deployments_of(safe_text(name), deployments)
    shown = safe_text(name)[:40]
    if not found:
        words = [each.label for each in deployments]
        raise UsageError(
            f"{option}: no agent {shown!r} was deployed", hint=_nearest(name, words, "See `flowtui marks`")
        )
    if len(found) > 1:
        ids = ", ".join(each.agent_id for each in found[:5])
        raise UsageError(
            f"{option}: {len(found)} agents are called {shown!r}", hint=f"Name one by its id: {ids}"
        )
    return refuse_future(option, f"the deployment of {found[0].label}", found[0].at, now)


def refuse_future(option: str, what: str, at: float, now: float) -> float:
    """Return `at`, but raise UsageError if it is later than `now`. Both are UTC epoch seconds. `what`: the message names it."""
    if at > now:
        raise UsageError(
            f"{option}: {safe_text(what)[:60]} is in the future",
            hint="If a clock is wrong: `flowtui doctor` checks it, and `flowtui mark` without --at marks the present time",
        )
    return at


def _nearest(name: str, there: Iterable[str], otherwise: str) -> str:
    names = [safe_text(each) for each in there]
    if names:
        otherwise = f"There are {', '.join(names[-5:])}"
    return did_you_mean(safe_text(name), names, otherwise=otherwise)
