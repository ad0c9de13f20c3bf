"""The fields of a filter: every column, the API's own names for them, labels, and some that have no column.

Parser, matcher and completion read this table. A new column becomes a text field by itself. Each field declares what
can change its value (`volatility`). A field that declares nothing is checked for all runs at each update.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final, Literal, NamedTuple

from flowtui import formatting
from flowtui.model.columns.columns import COLUMNS, Column, changed_config, findings, note
from flowtui.model.columns.context import Context, status_word
from flowtui.model.columns.volatility import STABLE, TRACKED, UNTRACKED, Volatility
from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.query.values import read_count, read_duration, read_flag, read_moment
from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.model.run.labels import label_field, label_of, label_pairs
from flowtui.model.run.row import ACTIVE, FAILED, STATUS_CLASSES, TERMINAL, UNKNOWN, Run
from flowtui.model.state.lineage import config_of

Kind = Literal["text", "status", "duration", "count", "time", "flag"]
"""What the values of a field are."""

Texts = Callable[[Run, Context], tuple[str, ...]]

READERS: Final[Mapping[Kind, Callable[[str], Any]]] = {
    "duration": read_duration,
    "count": read_count,
    "time": read_moment,
    "flag": read_flag,
}
"""Kind of field → the function that reads a value to compare with. Fields of other kinds compare texts as they are."""

ID_FIELDS: Final = ("run", "thread", "agent")
"""Fields whose texts are ids. After `:`, the sign before the end of an id is ignored: a screen shows `…8f2c41d0`."""

EXAMPLES: Final[Mapping[Kind, str]] = {
    "duration": "<10m",
    "count": ">20k",
    "time": ">now-2h",
    "text": ":text",
    "status": ":failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a filter."""

    name: str
    kind: Kind = "text"
    texts: Texts
    """Returns the texts that patterns are searched in; () if unknown."""
    value: Callable[[Run, Context], Any] | None = None
    """Returns the value that comparisons use; None if unknown. A field without this function compares its texts."""
    volatility: Volatility = UNTRACKED
    """What, apart from the run, can change the value or the texts."""
    since: Callable[[Run], float | None] | None = None
    """If comparisons depend only on the current time and one moment of the run, returns that moment.

    The moment is a time, or the start of a duration. With it, flowtui knows in advance when the answer of a comparison
    changes. None: comparisons depend on something else, too.
    """
    from_spans: bool = False
    """Whether the value is a label, which is unknown until a span of the run was read, and private (see `Context.redact`)."""
    from_evidence: bool = False
    """Whether the value is the reason of a failure, which is unknown until spans or messages of the run were read."""
    many: bool = False
    """Whether each text is a value of its own, instead of another name of the same value."""


class HasTest(NamedTuple):
    """A test that `has:NAME` can ask for, in addition to fields."""

    test: Callable[[Run, Context], bool]
    volatility: Volatility = UNTRACKED
    """What, apart from the run, can change the answer of the test."""


