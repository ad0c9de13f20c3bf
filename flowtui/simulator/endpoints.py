"""The documented endpoints, answered from the world.

`ApiRequest` validates the request against the document and applies the faults on pages and rows, so that endpoints need
no code for faults. Uses no HTTP library, and no clock but the calendar's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Final

from flowtui.simulator.document import read_json, read_query
from flowtui.simulator.exchange import FaultUse, Page, Record, Refused, Reply, encode
from flowtui.simulator.faults.kinds import ATTACH, CANCEL, LABELS_ON_RUNS, USAGE_WHILE_RUNNING, Fault
from flowtui.simulator.world.catalogue import AGENTS
from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.live_events import Event, live_events
from flowtui.simulator.world.messages import Messages
from flowtui.simulator.world.records import agent_record, run_record, thread_record
from flowtui.simulator.world.scenario import World
from flowtui.simulator.world.spans import Spans


@dataclass(slots=True, kw_only=True)
class ApiRequest:
    """One request and the faults that apply to it.

    `template`: the path as in the document, such as `/v1/threads/{thread_id}`.
    `path`, `query`: the parameters of the path and of the query, by name.
    `json`: whether the Content-Type of the body is JSON.
    `now`: the current world second.
    `uses`: the faults that apply, with the use of each.
    """

    template: str
    path: dict[str, str]
    query: dict[str, str]
    body: bytes
    json: bool
    now: float
    uses: list[tuple[Fault, FaultUse]] = field(default_factory=list)

    def values(self) -> Record:
        """Return the query parameters.

        Raises:
            Refused: 422, one of them is invalid.
        """
        values, problems = read_query(self.template, self.query)
        if problems:
            raise Refused(422, problems)
        return values

    def content(self, schema: str) -> Record:
        """Return the body, an object that matches the document's schema of this name.

        Raises:
            Refused: 422, it is not JSON or does not match the schema.
        """
        if not self.json:
            raise Refused(
                422, [{"loc": ["header", "content-type"], "msg": "Send JSON", "type": "json_invalid"}]
            )
        value, problems = read_json(self.body, schema)
        if problems:
            raise Refused(422, problems)
        content: Record = value
        return content

    def rows(self, read: Callable[[Page], list[Record]]) -> list[Any]:
        """Return a page of a list, with the faults applied.

        Raises:
            Refused: 422, a query parameter is invalid.
        """
        values = self.values()
        page = asked = Page(values["limit"], values["offset"], values["order"])
        for fault, use in self.uses:
            use.page, use.read = asked, read
            if fault.page:
                page = fault.page(page, use)
        return self.with_faults(read(page))

    def has(self, habit: str) -> bool:
        """Return whether a fault makes the server keep this older habit."""
        return any(fault.habit == habit for fault, _ in self.uses)

    @property
    def spans_of(self) -> str | None:
        """The id of the run whose spans are asked for; None if the request asks for something else."""
        if not (self.json and self.template.endswith("/spans")):
            return None
        with suppress(Refused):
            run_id: str | None = self.content("SpanQuery").get("run_id")
            return run_id
        return None

    def with_faults(self, rows: list[Record]) -> list[Any]:
        """Return the rows with the faults applied."""
        for fault, use in self.uses:
            if fault.rows:
                rows = fault.rows(rows, use)
        return rows

    def cancel_delay(self) -> float | None:
        """Return after how many seconds a cancel call takes effect; None: it has no effect.

        Raises:
            Refused: a fault refuses it.
        """
        late: float | None = 0.0
        for fault, use in self.uses:
            if fault.cancel:
                late = fault.cancel(use)
        return late

    def one(self, record: Record) -> Any:
        """Return a single row with the faults applied.

        Raises:
            Refused: 404, a fault removed the row.
        """
        rows = self.with_faults([record])
        if not rows:
            raise Refused(404, "Not found")
        return rows[0]


_TURN: Final = 0.05
"""Real seconds between two looks of an event stream at the world's time."""


