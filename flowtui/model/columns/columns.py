"""The columns of a list of runs: one definition serves the table, sorting, `runs -o table`, csv and `--columns`.

`value` is for machines and sorting (numbers, raw words, None for unknown), `text` for people. Pure; knows no colour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.columns.context import Context, action_word, status_word
from flowtui.model.columns.volatility import LIVELY, LOOSE, STEADY, Unrest
from flowtui.model.findings.rules import Finding, run_findings
from flowtui.model.run.cost import cost
from flowtui.model.run.row import FAILED, QUEUED, RUNNING, STATUS_CLASSES, Run, model_name
from flowtui.model.run.row import UNKNOWN as UNKNOWN_CLASS
from flowtui.model.state.lineage import config_of
from flowtui.model.state.marks import release_of
from flowtui.text import safe_text

if TYPE_CHECKING:
    pass


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
    order: Callable[[Run, Context], Any] | None = None
    """What to sort by, where that is another value."""
    newest_first: bool = False
    """Its natural order, which is by rising values, begins with the newest run and not with the smallest value."""
    unrest: Unrest = LOOSE
    """What can change what it sorts by."""


def _agent(run: Run, context: Context) -> str:
    return context.agent_name(run.agent_id)


def _thread(run: Run, context: Context) -> str:
    return context.thread_name(run.thread_key)


def findings(run: Run, context: Context) -> tuple[Finding, ...]:
    """Return what is suspect about a run, the gravest first."""
    state = context.threads.get(run.thread_key)
    return run_findings(run, context.now, state, context.clock_offset, context.usual)


def note(run: Run, context: Context) -> str:
    """Return the gravest thing to say about a run, ending in how many more findings there are (` +1`); "" for none."""
    return trouble(run, context) or _remark(run, context)


def trouble(run: Run, context: Context) -> str:
    """Return the gravest thing to look at in a run, besides its status: what was told of it, or what is suspect."""
    if pending := context.pending_actions.get(run.key):
        return pending
    if run.unreadable is not None:
        return f"unreadable: {run.unreadable}"
    found = findings(run, context)
    return found[0].text + (f" +{len(found) - 1}" if len(found) > 1 else "") if found else ""


def _remark(run: Run, context: Context) -> str:
    """Return what is no reason to suspect anything: why it failed, an unknown status, what it waits for."""
    if run.status_class == FAILED:
        return context.reasons.get(run.key, "")
    if run.status_class == UNKNOWN_CLASS:
        return "unknown status" if run.status else "no status"
    state = context.threads.get(run.thread_key)
    holder = state.active_run if state is not None and run.status_class == QUEUED else None
    return f"waits for {safe_text(holder)}" if holder is not None and holder != run.raw_id else ""


def _finding_names(run: Run, context: Context) -> str:
    return ", ".join(finding.name for finding in findings(run, context))


def changed_config(run: Run, context: Context) -> bool:
    """Whether a run is known to be configured otherwise than the previous run of its agent."""
    return context.lineage is not None and context.lineage.config_changed(run, context.threads) is True


def _config(run: Run, context: Context) -> str:
    config = config_of(run.key, context.threads)
    if config is None:
        return UNKNOWN
    return f"{config} *" if changed_config(run, context) else config


def progress(run: Run, context: Context) -> float | None:
    """Return how long a running run has taken, as a share of what its agent's runs usually take; None where unknown."""
    usual = context.usual.durations.get(run.agent_id)
    taken = run.duration(context.now) if run.status_class == RUNNING else None
    return taken / usual.median if taken is not None and usual is not None and usual.median else None


def _tokens(run: Run) -> str:
    if run.total_tokens is None:
        return UNKNOWN
    return formatting.count(run.total_tokens) + ("+" if run.status_class == RUNNING else "")


def _amount(run: Run, context: Context) -> float | None:
    found = cost(run, context.prices)
    return None if found is None else found.amount