def _non_empty(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _thread(run: Run, context: Context) -> tuple[str, ...]:
    return _non_empty(context.thread_name(run.thread_key))


def _agent(run: Run, context: Context) -> tuple[str, ...]:
    return _non_empty(context.agents.get(run.agent_id, ""), run.agent_id)


def _model(run: Run, _: Context) -> tuple[str, ...]:
    return _non_empty(run.model, run.model.rpartition("/")[2])


def _status(run: Run, _: Context) -> tuple[str, ...]:
    return _non_empty(run.status, status_word(run)) if run.status or run.status_class != UNKNOWN else ()


def _reason(run: Run, context: Context) -> tuple[str, ...]:
    """Return the text of the reason; if `--redact` hides it, also its id, which tells hidden texts apart."""
    found = context.reasons.get(run.key) if run.status_class == FAILED else None
    return () if found is None else _non_empty(found.text, found.hidden_id)


def _reason_id(run: Run, context: Context) -> tuple[str, ...]:
    found = context.reasons.get(run.key) if run.status_class == FAILED else None
    return () if found is None else (_id_of(found),)


@lru_cache(maxsize=4096)
def _id_of(reason: Reason) -> str:
    return reason_id(reason)


def _findings(run: Run, context: Context) -> tuple[str, ...]:
    return tuple(finding.name for finding in findings(run, context))


def _has_finding(name: str, run: Run, context: Context) -> bool:
    return any(finding.name == name for finding in findings(run, context))


def _config(run: Run, context: Context) -> tuple[str, ...]:
    return _non_empty(config_of(run.key, context.threads) or "")


def _group(run: Run, context: Context) -> tuple[str, ...]:
    facts = context.private_facts(run)
    return _non_empty(facts.group) if facts is not None else ()


def _labels(run: Run, context: Context) -> tuple[str, ...]:
    facts = context.private_facts(run)
    return label_pairs(facts.labels) if facts is not None else ()


def _label(folded: str, run: Run, context: Context) -> tuple[str, ...]:
    facts = context.private_facts(run)
    if facts is None:
        return ()
    return tuple(value for name, value in facts.labels if name.casefold() == folded)


def _measure(
    name: str, kind: Kind, volatility: Volatility, since: Callable[[Run], float | None] | None = None
) -> Field:
    column = COLUMNS[name]
    return Field(
        name=name, kind=kind, texts=_shown(column), value=column.value, volatility=volatility, since=since
    )


def _tokens(name: str) -> Field:
    """Return a field of tokens, which compares what the table shows: reported usage, else what spans show at least."""
    column = COLUMNS[name]
    value = column.order or column.value

    def texts(run: Run, context: Context) -> tuple[str, ...]:
        return () if value(run, context) is None else (column.text(run, context),)

    return Field(name=name, kind="count", texts=texts, value=value, volatility=TRACKED)


def _shown(column: Column) -> Texts:
    return lambda run, ctx: () if column.value(run, ctx) is None else _non_empty(column.text(run, ctx))


def _time(name: str, read: Callable[[Run], float | None]) -> Field:
    def texts(run: Run, context: Context) -> tuple[str, ...]:
        at = read(run)
        return () if at is None else (formatting.timestamp(at, context.zone),)

    return Field(
        name=name, kind="time", texts=texts, value=lambda run, _: read(run), volatility=STABLE, since=read
    )


_OWN: Final = (
    Field(name="status", kind="status", texts=_status, volatility=STABLE),
    Field(name="run", texts=lambda run, _: _non_empty(run.id), volatility=STABLE),
    Field(name="thread", texts=_thread, volatility=STABLE),
    Field(name="agent", texts=_agent, volatility=STABLE),
    Field(name="model", texts=_model, volatility=STABLE),
    _measure("age", "duration", UNTRACKED, lambda run: run.created),
    _measure("wait", "duration", TRACKED),
    _measure("time", "duration", TRACKED),
    _tokens("tokens"),
    _tokens("prompt"),
    _tokens("completion"),
    _time("created", lambda run: run.created),
    _time("started", lambda run: run.started),
    _time("ended", lambda run: run.ended),
    _time("expires", lambda run: run.expires),
    _time("completed_at", lambda run: run.completed),
    _time("failed_at", lambda run: run.failed),
    _time("cancelled_at", lambda run: run.cancelled),
    Field(name="note", texts=lambda run, ctx: _non_empty(note(run, ctx)), volatility=TRACKED),
    Field(name="reason", texts=_reason, from_evidence=True, volatility=TRACKED),
    Field(name="reason_id", texts=_reason_id, from_evidence=True, volatility=TRACKED),
    Field(name="findings", texts=_findings, many=True, volatility=TRACKED),
    Field(name="config", texts=_config, volatility=TRACKED),
    Field(name="cost", texts=_shown(COLUMNS["cost"]), volatility=STABLE),
    Field(name="release", texts=_shown(COLUMNS["release"]), volatility=STABLE),
    Field(name="group", texts=_group, from_spans=True, volatility=TRACKED),
    Field(name="labels", texts=_labels, from_spans=True, many=True, volatility=TRACKED),
    Field(name="unreadable", texts=lambda run, _: _non_empty(run.unreadable or ""), volatility=STABLE),
    Field(
        name="is_active",
        kind="flag",
        texts=lambda *_: (),
        value=lambda run, _: run.is_active,
        volatility=STABLE,
    ),
)

FIELDS: Final[Mapping[str, Field]] = {
    **{name: Field(name=name, texts=_shown(column)) for name, column in COLUMNS.items()},
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
    "label": "labels",
}

HAS_TESTS: Final[Mapping[str, HasTest]] = {
    "error": HasTest(lambda run, _: run.status_class == FAILED or run.unreadable is not None, STABLE),
    "inferred": HasTest(lambda run, _: run.inferred, STABLE),
    "changed_config": HasTest(changed_config),
    **{name: HasTest(partial(_has_finding, name), TRACKED) for name in FINDINGS},
}
"""What `has:` accepts besides fields: findings, `error` (failed or unreadable), `inferred` (its status) and `changed_config`."""

CLASSES: Final[Mapping[str, frozenset[str]]] = {
    "active": ACTIVE,
    "terminal": TERMINAL,
    "canceled": frozenset({"cancelled"}),
    **{name: frozenset({name}) for name in STATUS_CLASSES},
}
"""Words after `status:` that stand for one or more status classes; other words are searched as text."""


def field_of(name: str) -> Field | None:
    """Return the field with this name, or with this name in the API, or of this label; None if there is no such field."""
    return FIELDS.get(ALIASES.get(name, name)) or _label_field(name)


def field(name: str) -> Field:
    """Return the field with this name, which must be a `Field.name`."""
    found = FIELDS.get(name) or _label_field(name)
    if found is None:
        raise ValueError(f"there is no field {name!r}")
    return found


@lru_cache(maxsize=256)
def _label_field(name: str) -> Field | None:
    """Return the field of a label, such as `label.env`; None if the name is not that of a label."""
    label = label_of(name)
    if label is None:
        return None
    texts = partial(_label, label.casefold())
    return Field(name=label_field(label), texts=texts, from_spans=True, volatility=TRACKED)


def known_names(*, has: bool = False) -> tuple[str, ...]:
    """Return all names that can stand before a `:` or, with `has`, after `has:`."""
    return (*FIELDS, *ALIASES, *(HAS_TESTS if has else ("has",)))