class Endpoints:
    """The endpoints of a world. Each method returns the JSON value of the answer, or a whole `Reply`, or raises Refused."""

    def __init__(self, world: World, calendar: Calendar) -> None:
        self._world = world
        self._calendar = calendar
        self._messages = Messages(world, calendar)
        self._spans = Spans(world, calendar)

    def has(self, thread_id: str | None, run_id: str | None) -> bool:
        """Whether a thread, or else a run, is of this world at its second 0."""
        if thread_id is not None:
            return self._world.find_thread(thread_id) is not None
        return run_id is not None and self._world.find_run(run_id, 0.0) is not None

    def threads(self, request: ApiRequest) -> Any:
        """Return a page of the threads, in order of creation."""

        def read(page: Page) -> list[Record]:
            numbers = _numbers_of(self._world.threads, page)
            return [thread_record(self._world, number, self._calendar, request.now) for number in numbers]

        return request.rows(read)

    def thread(self, request: ApiRequest) -> Any:
        """Return one thread."""
        return request.one(thread_record(self._world, self._thread(request), self._calendar, request.now))

    def runs(self, request: ApiRequest) -> Any:
        """Return a page of the runs of a thread, in order of creation."""
        thread = self._thread(request)

        def read(page: Page) -> list[Record]:
            numbers = _numbers_of(self._world.timeline(thread).count(request.now), page)
            return [self._run_record(thread, number, request) for number in numbers]

        return request.rows(read)

    def run(self, request: ApiRequest) -> Any:
        """Return one run."""
        return request.one(self._run_record(*self._run(request), request))

    def cancel(self, request: ApiRequest) -> Any:
        """Cancel a run. It ends about a second later, unless it ends by itself before that."""
        request.content("RunRequest")
        thread, number = self._run(request)
        if not self._world.timeline(thread)[number].active(request.now):
            raise Refused(409, f"Run {request.path['run_id']} has already ended")
        late = request.cancel_delay()
        if late is not None:
            self._world.cancel(thread, number, request.now, late=late)
        return {"status": "canceled", "run_id": request.path["run_id"]}

    def attach(self, request: ApiRequest) -> Reply:
        """Return the event stream of a run: from its beginning, then as the world's time passes, until the run has ended."""
        thread, number = self._run(request)
        reply = Reply(200, headers={"content-type": "text/event-stream", "cache-control": "no-cache"})
        reply.stream = partial(self._follow, thread, number)
        return reply

    async def _follow(self, thread: int, number: int) -> AsyncIterator[bytes]:
        """Yield the events of a run, each as one piece; b"" whenever the stream waits for the world's time."""
        timeline, run_id = self._world.timeline(thread), self._world.run_id(thread, number)
        known = coming = None
        sent = 0
        while True:
            plan, now = timeline[number], self._calendar.now()
            if plan is not known:  # the run was cancelled
                agent = self._world.run_agent(thread, plan.choices.bits)
                events = islice(live_events(plan, agent, f"msg_live_{run_id}"), sent, None)
                known, coming = plan, next(events, None)
            while coming is not None and coming[0] <= min(now, plan.ended):
                yield _event(coming[1])
                sent, coming = sent + 1, next(events, None)
            if now >= plan.ended:
                yield _event({"type": "finish"})
                yield b"data: [DONE]\n\n"
                return
            yield b""
            await asyncio.sleep(_TURN)

    def messages(self, request: ApiRequest) -> Any:
        """Return a page of the messages of a thread, in order of creation."""
        thread = self._thread(request)
        parts = request.values()["include_parts"]
        return request.rows(
            lambda page: self._messages.page(
                thread, request.now, limit=page.limit, offset=page.offset, order=page.order, parts=parts
            )
        )

    def message(self, request: ApiRequest) -> Any:
        """Return one message."""
        parts = request.values()["include_parts"]
        found = self._messages.find(
            self._thread(request), request.path["message_id"], request.now, parts=parts
        )
        if found is None:
            raise Refused(404, "Message not found")
        return request.one(found)

    def agents(self, request: ApiRequest) -> Any:
        """Return all agents, as {"data": [...]}."""
        rows = [self._agent(agent, request) for agent in range(len(AGENTS))]
        return {"data": request.with_faults(rows)}

    def agent(self, request: ApiRequest) -> Any:
        """Return one agent."""
        agent = self._world.find_agent(request.path["agent_id"])
        if agent is None:
            raise Refused(404, "Agent not found")
        return request.one(self._agent(agent, request))

    def spans(self, request: ApiRequest) -> Any:
        """Return the spans that match the SpanQuery in the body."""
        return request.with_faults(self._spans.query(request.content("SpanQuery"), request.now))

    def span(self, request: ApiRequest) -> Any:
        """Return one span with its attributes; None, as documented, for an unknown span."""
        found = self._spans.find(request.path["span_id"], request.now)
        return None if found is None else request.one(found)

    def _agent(self, agent: int, request: ApiRequest) -> Record:
        version = 1 if request.template.startswith("/v1/") else 2
        deployed = self._world.released(agent, request.now)
        return agent_record(self._world, agent, self._calendar, version=version, deployed=deployed)

    def _thread(self, request: ApiRequest) -> int:
        thread = self._world.find_thread(request.path["thread_id"])
        if thread is None:
            raise Refused(404, "Thread not found")
        return thread

    def _run(self, request: ApiRequest) -> tuple[int, int]:
        found = self._world.find_run(request.path["run_id"], request.now)
        if found is None or found[0] != self._thread(request):
            raise Refused(404, "Run not found")
        return found

    def _run_record(self, thread: int, number: int, request: ApiRequest) -> Record:
        plan = self._world.timeline(thread)[number]
        return run_record(
            self._world,
            thread,
            plan,
            self._calendar,
            request.now,
            early_usage=request.has(USAGE_WHILE_RUNNING),
            labelled=request.has(LABELS_ON_RUNS),
        )