def _cost(run: Run, context: Context) -> str:
    found = cost(run, context.prices)
    if found is None or context.prices is None:
        return UNKNOWN
    return formatting.money(found.amount, context.prices.currency, floor=found.floor)


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
        unrest=STEADY,
        text=lambda run, context: action_word(run, context) or status_word(run),
        rank=STATUS_CLASSES.index,
    ),
    Column(
        name="run",
        title="RUN",
        width=18,
        priority=0,
        value=lambda run, _: run.id,
        text=lambda run, _: run.id,
        unrest=STEADY,
    ),
    Column(name="thread", title="THREAD", width=14, priority=6, value=_thread, text=_thread, unrest=STEADY),
    Column(
        name="agent",
        title="AGENT",
        width=16,
        priority=2,
        value=lambda run, ctx: _agent(run, ctx) or None,
        unrest=STEADY,
        text=lambda run, ctx: _agent(run, ctx) or UNKNOWN,
    ),
    Column(
        name="model",
        title="MODEL",
        width=20,
        priority=7,
        value=lambda run, _: run.model or None,
        unrest=STEADY,
        text=_text(lambda run: model_name(run.model)),
    ),
    Column(
        name="age",
        title="AGE",
        width=5,
        align="right",
        priority=1,
        moves=True,
        value=lambda run, ctx: run.age(ctx.now),
        order=lambda run, _: None if run.created is None else -run.created,
        newest_first=True,
        unrest=STEADY,
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
        unrest=LIVELY,
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
        unrest=LIVELY,
        text=lambda run, ctx: formatting.duration(run.duration(ctx.now)),
    ),
    Column(
        name="tokens",
        title="TOKENS",
        width=12,
        align="right",
        priority=4,
        value=lambda run, _: run.total_tokens,
        unrest=STEADY,
        text=lambda run, _: _tokens(run),
    ),
    Column(
        name="prompt",
        title="PROMPT",
        width=11,
        align="right",
        priority=10,
        value=lambda run, _: run.prompt_tokens,
        unrest=STEADY,
        text=_count(lambda run: run.prompt_tokens),
    ),
    Column(
        name="completion",
        title="COMPLETION",
        width=11,
        align="right",
        priority=10,
        value=lambda run, _: run.completion_tokens,
        unrest=STEADY,
        text=_count(lambda run: run.completion_tokens),
    ),
    Column(
        name="cost",
        title="COST",
        width=10,
        align="right",
        priority=9,
        value=_amount,
        unrest=STEADY,
        text=_cost,
    ),
    Column(
        name="created",
        title="CREATED",
        width=25,
        priority=10,
        value=lambda run, _: run.created,
        unrest=STEADY,
        text=_time(lambda run: run.created),
    ),
    Column(
        name="ended",
        title="ENDED",
        width=25,
        priority=10,
        value=lambda run, _: run.ended,
        unrest=STEADY,
        text=_time(lambda run: run.ended),
    ),
    Column(
        name="note",
        title="NOTE",
        width=60,
        priority=5,
        value=lambda run, ctx: note(run, ctx) or None,
        unrest=LIVELY,
        text=note,
        moves=True,
    ),
    Column(
        name="findings",
        title="FINDINGS",
        width=30,
        priority=9,
        value=lambda run, ctx: _finding_names(run, ctx) or None,
        unrest=LIVELY,
        text=_finding_names,
        moves=True,
    ),
    Column(
        name="config",
        title="CONFIG",
        width=9,
        priority=9,
        value=lambda run, ctx: config_of(run.key, ctx.threads),
        unrest=LIVELY,
        text=_config,
    ),
    Column(
        name="release",
        title="RELEASE",
        width=16,
        priority=9,
        value=lambda run, ctx: release_of(run, ctx.marks) or None,
        unrest=STEADY,
        text=lambda run, ctx: release_of(run, ctx.marks) or UNKNOWN,
    ),
)

COLUMNS: Final[Mapping[str, Column]] = {column.name: column for column in _ALL}

DEFAULT: Final = ("status", "run", "thread", "agent", "model", "age", "wait", "time", "tokens", "note")
