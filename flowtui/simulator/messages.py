"""What was said on a thread: the question, the tool calls, the answer of each run.

Pure; made from the run's plan when asked for. A failed run's last message holds the tool's error, as the API has
no error on the run itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .catalogue import AGENTS, ANSWERS, CUSTOMERS, ERRORS, QUESTIONS, THOUGHTS
from .ids import Codec
from .ordering import Place, by_time, runs_of, window
from .records import agent_id, labels
from .tools import tool_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .dates import Calendar
    from .scenario import World

Record = dict[str, Any]
_BY_RUN: Final = 4
"""Message ids kept for each run, of which three are used: question, work, answer."""


class Messages:
    """The messages of a world."""

    def __init__(self, world: World, calendar: Calendar) -> None:
        self._world = world
        self._calendar = calendar
        self._ids = Codec("msg_", world.seed, (8, 11))

    def page(
        self, thread: int, now: float, *, limit: int, offset: int, order: str, parts: bool
    ) -> list[Record]:
        """Return a page of a thread's messages at `now`."""
        newest_first = order == "desc"
        places = runs_of(self._world, (thread,), after=-1e18, now=now, newest_first=newest_first)
        found = by_time(places, lambda place: self._of(place, now), newest_first=newest_first)
        return [
            self._record(place, which, parts=parts)
            for _, (place, which) in window(found, offset=offset, limit=limit)
        ]

    def find(self, thread: int, message_id: str, now: float, *, parts: bool) -> Record | None:
        """Return one message of a thread, None where it does not exist at `now`."""
        number = self._ids.decode(message_id)
        if number is None:
            return None
        serial, which = divmod(number, _BY_RUN)
        found = self._world.locate(serial, now)
        if found is None or found[0] != thread:
            return None
        plan = self._world.timeline(thread)[found[1]]
        place = Place(plan.created, thread, plan)
        if which not in [kind for _, (_, kind) in self._of(place, now)]:
            return None
        return self._record(place, which, parts=parts)

    def _of(self, place: Place, now: float) -> Iterator[tuple[float, tuple[Place, int]]]:
        """Yield (time, (run, which)) of the messages of a run that exist at `now`."""
        plan = place.plan
        yield plan.created, (place, 0)
        if plan.started is None:
            return
        work = plan.started + plan.draw.seconds * 0.4
        if work < min(now, plan.ended):
            yield work, (place, 1)
        if plan.ended <= now and plan.outcome in {"completed", "failed"}:
            yield plan.ended, (place, 2)

    def _record(self, place: Place, which: int, *, parts: bool) -> Record:
        plan, throw = place.plan, place.plan.draw.throw
        started = plan.created if plan.started is None else plan.started
        moment = (plan.created, started + plan.draw.seconds * 0.4, plan.ended)[which]
        agent = self._world.run_agent(place.thread, throw)
        made = (self._question, self._work, self._answer)[which](place, agent)
        text = next((part["text"] for part in made if part["type"] == "text"), "")
        message_id = self._ids.encode(self._world.serial(place.thread, plan.number) * _BY_RUN + which)
        record: Record = {
            "id": message_id,
            "object": "thread.message",
            "created_at": self._calendar.iso(moment),
            "thread_id": self._world.thread_id(place.thread),
            "role": "assistant" if which else "user",
            "content": [{"type": "output_text", "text": text, "annotations": []}] if which == 2 else text,
            "agent_id": agent_id(agent) if which else None,
            "run_id": self._world.run_id(place.thread, plan.number),
            "meta_data": {"customer": labels(throw)["customer"]},
        }
        if parts:
            record["parts"] = [{"id": f"{message_id}_{place}", **part} for place, part in enumerate(made)]
        return record

    def _question(self, place: Place, _agent: int) -> list[Record]:
        throw = place.plan.draw.throw
        text = QUESTIONS[throw // 11 % len(QUESTIONS)]
        customer = CUSTOMERS[throw // 101 % len(CUSTOMERS)]
        return [{"type": "text", "text": text.format(customer=customer, ticket=throw % 90_000 + 10_000)}]

    def _work(self, place: Place, agent: int) -> list[Record]:
        throw = place.plan.draw.throw
        kinds = AGENTS[agent].tools
        call: Record = {
            "tool_name": tool_name(kinds[throw % len(kinds)]),
            "tool_call_id": f"call_{throw:08x}",
        }
        output = {"rows": throw % 40, "took_ms": throw % 900 + 80}
        return [
            {"type": "reasoning", "text": THOUGHTS[throw % len(THOUGHTS)]},
            {"type": "text", "text": "Looking it up."},
            {"type": "tool-call", **call, "args": {"query": f"ticket {throw % 90_000 + 10_000}"}},
            {"type": "tool-result", **call, "output": output, "is_error": False},
        ]

    def _answer(self, place: Place, agent: int) -> list[Record]:
        throw = place.plan.draw.throw
        if place.plan.outcome == "completed":
            text = ANSWERS[throw // 13 % len(ANSWERS)].format(ticket=throw % 90_000 + 10_000)
            return [{"type": "text", "text": text}]
        error = ERRORS[place.plan.draw.error]
        apology = {"type": "text", "text": f"I could not finish this: {error.text}"}
        if not error.tool:
            return [apology]
        call: Record = {"tool_name": tool_name(error.tool), "tool_call_id": f"call_{throw ^ 0xFFFFFFFF:08x}"}
        return [
            {"type": "tool-call", **call, "args": {"agent": AGENTS[agent].name}},
            {"type": "tool-error", **call, "error_text": error.text},
            apology,
        ]
