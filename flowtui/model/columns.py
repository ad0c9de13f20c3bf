"""The columns of a list of runs: one definition serves the table, sorting, `runs -o table`, csv and `--columns`.

`value` is for machines and sorting (numbers, raw words, None for unknown), `text` for people. Pure; knows no colour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final, Literal

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.findings import run_findings
from flowtui.model.run import FAILED, QUEUED, RUNNING, STATUS_CLASSES, Run, RunKey
from flowtui.model.run import UNKNOWN as UNKNOWN_CLASS
from flowtui.model.store import ThreadState
from flowtui.text import safe_text


@dataclass(frozen=True, slots=True)
class Context:
    """What a cell needs beside its run. `now` is server time in UTC epoch seconds."""

    now: float
    agents: Mapping[str, str] = field(default_factory=dict)
    threads: Mapping[str, ThreadState] = field(default_factory=dict)
    zone: tzinfo | None = None
    usual: Mapping[str, float] = field(default_factory=dict)
    """Agent id → the seconds that its runs usually take, where enough of them are known."""
    reasons: Mapping[RunKey, str] = field(default_factory=dict)
    """Why failed runs failed, where it is known."""
    clock_offset: float = 0.0
    """Server clock minus local clock, in seconds: when a thread was observed is local time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. Columns with a higher `priority` yield first when it gets narrow; `width` is in cells, at most."""

    name: str
    title: str
    value: Callable[[Run, Context], Any]
    text: Callable[[Run, Context], str]
    width: int
    align: Literal["left", "right"] = "left"
    priority: int = 0
    rank: Callable[[Any], Any] | None = None
    moves: bool = False
    """Its text changes with time alone, without news from the server."""


def _agent(run: Run, context: Context) -> str:
    return context.agents.get(run.agent_id) or run.agent_id


def _thread(run: Run, context: Context) -> str:
    state = context.threads.get(run.thread_key)
    return state.id if state is not None else safe_text(run.thread_key)


def status_word(run: Run) -> str:
    """Return the word that stands for a run's status: ours where we know it, else the server's own, marked."""
    if run.status_class != UNKNOWN_CLASS:
        return run.status_class
    return f"{run.status}?" if run.status else UNKNOWN


def note(run: Run, context: Context) -> str:
    """Return the one thing that is worth saying about a run, the gravest first; "" where there is none."""
    state = context.threads.get(run.thread_key)
    if run.unreadable is not None:
        return f"unreadable: {run.unreadable}"
    found = run_findings(run, context.now, state, context.clock_offset)
    if found:
        return found[0].text
    if run.status_class == FAILED and run.key in context.reasons:
        return context.reasons[run.key]
    if run.status_class == UNKNOWN_CLASS:
        return "unknown status" if run.status else "no status"
    if run.status_class == QUEUED and state is not None:
        holder = state.active_run
        if holder is not None and holder != run.raw_id:
            return f"waits for {safe_text(holder)}"
    return ""


def progress(run: Run, context: Context) -> float | None:
    """Return how long a running run has taken, as a share of what its agent's runs usually take; None where unknown."""
    usual = context.usual.get(run.agent_id)
    taken = run.duration(context.now) if run.status_class == RUNNING else None
    return taken / usual if taken is not None and usual else None


def _tokens(run: Run) -> str:
    if run.total_tokens is None:
        return UNKNOWN
    return formatting.count(run.total_tokens) + ("+" if run.status_class == RUNNING else "")


def _text(read: Callable[[Run], str]) -> Callable[[Run, Context], str]:
    return lambda run, _: read(run) or UNKNOWN


def _count(read: Callable[[Run], int | None]) -> Callable[[Run, Context], str]:
    return lambda run, _: formatting.count(read(run))


def _time(read: Callable[[Run], float | None]) -> Callable[[Run, Context], str]:
    return lambda run, context: formatting.timestamp(read(run), context.zone)