Endpoint = Callable[[Endpoints, ApiRequest], Any]
"""An endpoint: a method of `Endpoints`."""

ROUTES: Final[tuple[tuple[str, str, str, Endpoint], ...]] = (
    ("GET", "/v1/threads", "threads", Endpoints.threads),
    ("GET", "/v1/threads/{thread_id}", "threads", Endpoints.thread),
    ("GET", "/v1/threads/{thread_id}/runs", "runs", Endpoints.runs),
    ("GET", "/v1/threads/{thread_id}/runs/{run_id}", "runs", Endpoints.run),
    ("POST", "/v1/threads/{thread_id}/runs/{run_id}/cancel", CANCEL, Endpoints.cancel),
    ("GET", "/v1/threads/{thread_id}/runs/{run_id}/attach", ATTACH, Endpoints.attach),
    ("GET", "/v1/threads/{thread_id}/messages", "messages", Endpoints.messages),
    ("GET", "/v1/threads/{thread_id}/messages/{message_id}", "messages", Endpoints.message),
    ("GET", "/v2/flow/agents/", "agents", Endpoints.agents),
    ("GET", "/v1/flow/agents/", "agents", Endpoints.agents),
    ("GET", "/v2/flow/agents/{agent_id}", "agents", Endpoints.agent),
    ("GET", "/v1/flow/agents/{agent_id}", "agents", Endpoints.agent),
    ("POST", "/v1/observability/spans", "spans", Endpoints.spans),
    ("GET", "/v1/observability/spans/{span_id}", "spans", Endpoints.span),
)
"""HTTP method, path as in the document, scope of faults, endpoint."""


def _event(event: Event) -> bytes:
    return b"data: " + encode(event) + b"\n\n"


def _numbers_of(count: int, page: Page) -> range:
    """Return which of `count` items, numbered from 0 by creation, are on the page."""
    numbers = range(count) if page.order == "asc" else range(count - 1, -1, -1)
    return numbers[page.offset : page.offset + page.limit]
