"""Sends notices to the webhook of the user, one after the other, with retries. Nobody waits for it.

The address of the webhook is a secret: it is in no message, log or repr. The API key is not sent: neither in a header, nor in
the address, nor in a body. No redirect is followed.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from flowtui import __version__
from flowtui.config.crash import exception_chain
from flowtui.errors import ConfigError, FlowtuiError
from flowtui.source.http.connections import http_client
from flowtui.source.http.headers import retry_after
from flowtui.source.http.webhook.body import webhook_body

if TYPE_CHECKING:
    import httpx

    from flowtui.config.files.plain_key import Secret
    from flowtui.config.settings import Settings

MOST_WAITING: Final = 100
"""Most notices that wait to be sent; further ones are dropped."""

PAUSES: Final = (1.0, 5.0, 30.0)
"""Seconds before the second, third and fourth try; each is shortened at random by up to a half."""

BETWEEN: Final = 1.0
"""Seconds between two notices: Slack takes one a second."""

LONGEST_PAUSE: Final = 120.0
"""Most seconds that the webhook may ask to wait with `Retry-After`."""

_HEADERS: Final = {"Content-Type": "application/json", "User-Agent": f"flowtui/{__version__}"}
_AGAIN: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


class Webhook:
    """Sends notices, after `run` was started.

    `load`: returns the address; blocks. `mask`: returns a text with `***` in place of the API key.
    `sleep`: waits for so many seconds. `chance`: returns a random number from 0 to 1.
    """

    def __init__(
        self,
        settings: Settings,
        load: Callable[[], Secret | None],
        mask: Callable[[str], str],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._settings, self._load, self._mask = settings, load, mask
        self._transport, self._sleep, self._chance = transport, sleep, chance
        self._waiting: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue(MOST_WAITING)
        self._sending = False

    @property
    def unsent(self) -> int:
        """How many notices wait, or are being sent. At the end of flowtui these are lost."""
        return self._waiting.qsize() + self._sending

    def __repr__(self) -> str:
        return "Webhook(***)"

    def put(self, notice: Mapping[str, Any]) -> bool:
        """Have a notice sent, given as its JSON object. False: too many wait, so it is dropped."""
        try:
            self._waiting.put_nowait(notice)
        except asyncio.QueueFull:
            return False
        return True

    async def run(self, report: Callable[[str], None]) -> None:
        """Send what was put, until this task is cancelled. `report` gets what went wrong for each notice, "" if it was sent.

        If the address cannot be used, that is reported, and nothing is sent.
        """
        try:
            address = await asyncio.to_thread(self._address)
            http: Any = await asyncio.to_thread(self._connect, address)
        except FlowtuiError as error:
            report(str(error))
            return
        try:
            while True:
                notice = await self._waiting.get()
                self._sending = True
                report(await self._deliver(http, address, notice))
                self._sending = False
                await self._sleep(BETWEEN)
        finally:
            await http.aclose()

    def _address(self) -> Secret:
        secret = self._load()
        if secret is None:
            raise ConfigError("The webhook has no address")
        if self._mask(secret.get_secret_value()) != secret.get_secret_value():
            raise ConfigError("The webhook's address holds the API key, so nothing is sent to it")
        return secret

    def _connect(self, address: Secret) -> httpx.AsyncClient:
        return http_client(self._settings, address.get_secret_value(), _HEADERS, 1, transport=self._transport)

    async def _deliver(self, http: Any, address: Secret, notice: Mapping[str, Any]) -> str:
        """Send a notice, up to four times; return what went wrong the last time, "" if it was sent."""
        host = urlsplit(address.get_secret_value()).hostname or ""
        body = self._mask(json.dumps(webhook_body(notice, host))).encode()
        wrong = ""
        for pause in (*PAUSES, None):
            wrong, again, asked = await self._post(http, address, body)
            if not again or pause is None:
                break
            await self._sleep(max(min(asked, LONGEST_PAUSE), pause * (1 - self._chance() / 2)))
        return wrong

    async def _post(self, http: Any, address: Secret, body: bytes) -> tuple[str, bool, float]:
        """Send a body once. Return what went wrong, whether to try again, and how many seconds the webhook asks to wait."""
        limit = self._settings.request_timeout
        try:
            async with (
                asyncio.timeout(limit),
                http.stream("POST", address.get_secret_value(), content=body) as response,
            ):
                status, asked = response.status_code, retry_after(response.headers, wall=time.time())
        except TimeoutError:
            return f"no answer within {limit:g} s", True, 0.0
        except Exception as error:  # noqa: BLE001  the text of httpx's errors may hold the address
            return _outage(error), True, 0.0
        if 200 <= status < 300:
            return "", False, 0.0
        if 300 <= status < 400:
            return f"it answers {status}, and no redirect is followed", False, 0.0
        return f"it answers {status}", status in _AGAIN or status >= 500, asked or 0.0


def _outage(error: BaseException) -> str:
    """Return why there was no answer, without the host."""
    links = list(exception_chain(error))
    if any(isinstance(link, ssl.SSLError) for link in links):
        return "no secure connection; ca_bundle names the certificates of your own authority"
    if any(isinstance(link, socket.gaierror) for link in links):
        return "its host is not known"
    if any(isinstance(link, ConnectionRefusedError) for link in links):
        return "its host refuses connections"
    return f"the connection failed ({type(error).__name__})"
