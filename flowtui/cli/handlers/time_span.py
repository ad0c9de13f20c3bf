"""The span of time of `--since` and `--until` for commands that ask once."""

from __future__ import annotations

from flowtui.cli.options.moments import OF_AGENT, check_span, parse_time, time_of_deployment
from flowtui.config.settings import Settings
from flowtui.headless.mark import ask_deployments
from flowtui.headless.one_shot import TimeSpan
from flowtui.headless.retry import Requester
from flowtui.source.http.client import Client

_CLOCK_TOLERANCE = 2.0  # seconds; a server may date a deployment slightly later than its own clock


def parse_span(since: str, until: str | None, settings: Settings, now: float) -> TimeSpan | None:
    """Return a span of time; None if it has a time that only the server knows (`mark:agent:NAME`).

    Raises:
        UsageError: see `parse_time`.
        ConfigError: the marks cannot be read.
    """
    begin = parse_time("--since", since, settings, now)
    if begin is None:
        return None
    if until is None:
        return TimeSpan(begin)
    end = parse_time("--until", until, settings, now, since=begin)
    return None if end is None else _span(begin, end, now)


async def ask_span(
    source: Client, requester: Requester, since: str, until: str | None, settings: Settings
) -> TimeSpan:
    """Return a span of time, for which it asks the server when agents were deployed.

    Raises:
        UsageError: see `parse_time` and `time_of_deployment`.
        ConfigError: the marks cannot be read.
        ApiError: the server did not answer.
    """
    found = await ask_deployments(source, requester)
    if found.error is not None:
        raise found.error
    now = requester.now + _CLOCK_TOLERANCE

    def deployed(option: str, text: str) -> float:
        return time_of_deployment(option, text.strip().removeprefix(OF_AGENT), found.value, now)

    begin = parse_time("--since", since, settings, now)
    begin = deployed("--since", since) if begin is None else begin
    if until is None:
        return TimeSpan(begin)
    end = parse_time("--until", until, settings, now, since=begin)
    if end is None:
        end = check_span("--until", until, deployed("--until", until), begin)
    return _span(begin, end, now)


def _span(since: float, until: float, now: float) -> TimeSpan:
    """Return the span of time, without an end if that is in the future: everything up to now counts."""
    return TimeSpan(since, until if until < now else None)
