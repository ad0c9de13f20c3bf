"""The simulator's HTTP side: routes, the check of the API key, active faults, and sending replies.

Each path is served with and without a trailing slash, without a redirect. The mutable state is here and in `World`: the
active faults with their counts, and the recorded requests. `server.py` starts the server.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import deque
from email.utils import formatdate
from itertools import count
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from flowtui.simulator import document
from flowtui.simulator.endpoints import (
    AGENT,
    AGENTS_V1,
    AGENTS_V2,
    CANCEL,
    MESSAGE,
    MESSAGES,
    RUN,
    RUNS,
    SPAN,
    SPANS,
    THREAD,
    THREADS,
    ApiRequest,
    Endpoints,
)
from flowtui.simulator.exchange import Hit, Refused, Reply, encode
from flowtui.simulator.faults import FAULTS
from flowtui.simulator.faults.kinds import ALL, Planted, parse
from flowtui.simulator.faults.kinds import CANCEL as CANCEL_SCOPE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from flowtui.simulator.world.dates import Calendar
    from flowtui.simulator.world.scenario import World

_REQUESTS_KEPT: Final = 10_000


class Wire(Response):
    """A Starlette response that sends a `Reply`, and stops as soon as the client disconnects."""

    def __init__(self, reply: Reply, drop: Callable[[Scope], None]) -> None:
        """`drop` closes the connection of a scope."""
        super().__init__(status_code=reply.status)
        self._reply = reply
        self._drop = drop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the reply."""
        reply = self._reply
        disconnected = asyncio.ensure_future(_disconnect(receive))
        try:
            if reply.delay:
                await asyncio.wait({disconnected}, timeout=reply.delay)
            if reply.abort:
                self._drop(scope)
            if reply.abort or disconnected.done():
                return
            headers = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
            if reply.stream is None and "content-length" not in reply.headers:
                headers.append((b"content-length", str(len(reply.body)).encode()))
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            if reply.stream is not None:
                async for chunk in reply.stream():
                    if disconnected.done():
                        return
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            body = b"" if reply.stream is not None else reply.body
            await send({"type": "http.response.body", "body": body})
        finally:
            disconnected.cancel()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class App:
    """The ASGI application that serves a world. With `key` None every API key is accepted that is not empty."""

    def __init__(
        self, world: World, calendar: Calendar, *, key: str | None, drop: Callable[[Scope], None]
    ) -> None:
        self.requests: deque[tuple[str, str, str]] = deque(maxlen=_REQUESTS_KEPT)
        self._world = world
        self._calendar = calendar
        self._key = key
        self._drop = drop
        self._ids = count(1)
        self._planted: list[tuple[Planted, int]] = []
        self._skewed: dict[float, tuple[Calendar, Endpoints]] = {}
        self._starlette = Starlette(
            routes=self._routes(),
            exception_handlers={HTTPException: self._not_served},
        )
        self._starlette.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record the request and answer it."""
        if scope["type"] == "http":
            query = scope["query_string"].decode("latin-1")
            self.requests.append((scope["method"], scope["raw_path"].decode("latin-1"), query))
        await self._starlette(scope, receive, send)

    def add_fault(self, text: str) -> None:
        """Add a fault, NAME[:ARG][@SCOPE][*TIMES].

        Raises:
            UsageError: the fault is unknown or its argument is invalid.
        """
        self._planted.append((parse(text, FAULTS), 0))

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._planted.clear()

    def _routes(self) -> list[Route]:
        ends = Endpoints
        table: list[tuple[str, str, str, Callable[[Endpoints, ApiRequest], object]]] = [
            ("GET", THREADS, "threads", ends.threads),
            ("GET", THREAD, "threads", ends.thread),
            ("GET", RUNS, "runs", ends.runs),
            ("GET", RUN, "runs", ends.run),
            ("POST", CANCEL, CANCEL_SCOPE, ends.cancel),
            ("GET", MESSAGES, "messages", ends.messages),
            ("GET", MESSAGE, "messages", ends.message),
            ("GET", AGENTS_V2, "agents", ends.agents),
            ("GET", AGENTS_V1, "agents", ends.agents),
            ("GET", AGENT, "agents", ends.agent),
            ("POST", SPANS, "spans", ends.spans),
            ("GET", SPAN, "spans", ends.span),
        ]
        routes = []
        for method, path, scope, answer in table:
            endpoint = self._endpoint(path, scope, answer)
            bare = path.rstrip("/")
            routes += [_route(bare, endpoint, method), _route(f"{bare}/", endpoint, method)]
        routes.append(_route("/openapi.json", self._document, "GET"))
        return routes

    def _endpoint(
        self, template: str, scope: str, answer: Callable[[Endpoints, ApiRequest], object]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            hits = self._hits(scope, dict(request.path_params))
            skew = sum(planted.fault.skew(hit) for planted, hit in hits if planted.fault.skew)
            calendar, ends = self._at(skew)
            api_request = ApiRequest(
                template=template,
                path=dict(request.path_params),
                query=dict(request.query_params),
                body=await request.body(),
                json=request.headers.get("content-type", "").lower().startswith("application/json"),
                now=self._calendar.now(),
                hits=[(planted.fault, hit) for planted, hit in hits],
            )
            try:
                self._check_key(request.headers.get("authorization", ""), hits)
                reply = Reply(200, encode(answer(ends, api_request)))
            except Refused as refused:
                reply = refused.reply()
            reply = self._stamped(reply, calendar)
            for planted, hit in hits:
                if planted.fault.reply:
                    reply = planted.fault.reply(reply, hit)
            return Wire(reply, self._drop)

        return endpoint

    def _at(self, skew: float) -> tuple[Calendar, Endpoints]:
        """Return calendar and endpoints for a server clock that is `skew` seconds ahead."""
        if skew not in self._skewed:
            calendar = self._calendar.ahead(skew) if skew else self._calendar
            self._skewed[skew] = calendar, Endpoints(self._world, calendar)
        return self._skewed[skew]

    def _hits(self, scope: str, path: dict[str, str]) -> list[tuple[Planted, Hit]]:
        """Return the faults that apply to this request, and count their use."""
        now = self._calendar.clock()
        hits = []
        for number, (planted, uses) in enumerate(self._planted):
            if planted.scope not in {scope, ALL} or uses == planted.times:
                continue
            hit = Hit(
                arg=planted.arg,
                count=uses,
                now=now,
                thread_id=path.get("thread_id", ""),
                memory=planted.memory,
            )
            thread = self._world.find_thread(hit.thread_id)
            hit.place = None if thread is None else self._world.threads - 1 - thread
            hits.append((planted, hit))
            self._planted[number] = (planted, uses + 1)
        return hits

    def _check_key(self, header: str, hits: list[tuple[Planted, Hit]]) -> None:
        for planted, _ in hits:
            if planted.fault.key:
                if planted.fault.key(header, self._key):
                    return
                raise Refused(401, "Unauthorized")
        if not header:
            raise Refused(401, "No API key: send it in the Authorization header")
        if header.lower().startswith("bearer "):
            raise Refused(401, "Malformed Authorization header: send the bare API key, without Bearer")
        if self._key is not None and not hmac.compare_digest(header.encode(), self._key.encode()):
            raise Refused(401, "Unknown API key")

    def _stamped(self, reply: Reply, calendar: Calendar | None = None) -> Reply:
        reply.headers["date"] = formatdate((calendar or self._calendar).clock(), usegmt=True)
        reply.headers["cf-ray"] = f"{next(self._ids):016x}-SIM"
        return reply

    async def _document(self, _request: Request) -> Response:
        return Wire(self._stamped(Reply(200, document.text())), self._drop)

    async def _not_served(self, _request: Request, error: Exception) -> Response:
        if not isinstance(
            error, HTTPException
        ):  # pragma: no cover  (Starlette declares any Exception, and calls it with HTTPException only)
            raise error
        refused = Refused(error.status_code, str(error.detail), **dict(error.headers or {}))
        return Wire(self._stamped(refused.reply()), self._drop)


def _route(path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str) -> Route:
    route = Route(path, endpoint, methods=[method])
    route.methods = {method}  # Starlette adds HEAD to each GET; the API documents no HEAD
    return route
