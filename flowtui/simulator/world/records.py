"""Threads, runs and agents as the JSON objects that the API serves.

Written from the published schemas, independent of flowtui's parser. Pure: world, calendar and time are arguments.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final
from zlib import crc32

from flowtui.simulator.world.catalogue import AGENTS, CUSTOMERS, ENVIRONMENTS, REGIONS, RELEASES
from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.ids import Codec
from flowtui.simulator.world.instructions import instructions
from flowtui.simulator.world.random_choices import QUIET
from flowtui.simulator.world.scenario import World
from flowtui.simulator.world.timeline import RUNNING, Plan
from flowtui.simulator.world.tools import tool, tool_on_run, tool_v1

Record = dict[str, Any]

_EXPIRES_AFTER: Final = 600.0
_NO_EXPIRY: Final = 11  # about one in so many runs has no deadline
_RELEASED_EVERY: Final = 1_500.0  # seconds of the world
_DAY: Final = 86_400.0
_TOOL_IDS: Final = Codec("tool_", 0, (8,))


@lru_cache(maxsize=2 * len(AGENTS))
def _tools(agent: int, colleague: str) -> tuple[Record, ...]:
    """Return an agent's tools. `colleague`: the id of the agent that it may call."""
    return tuple(
        tool(kind, _TOOL_IDS.encode(agent * 8 + place), colleague=colleague)
        for place, kind in enumerate(AGENTS[agent].tools)
    )


@lru_cache(maxsize=2 * len(AGENTS))
def _tools_on_run(agent: int, colleague: str) -> tuple[Record, ...]:
    return tuple(map(tool_on_run, _tools(agent, colleague)))


def _colleague(world: World, agent: int) -> str:
    return world.agent_id((agent + 2) % len(AGENTS))


def labels(bits: int) -> dict[str, str]:
    """Return the metadata of a run, derived from its random bits."""
    return {
        "env": ENVIRONMENTS[bits % len(ENVIRONMENTS)],
        "region": REGIONS[bits // 7 % len(REGIONS)],
        "release": RELEASES[bits // 31 % len(RELEASES)],
        "customer": CUSTOMERS[bits // 101 % len(CUSTOMERS)],
        "group": "nightly-eval" if bits % 9 == 0 else "default_group",
    }


def agent_record(
    world: World, agent: int, calendar: Calendar, *, version: int = 2, deployed: float | None = None
) -> Record:
    """Return an agent of this world.

    `version`: of the endpoint; version 1 has tools in an older form.
    `deployed`: the world second of the last deployment; None: as in the catalogue, before the start.
    """
    which = AGENTS[agent]
    deployed = -which.deployed * 3600.0 if deployed is None else deployed
    tools = list(_tools(agent, _colleague(world, agent)))
    return {
        "id": world.agent_id(agent),
        "name": which.name,
        "instructions": instructions(which.name),
        "status": "Active",
        "model_id": which.model,
        "planner_model_id": None,
        "tool_model_id": None,
        "output": {"frequency": "automatic"},
        "temperature": 0.2,
        "planner_temperature": 0.6,
        "reasoning_effort": which.effort,
        "user_id": "user_simulated",
        "team_id": "team_simulated",
        "tools": [tool_v1(shown) for shown in tools] if version == 1 else tools,
        "created_at": calendar.iso(-90 * _DAY - agent * _DAY),
        "updated_at": calendar.iso(deployed - 240.0),
        "last_deployed_at": calendar.iso(deployed),
        "active_duration": int(which.deployed * 3600),
    }


def thread_record(world: World, thread: int, calendar: Calendar, now: float) -> Record:
    """Return a thread at `now`; it is locked while one of its runs is queued or running."""
    holder = world.timeline(thread).holder(now)
    return {
        "id": world.thread_id(thread),
        "object": "thread",
        "created_at": calendar.iso(world.thread_created(thread)),
        "status": "available" if holder is None else "locked",
        "active_run_id": None if holder is None else world.run_id(thread, holder.number),
        "meta_data": {
            "customer": CUSTOMERS[(thread * 5 + world.seed) % len(CUSTOMERS)],
            "channel": ("mail", "chat", "phone", "api")[thread % 4],
            "archived": world.activity(thread) == QUIET,
        },
    }


def _usage(plan: Plan, now: float) -> Record | None:
    used = plan.usage(now)
    if used is None:
        return None
    prompt, completion = used
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _release(agent: int, created: float) -> int:
    """Return bits that stay the same during one release of an agent: its configuration changes every 1,500 s.

    There are enough releases for each field of the API to take each of its forms.
    """
    number = int((created + agent * 311.0) // _RELEASED_EVERY)
    return crc32(f"{agent}:{number}".encode())


def _settings(bits: int, agent: int) -> Record:
    """Return the configuration fields of a run of this release."""
    answer = {"type": "json_schema", "json_schema": {"name": "decision", "schema": {"type": "object"}}}
    chosen = {"type": "function", "function": {"name": "crm"}}
    return {
        "temperature": (0.0, 0.2, 0.7, 1.0)[bits % 4],
        "top_p": (1.0, 0.95)[bits // 4 % 2],
        "max_completion_tokens": (None, 2048, 8192)[bits // 8 % 3],
        "truncation_strategy": {"type": "auto"}
        if bits % 5
        else {"type": "last_messages", "last_messages": 12},
        "response_format": answer if bits // 3 % 11 == 0 else "auto",
        "tool_choice": chosen if bits // 5 % 13 == 0 and "mcp_connector" in AGENTS[agent].tools else "auto",
        "parallel_tool_calls": bits // 16 % 3 != 0,
    }


def _holds(world: World, thread: int, plan: Plan, now: float) -> bool:
    holder = world.timeline(thread).holder(now)
    return holder is not None and holder.number == plan.number


def run_record(
    world: World,
    thread: int,
    plan: Plan,
    calendar: Calendar,
    now: float,
    *,
    early_usage: bool = False,
    labelled: bool = False,
) -> Record:
    """Return a run at `now`.

    Once the run has ended, one of its three end times is set: that of its outcome. Some runs never expire.

    `early_usage`: the usage is set from the first token on, not only once the run has ended.
    `labelled`: `meta_data` has the labels that its spans have. Otherwise it is empty.
    """
    bits = plan.choices.bits
    agent = world.run_agent(thread, bits)
    release = _release(agent, plan.created)
    status = plan.status(now)
    over = now >= plan.ended
    started = plan.started is not None and now >= plan.started
    active = not over and (status == RUNNING or _holds(world, thread, plan, now))

    def ended(outcome: str) -> str | None:
        return calendar.iso(plan.ended) if over and plan.outcome == outcome else None

    return {
        "id": world.run_id(thread, plan.number),
        "object": "thread.run",
        "created_at": calendar.iso(plan.created),
        "agent_id": world.agent_id(agent),
        "thread_id": world.thread_id(thread),
        "status": status,
        "is_active": active,
        "started_at": calendar.iso(plan.started) if started and plan.started is not None else None,
        "expires_at": None if bits % _NO_EXPIRY == 5 else calendar.iso(plan.created, later=_EXPIRES_AFTER),
        "cancelled_at": ended("cancelled"),
        "failed_at": ended("failed"),
        "completed_at": ended("completed"),
        "model": AGENTS[agent].model,
        "instructions": instructions(AGENTS[agent].name, release),
        "tools": list(_tools_on_run(agent, _colleague(world, agent))),
        "meta_data": labels(bits) if labelled else {},
        "usage": _usage(plan, now) if over or early_usage else None,
        **_settings(release, agent),
    }
