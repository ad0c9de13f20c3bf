"""The trace spans of runs: for each run one agent span, its model and tool calls, and the exception that ended it.

A call of the tool agent_as_tool contains the span of the other agent with its own calls. Some runs also have a log or an event.

Pure: computed from the run's plan on request. As in the API, token counts are strings and
`gen_ai_usage_output_token` has no s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from flowtui.simulator.document import read_date
from flowtui.simulator.world.catalogue import AGENTS, ALL_ERRORS, Agent
from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.ids import Codec, bare
from flowtui.simulator.world.ordering import Place, by_time, place_of, runs_of, window
from flowtui.simulator.world.records import labels
from flowtui.simulator.world.scenario import World
from flowtui.simulator.world.timeline import REACH
from flowtui.simulator.world.tools import tool_name

Record = dict[str, Any]

_BY_RUN: Final = 32
"""Span ids reserved for each run: 0 its agent, to 7 its calls, 15 its error, 16 to 27 those of other agents, then logs."""
_ERROR_IN: Final = (28, 29)
"""Of a run that fails in another agent: the ids of the tool call and of the agent around the error."""
_LOG, _EVENT = 30, 31
_OTHER_AGENT: Final = "agent_as_tool"
_INFO: Final = 9
_ERROR: Final = 17
_BY_DEFAULT: Final = 900.0
"""Seconds that a query without `min_start_datetime` goes back: the API's default."""


class _Span(NamedTuple):
    which: int
    start: float
    end: float
    name: str
    tokens: tuple[int, int] | None = None
    tool: str = ""
    exception: bool = False
    parent: int = 0
    kind: str = "span"