_ALL: Final = (
    Column(
        name="status",
        title="STATUS",
        width=13,
        priority=0,
        value=lambda run, _: run.status_class,
        text=lambda run, _: status_word(run),
        rank=STATUS_CLASSES.index,
    ),
    Column(
        name="run", title="RUN", width=18, priority=0, value=lambda run, _: run.id, text=lambda run, _: run.id
    ),
    Column(name="thread", title="THREAD", width=14, priority=6, value=_thread, text=_thread),
    Column(
        name="agent",
        title="AGENT",
        width=16,
        priority=2,
        value=lambda run, ctx: _agent(run, ctx) or None,
        text=lambda run, ctx: _agent(run, ctx) or UNKNOWN,
    ),
    Column(
        name="model",
        title="MODEL",
        width=20,
        priority=7,
        value=lambda run, _: run.model or None,
        text=_text(lambda run: run.model.rpartition("/")[2] or run.model),
    ),
    Column(
        name="age",
        title="AGE",
        width=5,
        align="right",
        priority=1,
        moves=True,
        value=lambda run, ctx: run.age(ctx.now),
        text=lambda run, ctx: formatting.age(run.age(ctx.now)),
    ),
    Column(
        name="wait",
        title="WAIT",
        width=5,
        align="right",
        priority=8,
        moves=True,
        value=lambda run, ctx: run.wait(ctx.now),
        text=lambda run, ctx: formatting.age(run.wait(ctx.now)),
    ),
    Column(
        name="time",
        title="TIME",
        width=8,
        align="right",
        priority=3,
        moves=True,
        value=lambda run, ctx: run.duration(ctx.now),
        text=lambda run, ctx: formatting.duration(run.duration(ctx.now)),
    ),
    Column(
        name="tokens",
        title="TOKENS",
        width=12,
        align="right",
        priority=4,
        value=lambda run, _: run.total_tokens,
        text=lambda run, _: _tokens(run),
    ),
    Column(
        name="prompt",
        title="PROMPT",
        width=11,
        align="right",
        priority=10,
        value=lambda run, _: run.prompt_tokens,
        text=_count(lambda run: run.prompt_tokens),
    ),
    Column(
        name="completion",
        title="COMPLETION",
        width=11,
        align="right",
        priority=10,
        value=lambda run, _: run.completion_tokens,
        text=_count(lambda run: run.completion_tokens),
    ),
    Column(
        name="created",
        title="CREATED",
        width=25,
        priority=10,
        value=lambda run, _: run.created,
        text=_time(lambda run: run.created),
    ),
    Column(
        name="ended",
        title="ENDED",
        width=25,
        priority=10,
        value=lambda run, _: run.ended,
        text=_time(lambda run: run.ended),
    ),
    Column(
        name="note",
        title="NOTE",
        width=60,
        priority=5,
        value=lambda run, ctx: note(run, ctx) or None,
        text=note,
        moves=True,
    ),
)

COLUMNS: Final[Mapping[str, Column]] = {column.name: column for column in _ALL}
DEFAULT: Final = ("status", "run", "thread", "agent", "model", "age", "wait", "time", "tokens", "note")


def sort_runs(runs: list[Run], column: Column, context: Context, *, descending: bool = False) -> list[Run]:
    """Return the runs ordered by a column, run id as tiebreak, unknown last in both directions."""

    def key(run: Run) -> Any:
        value = column.value(run, context)
        return column.rank(value) if column.rank is not None and value is not None else value

    keyed = [(key(run), run.raw_id, run.thread_key, run) for run in runs]
    known = [entry for entry in keyed if entry[0] is not None]
    known.sort(key=lambda entry: entry[1:3])
    known.sort(key=lambda entry: entry[0], reverse=descending)
    unknown = sorted((entry for entry in keyed if entry[0] is None), key=lambda entry: entry[1:3])
    return [entry[3] for entry in (*known, *unknown)]
