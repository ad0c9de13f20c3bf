"""The fields that a filter knows: every column, the API's own names for them, and what has no column.

One line each; parser, matcher and help read the table. A new column of the model is a field by itself. Each one says
what can change it: one that does not is asked of every run at each update.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from flowtui import formatting
from flowtui.model.columns.columns import COLUMNS, Column, changed_config, findings, note
from flowtui.model.columns.context import Context, status_word
from flowtui.model.columns.volatility import LIVELY, LOOSE, STEADY, Unrest
from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.query.values import read_count, read_duration, read_flag, read_moment
from flowtui.model.run.row import ACTIVE, FAILED, STATUS_CLASSES, TERMINAL, UNKNOWN, Run
from flowtui.model.state.lineage import config_of

TEXT: Final = "text"
STATUS: Final = "status"
DURATION: Final = "duration"
COUNT: Final = "count"
TIME: Final = "time"
FLAG: Final = "flag"

Texts = Callable[[Run, Context], tuple[str, ...]]

READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    DURATION: read_duration,
    COUNT: read_count,
    TIME: read_moment,
    FLAG: read_flag,
}
"""What reads the value that a field of this kind is compared with; texts need no reading."""

EXAMPLES: Final[Mapping[str, str]] = {
    DURATION: "<10m",
    COUNT: ">20k",
    TIME: ">now-2h",
    TEXT: ":text",
    STATUS: ":failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`value` is what is compared, None where unknown; `texts` what patterns are tried on, () where unknown.

    `unrest` is what can change either. `since` is the moment that a time means, or that a duration counts from: where it
    alone decides, and the clock, one can tell when that will be.
    """

    name: str
    kind: str
    texts: Texts
    value: Callable[[Run, Context], Any] | None = None
    unrest: Unrest = LOOSE
    since: Callable[[Run], float | None] | None = None


class Mark(NamedTuple):
    """What `has:` may ask besides whether a field is known, and what can change the answer."""

    test: Callable[[Run, Context], bool]
    unrest: Unrest = LOOSE


def _said(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _thread(run: Run, context: Context) -> tuple[str, ...]:
    return _said(context.thread_name(run.thread_key))


def _agent(run: Run, context: Context) -> tuple[str, ...]:
    return _said(context.agents.get(run.agent_id, ""), run.agent_id)


def _model(run: Run, _: Context) -> tuple[str, ...]:
    return _said(run.model, run.model.rpartition("/")[2])


def _status(run: Run, _: Context) -> tuple[str, ...]:
    return _said(run.status, status_word(run)) if run.status or run.status_class != UNKNOWN else ()


def _measure(
    name: str, kind: str, unrest: Unrest, since: Callable[[Run], float | None] | None = None
) -> Field:
    column = COLUMNS[name]
    return Field(name=name, kind=kind, texts=_shown(column), value=column.value, unrest=unrest, since=since)


def _shown(column: Column) -> Texts:
    return lambda run, ctx: () if column.value(run, ctx) is None else _said(column.text(run, ctx))


def _time(name: str, read: Callable[[Run], float | None]) -> Field:
    def texts(run: Run, context: Context) -> tuple[str, ...]:
        at = read(run)
        return () if at is None else (formatting.timestamp(at, context.zone),)

    return Field(name=name, kind=TIME, texts=texts, value=lambda run, _: read(run), unrest=STEADY, since=read)


_OWN: Final = (
    Field(name="status", kind=STATUS, texts=_status, unrest=STEADY),
    Field(name="run", kind=TEXT, texts=lambda run, _: _said(run.id), unrest=STEADY),
    Field(name="thread", kind=TEXT, texts=_thread, unrest=STEADY),
    Field(name="agent", kind=TEXT, texts=_agent, unrest=STEADY),
    Field(name="model", kind=TEXT, texts=_model, unrest=STEADY),
    _measure("age", DURATION, LOOSE, lambda run: run.created),
    _measure("wait", DURATION, LIVELY),
    _measure("time", DURATION, LIVELY),
    _measure("tokens", COUNT, STEADY),
    _measure("prompt", COUNT, STEADY),
    _measure("completion", COUNT, STEADY),
    _time("created", lambda run: run.created),
    _time("started", lambda run: run.started),
    _time("ended", lambda run: run.ended),
    _time("expires", lambda run: run.expires),
    _time("completed_at", lambda run: run.completed),
    _time("failed_at", lambda run: run.failed),
    _time("cancelled_at", lambda run: run.cancelled),
    Field(name="note", kind=TEXT, texts=lambda run, ctx: _said(note(run, ctx)), unrest=LIVELY),
    Field(
        name="findings",
        kind=TEXT,
        texts=lambda run, ctx: tuple(finding.name for finding in findings(run, ctx)),
        unrest=LIVELY,
    ),
    Field(
        name="config",
        kind=TEXT,
        texts=lambda run, ctx: _said(config_of(run.key, ctx.threads) or ""),
        unrest=LIVELY,
    ),
    Field(name="cost", kind=TEXT, texts=_shown(COLUMNS["cost"]), unrest=STEADY),
    Field(name="release", kind=TEXT, texts=_shown(COLUMNS["release"]), unrest=STEADY),
    Field(name="unreadable", kind=TEXT, texts=lambda run, _: _said(run.unreadable or ""), unrest=STEADY),
    Field(
        name="is_active",
        kind=FLAG,
        texts=lambda _run, _ctx: (),
        value=lambda run, _: run.is_active,
        unrest=STEADY,
    ),
)

FIELDS: Final[Mapping[str, Field]] = {
    **{name: Field(name=name, kind=TEXT, texts=_shown(column)) for name, column in COLUMNS.items()},
    **{field.name: field for field in _OWN},
}

ALIASES: Final[Mapping[str, str]] = {
    "id": "run",
    "run_id": "run",
    "thread_id": "thread",
    "agent_id": "agent",
    "status_class": "status",
    "duration": "time",
    "duration_s": "time",
    "wait_s": "wait",
    "total_tokens": "tokens",
    "prompt_tokens": "prompt",
    "completion_tokens": "completion",
    "created_at": "created",
    "started_at": "started",
    "ended_at": "ended",
    "expires_at": "expires",
    "finding": "findings",
}

MARKS: Final[Mapping[str, Mark]] = {
    "error": Mark(lambda run, _: run.status_class == FAILED or run.unreadable is not None, STEADY),
    "changed_config": Mark(changed_config),
    **{
        name: Mark(
            lambda run, ctx, name=name: any(finding.name == name for finding in findings(run, ctx)),  # type: ignore[misc]
            LIVELY,
        )
        for name in FINDINGS
    },
}
"""What `has:` knows besides fields: findings, `error` for what failed or could not be read, and `changed_config`."""

CLASSES: Final[Mapping[str, frozenset[str]]] = {
    "active": ACTIVE,
    "terminal": TERMINAL,
    "canceled": frozenset({"cancelled"}),
    **{name: frozenset({name}) for name in STATUS_CLASSES},
}
"""The words for which `status:` asks for a class and not for a text."""


def field_of(name: str) -> Field | None:
    """Return the field of a name or of the API's name."""
    return FIELDS.get(ALIASES.get(name, name))


def known_names(*, has: bool = False) -> tuple[str, ...]:
    """Return the names of all fields, with what else may stand there: before a `:`, or with `has` behind `has:`."""
    return (*FIELDS, *ALIASES, *(MARKS if has else ("has",)))
