"""The checks of `flowtui doctor` on the server: address, key, TLS, latency, clock, and what the key can see.

Makes at most five requests, without retries, as the user wants to see failures; one more for each path of which the server
knows another form or version.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from flowtui import formatting
from flowtui.config.settings import Settings
from flowtui.config.values.kinds import is_loopback
from flowtui.errors import ApiError, ServerError
from flowtui.headless.doctor import FAIL, Check, fail, failed, ok, warn
from flowtui.model.run.json_body import parse_elements
from flowtui.source.clock import Clock, ServerClock
from flowtui.source.http.addresses import host_of
from flowtui.source.http.client import Client
from flowtui.source.http.reply import Reply
from flowtui.source.http.tls import Connection

_TIMES: Final = 3  # requests; the latency is their median
_PAGE: Final = 100
_SLOW: Final = 2.0  # seconds, the default interval: if answers take longer, every update is late
# seconds before the end of the certificate from which on there is a warning
_EXPIRES_SOON: Final = 14 * 86400.0
_FEW: Final = 5  # if the server says that so few requests are left, or fewer, this is a warning


async def server_checks(source: Client, settings: Settings, clock: Clock) -> list[Check]:
    """Make the requests and return the checks. A failed address check is the last; after a failed access check, only TLS is checked."""
    checks = [await _address(settings)]
    if checks[0].state == FAIL:
        return checks
    answers: list[Reply] = []
    errors: list[ApiError] = []
    server_clock = ServerClock()
    while len(answers) + len(errors) < _TIMES and not any(not isinstance(e, ServerError) for e in errors):
        try:
            answer = await source.threads(limit=1)
        except ApiError as error:
            errors.append(error)
            continue
        answers.append(answer)
        server_clock.learn(answer.server_time, clock.now(), answer.elapsed)
    access = _access(answers, errors)
    checks += [access, *_tls(source.connection, settings, clock.now())]
    if access.state == FAIL:
        return checks
    checks += [_latency(answers), _clock(server_clock)]
    checks += await asyncio.gather(_agents(source, settings), _threads(source))
    return [*checks, *_announced(source.announced), _limits(answers[-1].remaining, settings)]


async def _address(settings: Settings) -> Check:
    host = host_of(settings.base_url)
    if settings.proxy is not None and (is_loopback(settings.proxy) or not is_loopback(settings.base_url)):
        return ok("address", f"{host}, through the proxy (from {settings.sources.get('proxy')})")
    parts = urlsplit(settings.base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(settings.request_timeout):
            found = await asyncio.get_running_loop().getaddrinfo(
                parts.hostname, port, type=socket.SOCK_STREAM
            )
    except (OSError, UnicodeError):
        return fail("address", f"there is no host {host}", "Check the base URL, and the network's DNS")
    except TimeoutError:
        return fail("address", f"the look-up of {host} timed out", "Check the network's DNS")
    places = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    return ok("address", f"{host} is {', '.join(places[:3])}")


def _access(answers: Sequence[Reply], errors: Sequence[ApiError]) -> Check:
    if not answers:
        return failed("access", errors[0])
    unread = next((error for answer in answers if (error := parse_elements(answer.body).error)), None)
    if unread is not None:
        detail = f"the server sent {unread}"
        return fail("access", detail, "Check that the base URL is the API's")
    if errors:
        detail = f"the key is accepted, but {len(errors)} of {_TIMES} requests failed: {errors[0].message}"
        return warn("access", detail, errors[0].hint)
    return ok("access", "the key is accepted")


def _tls(connection: Connection | None, settings: Settings, now: float) -> list[Check]:
    if settings.base_url.startswith("http:"):
        if is_loopback(settings.base_url):
            return [ok("tls", "plain http on loopback")]
        return [warn("tls", "plain http: everybody on the way sees the key", "Use https")]
    if connection is None:
        return []
    detail = f"{connection.tls}, to {connection.peer}"
    if connection.expires is None:
        return [ok("tls", detail)]
    left = connection.expires - now
    detail = f"{detail}, the certificate ends in {formatting.span(left)}"
    if left < _EXPIRES_SOON:
        return [warn("tls", detail, "Tell the operator of the server, or of the proxy before it")]
    return [ok("tls", detail)]


def _latency(answers: Sequence[Reply]) -> Check:
    seconds = median(answer.elapsed for answer in answers)
    many = f"median of {len(answers)} requests" if len(answers) > 1 else "1 request"
    detail = f"{seconds * 1000:.0f} ms ({many})"
    if seconds > _SLOW:
        return warn("latency", detail, "Check the network, or raise interval")
    return ok("latency", detail)


def _clock(server: ServerClock) -> Check:
    if not server.known:
        detail = "the server does not say its time: ages are by this machine's clock"
        return warn("clock", detail, "See that this machine's clock is right (NTP)")
    offset = server.offset
    if not offset:
        return ok("clock", "as the server's, to 2 s")
    way = "behind" if offset > 0 else "ahead of"
    detail = f"this machine is {formatting.span(abs(offset))} {way} the server"
    return warn("clock", detail, "Set this machine's clock (NTP); ages are corrected meanwhile")


async def _agents(source: Client, settings: Settings) -> Check:
    team = f"team {settings.team}" if settings.team else "no team set"
    cure = "Check the team (SEEKR_TEAM_ID, --team): it decides which agents are seen"
    try:
        found = parse_elements((await source.agents()).body)
    except ApiError as error:
        return warn("agents", error.message, error.hint or cure)
    if found.error is not None:
        return warn("agents", f"the server sent {found.error}", "Ids stand in for names")
    if not found.values:
        return warn("agents", f"none visible, {team}", cure)
    return ok("agents", f"{len(found.values)} visible at {source.agents_path}, {team}")


async def _threads(source: Client) -> Check:
    try:
        found = parse_elements((await source.threads(limit=_PAGE)).body)
    except ApiError as error:
        return failed("threads", error)
    if found.error is not None:
        cure = "Check that the base URL is the API's"
        return fail("threads", f"the server sent {found.error}", cure)
    if not found.values:
        return warn("threads", "none visible", "Threads belong to the owner of the key: is it the right key?")
    return ok("threads", f"{len(found.values)}{' or more' if len(found.values) >= _PAGE else ''} visible")


def _announced(texts: Sequence[str]) -> list[Check]:
    if not texts:
        return []
    cure = "Look for a newer version of flowtui before that date"
    return [warn("deprecation", f"the server announces {'; '.join(texts)}", cure)]


def _limits(remaining: int | None, settings: Settings) -> Check:
    budget = f"budget {settings.budget} requests in any minute"
    if remaining is None:
        return ok("limits", f"{budget}; the server names no limit")
    detail = f"{budget}; the server says {remaining} are left"
    if remaining <= _FEW:
        return warn("limits", detail, "Lower budget, or raise interval")
    return ok("limits", detail)
