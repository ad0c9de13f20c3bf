"""The endpoints: what is asked, answered from the world. Everything documented is here and nothing else.

What the document refuses is refused. Faults on pages and rows are applied by `Ask`, so that no endpoint knows one.
Knows no HTTP library; reads no clock but the calendar's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flowtui.simulator.document import read_json, read_query
from flowtui.simulator.exchange import Page, Record, Refused
from flowtui.simulator.world.catalogue import AGENTS
from flowtui.simulator.world.messages import Messages
from flowtui.simulator.world.records import agent_record, find_agent, run_record, thread_record
from flowtui.simulator.world.spans import Spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowtui.simulator.exchange import Hit
    from flowtui.simulator.faults.kinds import Fault
    from flowtui.simulator.world.dates import Calendar
    from flowtui.simulator.world.scenario import World

THREADS: Final = "/v1/threads"
THREAD: Final = "/v1/threads/{thread_id}"
RUNS: Final = "/v1/threads/{thread_id}/runs"
RUN: Final = "/v1/threads/{thread_id}/runs/{run_id}"
CANCEL: Final = "/v1/threads/{thread_id}/runs/{run_id}/cancel"
MESSAGES: Final = "/v1/threads/{thread_id}/messages"
MESSAGE: Final = "/v1/threads/{thread_id}/messages/{message_id}"
AGENTS_V2: Final = "/v2/flow/agents/"
AGENT: Final = "/v2/flow/agents/{agent_id}"
AGENTS_V1: Final = "/v1/flow/agents/"
SPANS: Final = "/v1/observability/spans"
SPAN: Final = "/v1/observability/spans/{span_id}"


@dataclass(slots=True, kw_only=True)
class Ask:
    """One request, and the faults that hit it. `template` is the document's path, `now` the world second."""

    template: str
    path: dict[str, str]
    query: dict[str, str]
    body: bytes
    json: bool
    now: float
    hits: list[tuple[Fault, Hit]] = field(default_factory=list)

    def values(self) -> Record:
        """Return the query parameters. Raises Refused (422)."""
        values, problems = read_query(self.template, self.query)
        if problems:
            raise Refused(422, problems)
        return values

    def content(self, schema: str) -> Record:
        """Return the body, an object of this schema. Raises Refused (422)."""
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
        """Return a page of a list, bent by the faults. Raises Refused (422)."""
        values = self.values()
        page = asked = Page(values["limit"], values["offset"], values["order"])
        for fault, hit in self.hits:
            hit.page, hit.read = asked, read
            if fault.page:
                page = fault.page(page, hit)
        return self.bent(read(page))

    def bent(self, rows: list[Record]) -> list[Any]:
        """Return rows, bent by the faults."""
        for fault, hit in self.hits:
            if fault.rows:
                rows = fault.rows(rows, hit)
        return rows

    def late(self) -> float | None:
        """Return by how many seconds a cancel call comes late, None where it never takes effect. Raises Refused."""
        late: float | None = 0.0
        for fault, hit in self.hits:
            if fault.cancel:
                late = fault.cancel(hit)
        return late

    def one(self, record: Record) -> Any:
        """Return a single row, bent by the faults. Raises Refused (404) where they leave none."""
        rows = self.bent([record])
        if not rows:
            raise Refused(404, "Not found")
        return rows[0]


class Endpoints:
    """Answers asks about a world. Every method takes an Ask, returns JSON, and raises Refused."""

    def __init__(self, world: World, calendar: Calendar) -> None:
        self._world = world
        self._calendar = calendar
        self._messages = Messages(world, calendar)
        self._spans = Spans(world, calendar)

    def threads(self, ask: Ask) -> Any:
        """List threads, by creation."""

        def read(page: Page) -> list[Record]:
            numbers = _window(self._world.threads, page)
            return [thread_record(self._world, number, self._calendar, ask.now) for number in numbers]

        return ask.rows(read)

    def thread(self, ask: Ask) -> Any:
        """One thread."""
        return ask.one(thread_record(self._world, self._thread(ask), self._calendar, ask.now))

    def runs(self, ask: Ask) -> Any:
        """List the runs of a thread, by creation."""
        thread = self._thread(ask)

        def read(page: Page) -> list[Record]:
            numbers = _window(self._world.timeline(thread).count(ask.now), page)
            return [self._run_record(thread, number, ask) for number in numbers]

        return ask.rows(read)

    def run(self, ask: Ask) -> Any:
        """One run."""
        return ask.one(self._run_record(*self._run(ask), ask))

    def cancel(self, ask: Ask) -> Any:
        """Cancel a run. It ends a moment later, and may end otherwise before that."""
        ask.content("RunRequest")
        thread, number = self._run(ask)
        if not self._world.timeline(thread)[number].active(ask.now):
            raise Refused(409, f"Run {ask.path['run_id']} has already ended")
        late = ask.late()
        if late is not None:
            self._world.cancel(thread, number, ask.now, late=late)
        return {"status": "canceled", "run_id": ask.path["run_id"]}

    def messages(self, ask: Ask) -> Any:
        """List the messages of a thread, by creation."""
        thread = self._thread(ask)
        parts = ask.values()["include_parts"]
        return ask.rows(
            lambda page: self._messages.page(
                thread, ask.now, limit=page.limit, offset=page.offset, order=page.order, parts=parts
            )
        )

    def message(self, ask: Ask) -> Any:
        """One message."""
        parts = ask.values()["include_parts"]
        found = self._messages.find(self._thread(ask), ask.path["message_id"], ask.now, parts=parts)
        if found is None:
            raise Refused(404, "Message not found")
        return ask.one(found)

    def agents(self, ask: Ask) -> Any:
        """All agents, wrapped."""
        version = 1 if ask.template == AGENTS_V1 else 2
        rows = [self._agent(agent, ask, version=version) for agent in range(len(AGENTS))]
        return {"data": ask.bent(rows)}

    def agent(self, ask: Ask) -> Any:
        """One agent."""
        agent = find_agent(ask.path["agent_id"])
        if agent is None:
            raise Refused(404, "Agent not found")
        return ask.one(self._agent(agent, ask))

    def spans(self, ask: Ask) -> Any:
        """Query spans."""
        return ask.bent(self._spans.query(ask.content("SpanQuery"), ask.now))

    def span(self, ask: Ask) -> Any:
        """One span, whole."""
        found = self._spans.find(ask.path["span_id"], ask.now)
        if found is None:
            raise Refused(404, "Span not found")
        return ask.one(found)

    def _agent(self, agent: int, ask: Ask, *, version: int = 2) -> Record:
        deployed = self._world.released(agent, ask.now)
        return agent_record(agent, self._calendar, version=version, deployed=deployed)

    def _thread(self, ask: Ask) -> int:
        thread = self._world.find_thread(ask.path["thread_id"])
        if thread is None:
            raise Refused(404, "Thread not found")
        return thread

    def _run(self, ask: Ask) -> tuple[int, int]:
        found = self._world.find_run(ask.path["run_id"], ask.now)
        if found is None or found[0] != self._thread(ask):
            raise Refused(404, "Run not found")
        return found

    def _run_record(self, thread: int, number: int, ask: Ask) -> Record:
        plan = self._world.timeline(thread)[number]
        return run_record(self._world, thread, plan, self._calendar, ask.now)


def _window(count: int, page: Page) -> range:
    """Return the numbers of a page out of `count` things that are numbered in order of creation."""
    numbers = range(count) if page.order == "asc" else range(count - 1, -1, -1)
    return numbers[page.offset : page.offset + page.limit]
