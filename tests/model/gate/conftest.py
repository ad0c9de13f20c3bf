"""Builds sides of many runs. The base is the window from 0 to 1000 s; the new side begins at 1000 s."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from flowtui.model.gate import Side, judge, parse_gate
from flowtui.model.run.row import COMPLETED, FAILED, QUEUED, RUNNING, Run

CUT = 1_000.0


def _run(run_id, created, status=COMPLETED, *, took=10.0, tokens=1000, agent="a", waited=1.0, thread=None):
    started = None if status == QUEUED else created + waited
    end = None if status in (QUEUED, RUNNING) else started + took
    ends = {"failed": end} if status == FAILED else {"completed": end}
    empty = dict.fromkeys(Run._fields)
    return Run(
        **{
            **empty,
            "thread_key": thread or f"thr_{run_id}",
            "raw_id": run_id,
            "id": run_id,
            "agent_id": agent,
            "status": status,
            "status_class": status,
            "model": "",
            "is_active": False,
            "created": created,
            "started": started,
            "total_tokens": tokens,
            **ends,
        }
    )


def _side(count, *, new=False, failed=0, took=10.0, tokens=1000, agent="a"):
    """Return a side of which `failed` runs, evenly spread, have failed. A list gives each run its own value."""
    start = CUT if new else 0.0
    bad = {round(number * count / failed) for number in range(failed)} if failed else set()

    def nth(values, number):
        return values[number % len(values)] if isinstance(values, list) else values

    runs = [
        _run(
            f"{agent}_{'new' if new else 'base'}_{number}",
            start + number * 900.0 / count,
            FAILED if number in bad else COMPLETED,
            took=nth(took, number),
            tokens=nth(tokens, number),
            agent=agent,
        )
        for number in range(count)
    ]
    return Side(runs, start, start + CUT)


def _both(sides: Iterable[Side]) -> Side:
    known = list(sides)
    return known[0]._replace(runs=[run for side in known for run in side.runs])


def _judged(text, base, new, *, final=True, min_runs=20, **options):
    return judge(parse_gate(text), base, new, min_runs=min_runs, final=final, **options)


@pytest.fixture(scope="session")
def one_run():
    return _run


@pytest.fixture(scope="session")
def side():
    return _side


@pytest.fixture(scope="session")
def both():
    return _both


@pytest.fixture(scope="session")
def judged():
    return _judged
