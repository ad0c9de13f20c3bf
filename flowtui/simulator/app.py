"""The simulator's HTTP side: routes, the check of the API key, active faults, and sending replies.

Each path is served with and without a slash at its end, without a redirect (the faults of `slashes.py` are stricter). This module changes the active faults with
their counts, the recorded requests and, through `World`, the cancelled runs. `server.py` starts the server.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import formatdate
from itertools import count
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from flowtui.simulator import document
from flowtui.simulator.endpoints import ROUTES, ApiRequest, Endpoint, Endpoints
from flowtui.simulator.exchange import FaultUse, Refused, Reply, encode
from flowtui.simulator.faults import FAULTS
from flowtui.simulator.faults.kinds import ALL, ActiveFault, Fault, parse
from flowtui.simulator.world.archive import archive, earlier_worlds
from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.scenario import World

_REQUESTS_KEPT: Final = 10_000
ARCHIVE: Final = "/archive"
"""A path that is not part of the API."""


class ReplyResponse(Response):
    """A Starlette response that sends a `Reply`, and stops as soon as the client disconnects."""

    def __init__(self, reply: Reply, drop: Callable[[Scope], None]) -> None:
        """`drop`: gets the ASGI scope of a request, and closes the connection on which the request came."""
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
                    if chunk:
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
            body = b"" if reply.stream is not None else reply.body
            await send({"type": "http.response.body", "body": body})
        finally:
            disconnected.cancel()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class App:
    """The ASGI application that serves a world.

    `key`: the only accepted API key; None: every key that is not empty is accepted.
    `drop`: gets the ASGI scope of a request, and closes the connection on which the request came.
    """

    def __init__(
        self, world: World, calendar: Calendar, *, key: str | None, drop: Callable[[Scope], None]
    ) -> None:
        self.requests: deque[tuple[str, str, str]] = deque(maxlen=_REQUESTS_KEPT)
        self._world = world
        self._calendar = calendar
        self._key = key
        self._drop = drop
        self._ids = count(1)
        self._active: list[tuple[ActiveFault, int]] = []
        self._skewed: dict[float, tuple[Calendar, Endpoints]] = {}
        self._earlier: list[Endpoints] = []  # of earlier days, once they were asked for
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
        self._active.append((parse(text, FAULTS), 0))

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._active.clear()

    def _routes(self) -> list[Route]:
        routes = [_route("/openapi.json", self._document, "GET"), _route(ARCHIVE, self._archive, "GET")]
        for method, path, scope, answer in ROUTES:
            endpoint = self._endpoint(path, scope, answer)
            bare = path.rstrip("/")
            routes += [_route(bare, endpoint, method), _route(f"{bare}/", endpoint, method)]
        return routes

    async def _archive(self, _: Request) -> Response:
        """Answer with the earlier days, of which the demo has a history: a JSON object a thread, one a line.

        From then on, single runs of these days can be read as others can.
        """
        worlds = list(earlier_worlds(self._world, self._calendar.clock()))
        self._earlier = [Endpoints(each.world, each.calendar) for each in worlds]

        async def lines() -> AsyncIterator[bytes]:
            for each in archive(worlds):
                yield encode(each._asdict()) + b"\n"
                await asyncio.sleep(0)  # other requests have their turn

        return StreamingResponse(lines(), media_type="application/jsonl")

    def _endpoint(
        self, template: str, scope: str, answer: Endpoint
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            uses = self._use_faults(scope, request)
            skew = sum(fault.skew(use) for fault, use in uses if fault.skew)
            calendar, today = self._endpoints_at(skew)
            api_request = ApiRequest(
                template=template,
                path=dict(request.path_params),
                query=dict(request.query_params),
                body=await request.body(),
                json=request.headers.get("content-type", "").lower().startswith("application/json"),
                now=self._calendar.now(),
                uses=uses,
            )
            endpoints = self._which(today, api_request)
            if endpoints is not today:
                api_request.now = 0.0  # these worlds have ended
            try:
                self._check_key(request.headers.get("authorization", ""), uses)
                found = answer(endpoints, api_request)
                reply = found if isinstance(found, Reply) else Reply(200, encode(found))
            except Refused as refused:
                reply = refused.reply()
            reply = self._with_headers(reply, calendar)
            for fault, use in uses:
                if fault.reply:
                    reply = fault.reply(reply, use)
            return ReplyResponse(reply, self._drop)

        return endpoint

    def _endpoints_at(self, skew: float) -> tuple[Calendar, Endpoints]:
        """Return the calendar of a server clock that is `skew` seconds ahead, and the endpoints that use it."""
        if skew not in self._skewed:
            calendar = self._calendar.ahead(skew) if skew else self._calendar
            self._skewed[skew] = calendar, Endpoints(self._world, calendar)
        return self._skewed[skew]

    def _which(self, today: Endpoints, request: ApiRequest) -> Endpoints:
        """Return the endpoints of the world that has the thread or run of a request: today's, unless only an earlier one has it."""
        if self._earlier:
            ids = request.path.get("thread_id"), request.spans_of
            if any(ids) and not today.has(*ids):
                return next((each for each in self._earlier if each.has(*ids)), today)
        return today

    def _use_faults(self, scope: str, request: Request) -> list[tuple[Fault, FaultUse]]:
        """Return the faults that apply to a request, and count their use."""
        thread_id = request.path_params.get("thread_id", "")
        uses = []
        for number, (active, used) in enumerate(self._active):
            if active.scope not in {scope, ALL} or used == active.times:
                continue
            thread = self._world.find_thread(thread_id)
            use = FaultUse(
                arg=active.arg,
                count=used,
                now=self._calendar.clock(),
                host=request.headers.get("host", ""),
                path=request.scope["raw_path"].decode("latin-1"),
                query=request.scope["query_string"].decode("latin-1"),
                thread_id=thread_id,
                place=None if thread is None else self._world.threads - 1 - thread,
                memory=active.memory,
            )
            uses.append((active.fault, use))
            self._active[number] = (active, used + 1)
        return uses

    def _check_key(self, header: str, uses: list[tuple[Fault, FaultUse]]) -> None:
        for fault, _ in uses:
            if fault.key:
                if fault.key(header, self._key):
                    return
                scheme = {"www-authenticate": "Bearer"} if fault.key(f"Bearer {header}", self._key) else {}
                raise Refused(401, "Unauthorized", **scheme)
        if not header:
            raise Refused(401, "No API key: send it in the Authorization header")
        if header.lower().startswith("bearer "):
            raise Refused(401, "Malformed Authorization header: send the bare API key, without Bearer")
        if self._key is not None and not hmac.compare_digest(header.encode(), self._key.encode()):
            raise Refused(401, "Unknown API key")

    def _with_headers(self, reply: Reply, calendar: Calendar | None = None) -> Reply:
        reply.headers["date"] = formatdate((calendar or self._calendar).clock(), usegmt=True)
        reply.headers["cf-ray"] = f"{next(self._ids):016x}-SIM"
        return reply

    async def _document(self, _request: Request) -> Response:
        return ReplyResponse(self._with_headers(Reply(200, document.text())), self._drop)

    async def _not_served(self, _request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):  # pragma: no cover
            raise error  # Starlette declares any Exception, and calls it with HTTPException only
        refused = Refused(error.status_code, str(error.detail), **dict(error.headers or {}))
        return ReplyResponse(self._with_headers(refused.reply()), self._drop)


def _route(path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str) -> Route:
    route = Route(path, endpoint, methods=[method])
    route.methods = {method}  # Starlette adds HEAD to each GET; the API documents no HEAD
    return route
