"""Times on the command line: `10m` (ago), `now`, a time of day, a date, epoch seconds, or a mark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from flowtui.config.values.kinds import parse_duration
from flowtui.errors import UsageError
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.config.settings import Settings
    from flowtui.model.state.marks import Deployment, Mark

MARK: Final = "mark:"
_RELEASE: Final = "release"  # the column and the filter field that need the marks have this name
_EPOCH_FROM: Final = 1e9  # a smaller number is a duration in seconds; 1e9 s would be 31 years
_MILLIS_FROM: Final = 1e11  # a larger number is in milliseconds


def parse_moment(option: str, text: str, zone: tzinfo | None, now: float, *, future: str = "") -> float:
    """Return a time as UTC epoch seconds.

    `text` is `10m` (ago), `now`, HH:MM of the last 24 hours, an ISO 8601 time, or epoch seconds. A time without an
    offset is in `zone`; if that is None, in local time. If the time is in the future, the error has the hint `future`.

    Raises:
        UsageError: the text is none of these, or the time is in the future.
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
        # For a time without an offset in the local zone, timestamp() uses the offset of that day.
        return (moment if moment.tzinfo or zone is None else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option}: {safe_text(word)[:40]!r} is neither a duration nor a time",
            hint="Write 10m, 14:30 or 2026-11-24T14:30",
        ) from None


def _moment(text: str, here: datetime) -> datetime:
    """Return an ISO 8601 time as datetime; a time of day as the last such time before `here`. Both may have no offset."""
    try:
        clock = time.fromisoformat(text) if len(text) >= len("12:30") else None
    except ValueError:
        clock = None
    if clock is None:
        return datetime.fromisoformat(text)
    moment = datetime.combine(here.date(), clock)
    return moment if moment <= here.replace(tzinfo=None) else moment - timedelta(days=1)


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
