"""Runs with every field of the API's schema, as msgspec structs and as pydantic models, to compare with.

Also pages of such runs as the simulator sends them, with instructions of some hundred words.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec
from pydantic import ConfigDict, TypeAdapter, create_model

from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.records import run_record
from flowtui.simulator.world.scenario import World

_BEGIN = 1_800_000_000.0


_USAGE: dict[str, Any] = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), int)
_NEEDED: dict[str, Any] = {
    "id": str,
    "created_at": datetime,
    "agent_id": str,
    "thread_id": str,
    "status": str,
    "model": str,
    "temperature": float,
    "top_p": float,
    "parallel_tool_calls": bool,
}
_OPTIONAL: dict[str, tuple[Any, Any]] = {
    "object": (str, "thread.run"),
    "is_active": (bool, False),
    **{f"{word}_at": (datetime | None, None) for word in ("started", "expires", "cancelled", "failed", "completed")},
    "instructions": (str | None, None),
    "tools": (list[dict[str, Any]], []),
    "meta_data": (dict[str, Any], {}),
    "max_completion_tokens": (int | None, None),
    "truncation_strategy": (dict[str, Any], {}),
    "response_format": (str | dict[str, Any], "auto"),
    "tool_choice": (str | dict[str, Any], "auto"),
}  # fmt: skip


def _struct() -> Any:
    usage = msgspec.defstruct("Usage", [*_USAGE.items()])
    optional = {**_OPTIONAL, "usage": (usage | None, None)}
    return msgspec.defstruct("Run", [*_NEEDED.items(), *((name, *field) for name, field in optional.items())])


def _model() -> Any:
    """Return the pydantic model of a run; it allows further fields, as the schema does."""
    extra = ConfigDict(extra="allow")
    usage = create_model("Usage", __config__=extra, **{name: (kind, ...) for name, kind in _USAGE.items()})
    needed = {name: (kind, ...) for name, kind in _NEEDED.items()}
    return create_model("Run", __config__=extra, **needed, **_OPTIONAL, usage=(usage | None, None))


STRUCTS = msgspec.json.Decoder(list[_struct()])
MODELS = TypeAdapter(list[_model()])


def _records(world: World, thread: int) -> list[dict[str, Any]]:
    """Return the runs of a thread, newest first."""
    calendar = Calendar(lambda: _BEGIN, _BEGIN)
    line = world.timeline(thread)
    return [
        run_record(world, thread, line[number], calendar, 0.0)
        for number in range(line.count(0.0) - 1, -1, -1)
    ]


def pages(count: int, size: int) -> list[bytes]:
    """Return the bodies of `count` runs of one thread, `size` a page."""
    runs = _records(World(threads=1, runs=count + 2), 0)[:count]
    assert len(runs) == count
    return [_body(runs[start : start + size]) for start in range(0, count, size)]


def bodies_of_threads(runs: int, threads: int) -> list[tuple[str, bytes]]:
    """Return (id, body) of each thread; all bodies together have about `runs` runs."""
    world = World(threads=threads, runs=runs)
    return [(world.thread_id(thread), _body(_records(world, thread))) for thread in range(threads)]


def _body(page: list[dict[str, Any]]) -> bytes:
    return json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode()
