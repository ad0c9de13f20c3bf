"""Builders of runs, threads and bodies: a test spells out only the fields it is about."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from flowtui.model.run.parsing import parse_run
from flowtui.model.run.row import Run
from flowtui.model.run.thread import Thread
from flowtui.model.state.known_runs import ThreadState


def _raw_run(run_id: str = "run_1", **fields: Any) -> dict[str, Any]:
    """Return a complete run as the API sends it."""
    return {
        "id": run_id,
        "object": "thread.run",
        "created_at": "2026-11-24T12:00:00Z",
        "agent_id": "agent_1",
        "thread_id": "thr_1",
        "status": "running",
        "is_active": False,
        "model": "llama",
        "temperature": 1,
        "top_p": 1.0,
        "parallel_tool_calls": True,
        "started_at": None,
        "expires_at": None,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "instructions": "Be kind",
        "tools": [{"type": "web_search"}],
        "meta_data": {},
        "usage": None,
        **fields,
    }


def _run(run_id: str = "run_1", status: str = "running", **fields: Any) -> Run:
    """Return a row. Times are epoch seconds; the parser makes the row, so that its status class is always right."""
    names = {
        name: f"{name}_at" for name in ("created", "started", "expires", "cancelled", "failed", "completed")
    }
    raw = {names.get(name, name): value for name, value in fields.items()}
    return parse_run({"id": run_id, "status": status, **raw}, "thr_1")


def _thread(status: str = "available", active_run: str | None = None, key: str = "thr_1") -> Thread:
    return Thread(key, key, status, active_run, 0.0, None)


# Session scope: builders have no state, and hypothesis refuses function-scoped fixtures.
@pytest.fixture(scope="session")
def raw_run() -> Callable[..., dict[str, Any]]:
    return _raw_run


@pytest.fixture(scope="session")
def a_run() -> Callable[..., Run]:
    return _run


@pytest.fixture(scope="session")
def a_thread() -> Callable[..., Thread]:
    return _thread


@pytest.fixture(scope="session")
def fresh() -> Callable[..., ThreadState]:
    """Builds the state of a thread before its first observation."""
    return lambda **fields: ThreadState("thr_1", **{"interval": 2.0, **fields})


@pytest.fixture(scope="session")
def body_of() -> Callable[[Any], bytes]:
    return lambda value: json.dumps(value).encode()