class Spans:
    """All spans of a world."""

    def __init__(self, world: World, calendar: Calendar) -> None:
        self._world = world
        self._calendar = calendar
        self._ids = Codec("", world.seed, (16,))
        self._traces = Codec("", world.seed, (32,))

    def query(self, asked: Record, now: float) -> list[Record]:
        """Return the spans that match a SpanQuery, which must be valid."""
        low = self._bound(asked.get("min_start_datetime"), self._calendar.epoch(now) - _BY_DEFAULT)
        high = min(now, self._bound(asked.get("max_start_datetime"), self._calendar.epoch(now)))
        newest_first = asked.get("order", "desc") == "desc"
        places = self._places(asked, low, high, now, newest_first=newest_first)
        ordered = by_time(places, lambda place: self._of(place, now), newest_first=newest_first)
        found = ((place, span) for start, (place, span) in ordered if low <= start <= high)
        page = window(found, offset=int(asked.get("offset", 0)), limit=int(asked.get("limit", 100)))
        return [self._record(*each, now) for each in page]

    def find(self, span_id: str, now: float) -> Record | None:
        """Return one span with its attributes; None if it does not exist at `now`."""
        number = self._ids.decode(span_id)
        if number is None:
            return None
        serial, which = divmod(number, _BY_RUN)
        place = place_of(self._world, serial, now)
        for _, (_, span) in self._of(place, now) if place else ():
            if place and span.which == which:
                record = self._record(place, span, now)
                attributes = {
                    "gen_ai.agent.name": AGENTS[self._agent(place)].name,
                    "tool.name": span.tool or None,
                }
                return {**record, "attributes": attributes}
        return None

    def _bound(self, text: str | None, default: float) -> float:
        epoch = default if text is None else read_date(text)
        return self._calendar.world(default if epoch is None else epoch)

    def _places(
        self, asked: Record, low: float, high: float, now: float, *, newest_first: bool
    ) -> Iterator[Place]:
        """Yield the runs that may have matching spans; with a run or trace id only that run."""
        serials = [
            codec.decode(asked[name])
            for name, codec in (("run_id", self._world.run_ids), ("trace_id", self._traces))
            if asked.get(name) is not None
        ]
        if serials:
            serial = serials[0] if len(set(serials)) == 1 else None
            one = None if serial is None else place_of(self._world, serial, now)
            places = iter([one] if one else [])
        else:
            places = runs_of(
                self._world, self._threads(asked, low), after=low - REACH, now=high, newest_first=newest_first
            )
        return (place for place in places if self._matches(place, asked))

    def _threads(self, asked: Record, low: float) -> list[int]:
        if asked.get("thread_id") is not None:
            thread = self._world.find_thread(asked["thread_id"])
            return [] if thread is None else [thread]
        return self._world.live if low - REACH > self._world.quiet_since else list(range(self._world.threads))

    def _matches(self, place: Place, asked: Record) -> bool:
        given = labels(place.plan.choices.bits)
        wanted = dict(asked.get("metadata") or {})
        if asked.get("group") is not None:
            wanted["group"] = asked["group"]
        if any(given.get(name) != value for name, value in wanted.items()):
            return False
        ids = (
            ("thread_id", self._world.thread_id(place.thread)),
            ("agent_id", self._world.agent_id(self._agent(place))),
        )
        return all(asked.get(name) is None or bare(asked[name]) == known for name, known in ids)

    def _agent(self, place: Place) -> int:
        return self._world.run_agent(place.thread, place.plan.choices.bits)

    def _of(self, place: Place, now: float) -> Iterator[tuple[float, tuple[Place, _Span]]]:
        """Yield (start, (run, span)) of the spans of a run that have begun at `now`."""
        for span in self._plan(place):
            if span.start <= now:
                yield span.start, (place, span)

    def _plan(self, place: Place) -> Iterator[_Span]:
        plan, choices = place.plan, place.plan.choices
        if plan.started is None:
            return
        number = self._agent(place)
        agent, other = AGENTS[number], AGENTS[(number + 2) % len(AGENTS)]
        yield _Span(0, plan.started, plan.ended, f"agent run {agent.name}")
        turns = choices.bits % 3 + 2
        turn = choices.seconds / turns
        for step in range(turns):
            start = plan.started + step * turn + 0.01
            if start >= plan.ended:
                return
            tokens = (_share(choices.prompt, step, turns), _share(choices.completion, step, turns))
            begin = start + turn * 0.65
            kind = agent.tools[(choices.bits + step) % len(agent.tools)]
            called = step < turns - 1 and begin < plan.ended
            theirs = (tokens[0] // 3, tokens[1] // 3) if called and kind == _OTHER_AGENT else (0, 0)
            own = (tokens[0] - theirs[0], tokens[1] - theirs[1])
            yield _Span(1 + 2 * step, start, min(plan.ended, start + turn * 0.6), f"chat {agent.model}", own)
            if called:
                end = min(plan.ended, begin + turn * 0.25)
                name = tool_name(kind)
                yield _Span(2 + 2 * step, begin, end, f"running tool {name}", tool=name)
                if kind == _OTHER_AGENT:
                    yield from _other_agent(step, begin, end, other, theirs)
        yield from _moments(place)
        if plan.outcome == "failed":
            yield from _error(place, agent, other, max(plan.started, plan.ended - turn * 0.3))

    def _record(self, place: Place, span: _Span, now: float) -> Record:
        serial = self._world.serial(place.thread, place.plan.number)
        choices = place.plan.choices
        error = ALL_ERRORS[choices.error]
        model = AGENTS[self._agent(place)].model if span.tokens else None
        given = labels(choices.bits)
        over = span.end <= now
        failed = span.exception and over
        return {
            "run_id": self._world.run_id(place.thread, place.plan.number),
            "thread_id": self._world.thread_id(place.thread),
            "agent_id": self._world.agent_id(self._agent(place)),
            "trace_id": self._traces.encode(serial),
            "span_id": self._ids.encode(serial * _BY_RUN + span.which),
            "parent_span_id": self._ids.encode(serial * _BY_RUN + span.parent) if span.which else None,
            "span_name": span.name,
            "group": given["group"],
            "level": _ERROR if failed else _INFO,
            "service_name": "seekrflow-agents",
            "otel_scope_name": "pydantic-ai",
            "start_timestamp": self._calendar.iso(span.start),
            "end_timestamp": self._calendar.iso(span.end if over else span.start),
            "kind": span.kind if over else "pending_span",
            "message": error.text if failed else span.name,
            "is_exception": failed,
            "exception_type": error.type if failed else None,
            "gen_ai_operation_name": "chat" if span.tokens else None,
            "gen_ai_system": "seekr" if span.tokens else None,
            "gen_ai_request_model": model,
            "gen_ai_response_model": model if over else None,
            "gen_ai_usage_input_tokens": str(span.tokens[0]) if span.tokens and over else None,
            "gen_ai_usage_output_token": str(span.tokens[1]) if span.tokens and over else None,
            "seekr_metadata": {name: value for name, value in given.items() if name != "group"},
        }


def _other_agent(
    step: int, begin: float, end: float, agent: Agent, tokens: tuple[int, int]
) -> Iterator[_Span]:
    """Yield the spans of an agent that is called in one step of a run, between `begin` and `end`."""
    first, part = 16 + 4 * step, (end - begin) / 10
    tool = tool_name(agent.tools[step % len(agent.tools)])
    yield _Span(first, begin + part, end, f"agent run {agent.name}", parent=2 + 2 * step)
    chat = f"chat {agent.model}"
    yield _Span(first + 1, begin + 2 * part, begin + 6 * part, chat, tokens, parent=first)
    yield _Span(
        first + 2, begin + 6 * part, begin + 9 * part, f"running tool {tool}", tool=tool, parent=first
    )


def _error(place: Place, agent: Agent, other: Agent, start: float) -> Iterator[_Span]:
    """Yield the span that failed; in half of the runs of agents that call others, in a call of another agent."""
    end, error = place.plan.ended, ALL_ERRORS[place.plan.choices.error]
    parent = 0
    if error.tool and _OTHER_AGENT in agent.tools and place.plan.choices.bits % 2:
        tool = tool_name(_OTHER_AGENT)
        yield _Span(_ERROR_IN[0], start, end, f"running tool {tool}", tool=tool)
        start += (end - start) / 4
        yield _Span(_ERROR_IN[1], start, end, f"agent run {other.name}", parent=_ERROR_IN[0])
        start, parent = start + (end - start) / 4, _ERROR_IN[1]
    name = f"running tool {tool_name(error.tool)}" if error.tool else f"chat {agent.model}"
    yield _Span(15, start, end, name, tool=error.tool, exception=True, parent=parent)


def _moments(place: Place) -> Iterator[_Span]:
    """Yield the logs and events of a run, which have no duration."""
    plan, bits = place.plan, place.plan.choices.bits
    if plan.started is None:
        return
    at = plan.started + (plan.ended - plan.started) * 0.1
    if bits % 8 == 0:
        yield _Span(_LOG, at, at, "prompt cache: no entry", parent=1, kind="log")
    if bits % 8 == 1:
        yield _Span(_EVENT, at, at, "first token", parent=1, kind="span_event")


def _share(total: int, step: int, turns: int) -> int:
    """Return the tokens of one of `turns` calls; all calls together use `total`."""
    return total * (step + 1) // turns - total * step // turns
