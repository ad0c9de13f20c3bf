"""Runs as others hold them: every field that the API's schema has, as msgspec structs and as pydantic models.

Also pages of such runs as a server sends them: the simulator's, with instructions of some hundred words.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict, TypeAdapter

from flowtui.simulator.dates import Calendar
from flowtui.simulator.records import run_record
from flowtui.simulator.scenario import World

_BEGIN = 1_800_000_000.0


class UsageStruct(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class RunStruct(msgspec.Struct):
    id: str
    created_at: datetime
    agent_id: str
    thread_id: str
    status: str
    model: str
    temperature: float
    top_p: float
    parallel_tool_calls: bool
    object: str = "thread.run"
    is_active: bool = False
    started_at: datetime | None = None
    expires_at: datetime | None = None
    cancelled_at: datetime | None = None
    failed_at: datetime | None = None
    completed_at: datetime | None = None
    instructions: str | None = None
    tools: list[dict[str, Any]] = []
    meta_data: dict[str, Any] = {}
    usage: UsageStruct | None = None
    max_completion_tokens: int | None = None
    truncation_strategy: dict[str, Any] = {}
    response_format: str | dict[str, Any] = "auto"
    tool_choice: str | dict[str, Any] = "auto"


class UsageModel(BaseModel):
    model_config = ConfigDict(extra="allow")
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class RunModel(BaseModel):
    """As the schema says, which allows further fields."""

    model_config = ConfigDict(extra="allow")
    id: str
    created_at: datetime
    agent_id: str
    thread_id: str
    status: str
    model: str
    temperature: float
    top_p: float
    parallel_tool_calls: bool
    object: str = "thread.run"
    is_active: bool = False
    started_at: datetime | None = None
    expires_at: datetime | None = None
    cancelled_at: datetime | None = None
    failed_at: datetime | None = None
    completed_at: datetime | None = None
    instructions: str | None = None
    tools: list[dict[str, Any]] = []
    meta_data: dict[str, Any] = {}
    usage: UsageModel | None = None
    max_completion_tokens: int | None = None
    truncation_strategy: dict[str, Any] = {}
    response_format: str | dict[str, Any] = "auto"
    tool_choice: str | dict[str, Any] = "auto"


STRUCTS = msgspec.json.Decoder(list[RunStruct])
MODELS = TypeAdapter(list[RunModel])


def _records(world: World, thread: int) -> list[dict[str, Any]]:
    """Return the runs of a thread, newest first."""
    calendar = Calendar(lambda: _BEGIN, _BEGIN)
    line = world.timeline(thread)
    return [
        run_record(world, thread, line[number], calendar, 0.0)
        for number in range(line.count(0.0) - 1, -1, -1)
    ]


def pages(count: int, size: int) -> list[bytes]:
    """Return the bodies of so many runs of one thread, `size` a page."""
    runs = _records(World(threads=1, runs=count + 2), 0)[:count]
    assert len(runs) == count
    return [_body(runs[start : start + size]) for start in range(0, count, size)]


def bodies_of_threads(runs: int, threads: int) -> list[tuple[str, bytes]]:
    """Return the id and the one body of each thread; `runs` are those of all of them, about."""
    world = World(threads=threads, runs=runs)
    return [(world.thread_id(thread), _body(_records(world, thread))) for thread in range(threads)]


def _body(page: list[dict[str, Any]]) -> bytes:
    return json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode()
