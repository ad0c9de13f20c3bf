"""HTTP client of the SeekrFlow API: each call returns a `Reply`, or raises an error that says what to do.

Only this module and `connections.py` import httpx. The key is sent to the base URL's host only: no redirect is followed elsewhere (see
`slash.py`), no netrc, no proxy but the configured one. No message, log or traceback shows the key: errors are raised without httpx's frames, whose locals hold the
request headers.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlencode

from flowtui import errors
from flowtui.errors import ApiError, TransportError
from flowtui.source.http import headers
from flowtui.source.http.addresses import host_of, path_segment
from flowtui.source.http.attach import Streams
from flowtui.source.http.bodies import BodyReader, read_all, surplus
from flowtui.source.http.call import Call, Deadline
from flowtui.source.http.concurrency import max_concurrent_polls
from flowtui.source.http.connect_errors import connect_failure
from flowtui.source.http.connections import LOCATION, http_client
from flowtui.source.http.import_guard import import_blocked
from flowtui.source.http.key_mask import HeaderKey
from flowtui.source.http.reply import Reply
from flowtui.source.http.request_log import RequestLog
from flowtui.source.http.second_request import in_a_form_that_works, newest_known
from flowtui.source.http.slash import PathForms
from flowtui.source.http.status_errors import MAX_ERROR_BODY, leave_open, status_error
from flowtui.source.http.tls import Connection, connection_of
from flowtui.text import safe_text, shorten

with import_blocked("httpx._main"):
    import httpx

if TYPE_CHECKING:
    from flowtui.config.files.plain_key import Secret
    from flowtui.config.settings import Settings

_AGENTS = ("/v2/flow/agents/", "/v1/flow/agents/")
_JSON = {"Content-Type": "application/json"}
_MAX_SHOWN = 160
_NEVER_SENT = (httpx.ConnectError, httpx.ProxyError)


class Client:
    """The calls of the API: all of them only read, except `cancel`. An async context manager with one connection pool.

    The pool has 5 connections, up to 17 if the budget is 1,000 requests a minute or more. Polling leaves one free. `attach`
    uses one beside the pool.

    Every call returns a `Reply`, or raises an `ApiError` that names method and path, or a `UsageError` for an id that no
    path can hold. Names such as `Thread[]` are the API's schemas for the body of the reply.

    `settings.request_timeout`: limits the seconds of a call, including the wait for a connection and a second request.
    `connection`: describes the first connection; None before the first response.
    `agents_path`: the path of the agents, once the server has answered it; "" before.
    `before_second`: awaited before a further request of a call, so that the caller can hold it back and count it. This time
    does not count for `request_timeout`. Can be set.

    Raises:
        ConfigError: the key, the team, `ca_bundle` or `proxy` cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        key: Secret,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._base = settings.base_url
        self._host = host_of(settings.base_url)
        self._scheme = settings.auth_scheme
        self._timeout = settings.request_timeout
        self._limit = int(settings.max_body_mb * 2**20)
        self._may_act = settings.allow_actions
        self._monotonic = monotonic
        self._wall = wall
        self._key = HeaderKey(key, settings.auth_scheme)
        self._large = asyncio.Lock()
        self._log = RequestLog(settings, self._key.mask, wall)
        self._forms = PathForms()
        self.agents_path = ""
        self.before_second: Callable[[], Awaitable[None]] = _at_once
        self.connection: Connection | None = None
        sent = headers.request_headers(settings.team)
        connect = partial(
            http_client, settings, settings.base_url, sent, auth=self._with_key, transport=transport
        )
        self._http = connect(max_concurrent_polls(settings.budget) + 1)
        self._streams = Streams(settings, connect, self._key, self._log, self._outage)

    def __repr__(self) -> str:
        return f"Client({self._host})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()
        await self._streams.aclose()

    @property
    def announced(self) -> tuple[str, ...]:
        """The deprecations of the API that the server has announced in headers, display-safe, each once."""
        return tuple(map(self._key.mask, self._log.announced))

    async def threads(self, *, limit: int = 20, order: str = "desc", offset: int = 0) -> Reply:
        """Return a page of the threads of the key's owner: `Thread[]`."""
        return await self._get("/v1/threads", limit=limit, order=order, offset=offset)

    async def runs(self, thread_id: str, *, limit: int = 20, order: str = "desc", offset: int = 0) -> Reply:
        """Return a page of one thread's runs: `Run[]`. The server may cap `limit`."""
        return await self._get("/v1/threads/{}/runs", thread_id, limit=limit, order=order, offset=offset)

    async def run(self, thread_id: str, run_id: str) -> Reply:
        """Return one run with all fields: `Run`."""
        return await self._get("/v1/threads/{}/runs/{}", thread_id, run_id)

    async def agents(self) -> Reply:
        """Return the agents that the team sees: `{"data": Agent[]}`. `agents_path` is the first path that the server knows."""
        deadline = self._deadline()

        async def ask(path: str) -> Reply:
            return await self._ask(Call("GET", path, path), deadline)

        if self.agents_path:
            return await ask(self.agents_path)
        self.agents_path, reply = await newest_known(_AGENTS, ask, partial(self._hold_back, deadline))
        return reply

    async def messages(self, thread_id: str, *, limit: int = 20, offset: int = 0) -> Reply:
        """Return a page of a thread's messages, newest first: `Message[]` with tool calls and their errors."""
        query: dict[str, int | str] = {"limit": limit, "order": "desc", "offset": offset}
        return await self._get("/v1/threads/{}/messages", thread_id, **query, include_parts="true")

    async def spans(self, query: Mapping[str, Any]) -> Reply:
        """Return the spans that `query`, a `SpanQuery`, asks for: `SpanSummary[]`.

        Without `min_start_datetime` the server returns the last 15 minutes only.
        """
        path = "/v1/observability/spans"
        return await self._ask(
            Call("POST", path, path, content=json.dumps(dict(query)).encode()), self._deadline()
        )

    async def cancel(self, thread_id: str, run_id: str, agent_id: str) -> Reply:
        """Send one request to cancel a run. `agent_id` is the raw id of the run's agent.

        A 2xx answer means that the server accepted the request; the run may still end in another way.

        Raises:
            UsageError: `settings.allow_actions` is off, or no path can hold an id. Nothing was sent.
            ApiError: the request failed. `uncertain` is set if it may nevertheless have taken effect.
        """
        if not self._may_act:
            raise errors.UsageError(
                "flowtui is read-only, so nothing was sent",
                hint="Start it with --allow-actions to cancel runs",
            )
        path = f"/v1/threads/{path_segment(thread_id)}/runs/{path_segment(run_id)}/cancel"
        content = json.dumps({"agent_id": agent_id}).encode()
        call = Call("POST", path, path, content=content, changes=True)
        return await self._send(call, path, self._deadline())

    def attach(self, thread_id: str, run_id: str) -> AsyncGenerator[list[bytes], None]:
        """Follow a running run: yield the data of its events as they come. The limits are those of `Streams`.

        Raises:
            ApiError: the server refuses, or the stream broke off.
        """
        path = f"/v1/threads/{path_segment(thread_id)}/runs/{path_segment(run_id)}/attach"
        return self._streams.follow(self._where("GET", path), f"{self._base}{path}")

    def mask(self, text: str) -> str:
        """Return `text` with `***` in place of the key, as in bodies."""
        return self._key.mask_body(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def _with_key(self, request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = self._key.header()
        return request

    async def _get(self, endpoint: str, *ids: str, **query: int | str) -> Reply:
        path = endpoint.format(*map(path_segment, ids))
        return await self._ask(
            Call("GET", endpoint, path, f"?{urlencode(query)}" if query else ""), self._deadline()
        )

    async def _ask(self, call: Call, deadline: Deadline) -> Reply:
        async def prepare(path: str, other: str, status: int) -> None:
            self._log.asks_again(self._where(call.method, path), status, slash=other.endswith("/"))
            await self._hold_back(deadline)

        return await in_a_form_that_works(
            self._forms, call.endpoint, call.path, lambda path: self._send(call, path, deadline), prepare
        )

    def _deadline(self) -> Deadline:
        return Deadline(asyncio.get_running_loop().time() + self._timeout)

    async def _hold_back(self, deadline: Deadline) -> None:
        """Wait until a further request of the same call may be made."""
        since = self._monotonic()
        await self.before_second()
        deadline.end += self._monotonic() - since

    def _where(self, method: str, path: str) -> str:
        # Mask the key before cutting: half a key would not be recognised.
        return f"{method} {path if len(path) <= _MAX_SHOWN else shorten(self._key.mask(path), _MAX_SHOWN)}"

    async def _send(self, call: Call, path: str, deadline: Deadline) -> Reply:
        where = self._where(call.method, path)
        failure: ApiError
        sent, broke = True, None
        started = self._monotonic()
        try:
            return await self._exchange(call, where, f"{self._base}{path}{call.query}", started, deadline.end)
        except asyncio.CancelledError:
            self._log.dropped(f"{where}{call.query}", seconds=self._monotonic() - started)
            raise
        except ApiError as error:
            failure = error
        except (TimeoutError, httpx.TimeoutException):
            failure = errors.DeadlineError(
                f"{where}: no whole answer from {self._host} within {self._timeout:g} s",
                hint="Raise request_timeout, or check the network",
            )
        # Not raised further: the frames of httpx hold the Authorization header, and a crash screen would show it.
        except Exception as error:  # noqa: BLE001
            failure, broke = self._outage(where, error), error
            sent = not isinstance(error, _NEVER_SENT)
        if call.changes:
            leave_open(failure, sent=sent)
        self._log.failed(f"{where}{call.query}", failure, broke, seconds=self._monotonic() - started)
        broke = None
        failure.__context__ = failure.__cause__ = None
        raise failure.with_traceback(None)

    async def _exchange(self, call: Call, where: str, url: str, started: float, end: float) -> Reply:
        sent = None if call.content is None else _JSON
        async with (
            AsyncExitStack() as turn,
            asyncio.timeout_at(end) as deadline,
            self._http.stream(call.method, url, content=call.content, headers=sent) as response,
        ):
            if self.connection is None:
                self.connection = connection_of(response.extensions.get("network_stream"))
            if not response.is_success:
                said = await _error_body(response, deadline)
                await surplus(response)
                raise status_error(
                    where,
                    response.status_code,
                    response.headers,
                    said,
                    url=url,
                    location=response.extensions.get(LOCATION, ""),
                    mask=self._key.mask,
                    auth_scheme=self._scheme,
                    wall=self._wall(),
                )
            ray = self._key.mask(headers.request_id(response.headers))
            reader = BodyReader(
                response.headers.get("content-encoding", ""), self._limit, where=where, request_id=ray
            )
            await read_all(reader, _chunks(response), partial(turn.enter_async_context, self._large))
            chunked = "transfer-encoding" in response.headers
            body = reader.finish("" if chunked else response.headers.get("content-length", ""))
            if (await surplus(response)).strip(b"\r\n"):  # some servers add a line break after the body
                raise TransportError(
                    f"{where}: more came than the answer of {self._host} has room for",
                    hint="Try again; if it stays, check what stands between here and the server",
                    request_id=ray,
                )
            reply = Reply(
                body=self._key.mask_body(body),
                request_id=ray,
                server_time=headers.server_time(response.headers),
                elapsed=self._monotonic() - started,
                remaining=headers.remaining(response.headers),
            )
            self._log.answered(f"{where}{call.query}", response.status_code, response.headers, reply)
            return reply

    def _outage(self, where: str, error: Exception) -> TransportError:
        """Return the error for a request without a complete response. Messages of httpx are repeated only if they hold no headers."""
        if isinstance(error, httpx.ProxyError):
            return TransportError(f"{where}: the proxy refuses to connect", hint="Check the setting proxy")
        if isinstance(error, httpx.RemoteProtocolError):
            said = safe_text(self._key.mask(str(error))[:_MAX_SHOWN]).rstrip(". ")
            return TransportError(
                f"{where}: the answer of {self._host} broke off or is no HTTP: {said}",
                hint="Try again; if it stays, check the base URL and what stands between",
            )
        if isinstance(error, httpx.NetworkError | OSError):
            what, hint = connect_failure(error, self._host)
            return TransportError(f"{where}: {what}", hint=hint)
        return TransportError(
            f"{where}: the request could not be made ({type(error).__name__})",
            hint="Check the base URL, the team and the proxy",
        )


async def _at_once() -> None:
    """Allow a second request without a delay."""


def _chunks(response: httpx.Response) -> httpx.AsyncByteStream:
    """Return the raw chunks of a response. `aiter_raw` would refuse a response that is built with its content, as in tests."""
    return cast("httpx.AsyncByteStream", response.stream)


async def _error_body(response: httpx.Response, deadline: asyncio.Timeout) -> bytes:
    """Return the start of an error response's body: at most 64 KiB, and what arrives in half of the time left.

    Failures while reading are ignored, because the status is the error to report.
    """
    reader = None
    left = (deadline.when() or 0.0) - asyncio.get_running_loop().time()
    # After a laptop has slept, both deadlines are due at once, and the outer one would fire first.
    deadline.reschedule(None)
    try:
        reader = BodyReader(response.headers.get("content-encoding", ""), MAX_ERROR_BODY)
        async with asyncio.timeout(left / 2):
            async for chunk in _chunks(response):
                reader.feed(chunk)
    except (ApiError, TimeoutError, httpx.HTTPError):
        pass
    return b"" if reader is None else reader.text_so_far
