"""The events of a run's stream: the texts, reasonings and tool calls of its messages, piece by piece. Pure.

In the form in which the official SDK reads them: messages of Vercel's AI SDK. A text has an id that is unique in its step
only. While one agent calls another as a tool, the events of the other are nested.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from flowtui.simulator.world import catalogue
from flowtui.simulator.world.catalogue import AGENTS
from flowtui.simulator.world.message_parts import answer, work
from flowtui.simulator.world.messages import CALLED, RETURNED, moment, steps
from flowtui.simulator.world.timeline import Plan

Event = dict[str, Any]
Timed = tuple[float, Event]
"""A world second and the event that is sent then."""

_PIECE: Final = 14  # characters of a text in one event
_NESTED_TEXT: Final = "I am looking at the order, the ledger and the last mails of the customer."


def live_events(plan: Plan, agent: int, message_id: str) -> Iterator[Timed]:
    """Yield all events of a run up to its end, in their order, without `finish`."""
    if plan.started is None:
        return
    yield plan.started, {"type": "start", "messageId": message_id}
    count = steps(plan)
    for step in range(count):
        parts = work(plan, agent, step, last=step + 1 == count, returned=True)
        called, returned = moment(plan, step, CALLED), moment(plan, step, RETURNED)
        yield from _step(parts, agent, moment(plan, step, 0.0), called, returned)
    # A run that is cancelled ends before its answer; `ended` of the others is exact, the sum may be rounded.
    planned = plan.started + plan.choices.seconds
    begin, end = moment(plan, count, 0.0), plan.ended if plan.outcome in ("completed", "failed") else planned
    yield from _step(answer(plan, agent), agent, begin, end - (end - begin) * 0.1, end)


def _step(parts: list[Event], agent: int, begin: float, called: float, returned: float) -> Iterator[Timed]:
    """Yield one step: its texts until `called`, then its tool call, which returns at `returned`."""
    texts = [part for part in parts if part["type"] in ("text", "reasoning")]
    call = next((part for part in parts if part["type"] == "tool-call"), None)
    result = next((part for part in parts if part["type"] in ("tool-result", "tool-error")), None)
    yield begin, {"type": "start-step"}
    each = (called - begin) * 0.9 / max(1, len(texts))
    for place, part in enumerate(texts):
        first = begin + place * each
        yield from _text(part["type"], str(place), part["text"], first, first + each)
    if call is not None:
        yield from _call(call, called)
        if call["tool_name"] == _agent_tool():
            yield from _nested(call, agent, called, returned)
        if result is not None:
            yield returned, _output(result)
    yield returned, {"type": "finish-step"}


def _text(kind: str, name: str, text: str, begin: float, end: float) -> Iterator[Timed]:
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    yield begin, {"type": f"{kind}-start", "id": name}
    for place, piece in enumerate(pieces):
        at = begin + (end - begin) * (place + 1) / (len(pieces) + 1)
        yield at, {"type": f"{kind}-delta", "id": name, "delta": piece}
    yield end, {"type": f"{kind}-end", "id": name}


def _call(call: Event, at: float) -> Iterator[Timed]:
    given = {"toolCallId": call["tool_call_id"], "toolName": call["tool_name"]}
    written = json.dumps(call["args"], ensure_ascii=False)
    yield at, {"type": "tool-input-start", **given}
    for place in range(0, len(written), 4 * _PIECE):
        piece = written[place : place + 4 * _PIECE]
        yield at, {"type": "tool-input-delta", "toolCallId": call["tool_call_id"], "inputTextDelta": piece}
    yield at, {"type": "tool-input-available", **given, "input": call["args"]}


def _output(result: Event) -> Event:
    known = {"toolCallId": result["tool_call_id"]}
    if result.get("error_text"):
        return {"type": "tool-output-error", **known, "errorText": result["error_text"]}
    return {"type": "tool-output-available", **known, "output": result.get("output")}


def _nested(call: Event, agent: int, begin: float, end: float) -> Iterator[Timed]:
    """Yield what an agent that is called as a tool writes and calls."""
    outer, inner = call["tool_call_id"], f"{call['tool_call_id']}_1"
    span = end - begin
    lookup = {"tool_call_id": inner, "tool_name": "crm_lookup", "args": {"for": AGENTS[agent].name}}

    def wrap(events: Iterator[Timed], *more: str) -> Iterator[Timed]:
        for at, event in events:
            data = {
                "chunk": event,
                "depth": 1,
                "sourceToolName": call["tool_name"],
                "toolCallPath": [outer, *more],
            }
            yield at, {"type": "data-nestedToolEvent", "data": data}

    yield from wrap(_text("text", "0", _NESTED_TEXT, begin, begin + 0.4 * span))
    yield from wrap(_call(lookup, begin + 0.5 * span), inner)
    output = {"type": "tool-output-available", "toolCallId": inner, "output": {"rows": 3}}
    yield from wrap(iter([(begin + 0.9 * span, output)]), inner)


def _agent_tool() -> str:
    return str(catalogue.TOOLS["agent_as_tool"]["name"])
