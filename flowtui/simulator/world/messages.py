"""The messages of a thread: question, tool calls and answer of each run.

Pure: computed from the run's plan on request. The last message of a failed run has the tool's error, since the API has
no error on the run itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.message_parts import answer, content, question, work
from flowtui.simulator.world.ordering import Place, by_time, place_of, runs_of, window
from flowtui.simulator.world.records import labels
from flowtui.simulator.world.scenario import World
from flowtui.simulator.world.timeline import Plan

Record = dict[str, Any]
_BY_RUN: Final = 64
"""Message ids reserved for each run: the question, the answer, and one for each step of the work."""
_QUESTION: Final = 0
_ANSWER: Final = 1
_WORK: Final = 2
_LONG_FROM: Final = 10.0  # seconds of a run that may have many tool calls
CALLED: Final = 0.6
RETURNED: Final = 0.9
"""`CALLED`, `RETURNED`: the shares of a step after which the tool is called and has returned."""


def steps(plan: Plan) -> int:
    """Return how many tool calls a run makes: one to three, in some runs 14 to 38."""
    bits = plan.choices.bits
    if bits % 6 == 0 and plan.choices.seconds >= _LONG_FROM:
        return 14 + bits // 6 % 25
    return bits % 3 + 1


class Question(dict[str, Any]):
    """The message of a user, as sent: its `run_id` is null, because it exists before its run.

    `run`: the id of the run that answers it.
    """

    run: str = ""


def moment(plan: Plan, step: int, share: float) -> float:
    """Return the world second at which this share of a step of a run has passed. After the last step comes the answer."""
    started = plan.created if plan.started is None else plan.started
    return started + (step + share) * plan.choices.seconds / (steps(plan) + 1)


class Messages:
    """All messages of a world."""

    def __init__(self, world: World, calendar: Calendar) -> None:
        self._world = world
        self._calendar = calendar
        self._ids = world.id_codec("msg_", (8, 11))

    def page(
        self, thread: int, now: float, *, limit: int, offset: int, order: str, parts: bool
    ) -> list[Record]:
        """Return a page of a thread's messages at `now`, with their parts if `parts`."""
        newest_first = order == "desc"
        places = runs_of(self._world, (thread,), after=-1e18, now=now, newest_first=newest_first)
        found = by_time(places, lambda place: self._of(place, now), newest_first=newest_first)
        return [
            self._record(place, which, now, parts=parts)
            for _, (place, which) in window(found, offset=offset, limit=limit)
        ]

    def find(self, thread: int, message_id: str, now: float, *, parts: bool) -> Record | None:
        """Return one message of a thread, with its parts if `parts`; None if the message does not exist at `now`."""
        number = self._ids.decode(message_id)
        if number is None:
            return None
        serial, which = divmod(number, _BY_RUN)
        place = place_of(self._world, serial, now)
        if place is None or place.thread != thread:
            return None
        exists = which in [kind for _, (_, kind) in self._of(place, now)]
        return self._record(place, which, now, parts=parts) if exists else None

    def _of(self, place: Place, now: float) -> Iterator[tuple[float, tuple[Place, int]]]:
        """Yield (time, (run, number of the message in the run)) of the messages that exist at `now`."""
        plan = place.plan
        yield plan.created, (place, _QUESTION)
        if plan.started is None:
            return
        for step in range(steps(plan)):
            at = moment(plan, step, CALLED)
            if at >= min(now, plan.ended):
                break
            yield at, (place, _WORK + step)
        if plan.ended <= now and plan.outcome in {"completed", "failed"}:
            yield plan.ended, (place, _ANSWER)

    def _record(self, place: Place, which: int, now: float, *, parts: bool) -> Record:
        plan, bits = place.plan, place.plan.choices.bits
        agent = self._world.run_agent(place.thread, bits)
        if which == _QUESTION:
            at, made = plan.created, question(bits)
        elif which == _ANSWER:
            at, made = plan.ended, answer(plan, agent)
        else:
            step = which - _WORK
            at = moment(plan, step, CALLED)
            returned = moment(plan, step, RETURNED) <= min(now, plan.ended)
            made = work(plan, agent, step, last=step + 1 == steps(plan), returned=returned)
        text = next((part["text"] for part in made if part["type"] == "text"), "")
        number = self._world.serial(place.thread, plan.number) * _BY_RUN + which
        message_id = self._ids.encode(number, self._world.epoch(at))
        run = self._world.run_id(place.thread, plan.number)
        record: Record = {
            "id": message_id,
            "object": "thread.message",
            "created_at": self._calendar.iso(at),
            "thread_id": self._world.thread_id(place.thread),
            "role": "assistant" if which else "user",
            "content": content(plan, made) if which == _ANSWER else text,
            "agent_id": self._world.agent_id(agent) if which else None,
            "run_id": run if which else None,
            "meta_data": {"customer": labels(bits)["customer"]},
        }
        if parts:
            record["parts"] = [{"id": f"{message_id}_{place}", **part} for place, part in enumerate(made)]
        if which == _QUESTION:
            record = Question(record)
            record.run = run
        return record
