"""The columns of a list of runs: one definition serves the table, sorting, `runs -o table`, CSV and `--columns`.

A column has two functions: `value` is for programs and for sorting, `text` is what the user reads. Colours are added in
`ui`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Final, Literal

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.columns.context import Context, action_word, status_word
from flowtui.model.columns.volatility import STABLE, TRACKED, UNTRACKED, Volatility
from flowtui.model.findings.rules import Finding, run_findings
from flowtui.model.run.cost import cost
from flowtui.model.run.detail import inference
from flowtui.model.run.labels import group_text, labels_text
from flowtui.model.run.row import FAILED, QUEUED, RUNNING, STATUS_CLASSES, Run, model_name
from flowtui.model.run.row import UNKNOWN as UNKNOWN_CLASS
from flowtui.model.run.span_facts import ShownTokens, shown_tokens
from flowtui.model.state.lineage import config_of
from flowtui.model.state.marks import release_of
from flowtui.text import safe_text, short_id

Value = Callable[[Run, Context], Any]
Text = Callable[[Run, Context], str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the run table."""

    name: str
    value: Value
    """Returns a number or a raw word, for programs and for sorting; None if it is unknown."""
    text: Text
    """Returns the text that the user reads; ids are whole."""
    _: KW_ONLY
    width: int
    """Greatest width in terminal cells."""
    align: Literal["left", "right"] = "left"
    priority: int = 0
    """On a narrow screen the columns with the highest priority are hidden first."""
    rank: Callable[[Any], Any] | None = None
    """Turns a value into a sort key; None: the value is the sort key."""
    time_dependent: bool = False
    """Whether the text changes as time passes, without news from the server."""
    order: Value | None = None
    """Returns what to sort by; None: the table sorts by `value`."""
    newest_first: bool = False
    """Whether ascending order starts with the newest run instead of the smallest value."""
    volatility: Volatility = UNTRACKED
    """What, apart from the run, can change the sort key."""
    heading: str = ""
    """The title; "": the name in capitals."""
    short: Text | None = None
    """Returns what tables on a screen show instead of `text`: ids that are shortened. None: they show `text`."""
    least: int = 0
    """Cells to which it may be narrowed to make room for the note; 0: it is not narrowed."""
    keep_end: bool = False
    """Whether a text that does not fit loses its start and keeps its end, as ids do."""

    @property
    def title(self) -> str:
        """What the user reads above the column."""
        return self.heading or self.name.upper()

    def shown(self, run: Run, context: Context) -> str:
        """Return the text in a table on a screen; the texts of files and the clipboard come from `text`."""
        return (self.short or self.text)(run, context)


def _agent(run: Run, context: Context) -> str:
    return context.agent_name(run.agent_id)


def _thread(run: Run, context: Context) -> str:
    return context.thread_name(run.thread_key)


def _short_agent(run: Run, context: Context) -> str:
    return context.short_agent(run.agent_id) or UNKNOWN


def _short_thread(run: Run, context: Context) -> str:
    return context.short_thread(run.thread_key)


def findings(run: Run, context: Context) -> tuple[Finding, ...]:
    """Return the findings of a run, the most serious first."""
    state = context.threads.get(run.thread_key)
    return run_findings(
        run, context.now, state, context.clock_offset, context.usual, agents=context.agent_statuses
    )


def note(run: Run, context: Context) -> str:
    """Return the text of the NOTE column, "" if there is none. ` +1` at its end means one more finding."""
    return trouble(run, context) or _remark(run, context)


def counted_note(run: Run, context: Context) -> str:
    """Return the note for a table: before the reason of a failure, how many runs are known to have failed for it.

    The count is left out of `note`, as it would give equal reasons different places in an order.
    """
    text, count = note(run, context), context.reason_count(run.key)
    return f"{count:,}× {text}" if count > 1 and text and text == _reason(run, context) else text


def trouble(run: Run, context: Context) -> str:
    """Return the run's pending action, else why it is unreadable, else its most serious finding, else ""."""
    if pending := context.pending_actions.get(run.key):
        return pending
    if run.unreadable is not None:
        return f"unreadable: {run.unreadable}"
    found = findings(run, context)
    return found[0].text + (f" +{len(found) - 1}" if len(found) > 1 else "") if found else ""


def _remark(run: Run, context: Context) -> str:
    """Return a remark on the run's status, "" if there is none.

    For a failed run: why it failed. For an inferred status: from what, unless the reason of a failure is known. For an
    unknown status: that it is unknown. For a queued run: for which run it waits.
    """
    if reason := _reason(run, context):
        return reason
    if run.terminal:
        return inference(run)
    if run.status_class == UNKNOWN_CLASS:
        return "unknown status" if run.status else "no status"
    state = context.threads.get(run.thread_key)
    holder = state.active_run if state is not None and run.status_class == QUEUED else None
    return f"waits for {short_id(safe_text(holder))}" if holder is not None and holder != run.raw_id else ""


def _reason(run: Run, context: Context) -> str:
    """Return why a failed run failed; "" if that is not known."""
    return context.reason_text(run.key) if run.status_class == FAILED else ""


def _finding_names(run: Run, context: Context) -> str:
    return ", ".join(finding.name for finding in findings(run, context))


def changed_config(run: Run, context: Context) -> bool:
    """Whether the configuration of a run is known to differ from that of its agent's previous run."""
    return context.lineage is not None and context.lineage.config_changed(run, context.threads) is True


def _config(run: Run, context: Context) -> str:
    config = config_of(run.key, context.threads)
    if config is None:
        return UNKNOWN
    return f"{config} *" if changed_config(run, context) else config


def progress(run: Run, context: Context) -> float | None:
    """Return a running run's duration divided by the median duration of its agent's runs.

    None if the run is not running, or if one of the two is unknown.
    """
    usual = context.usual.durations.get(run.agent_id)
    taken = run.duration(context.now) if run.status_class == RUNNING else None
    return taken / usual.median if taken is not None and usual is not None and usual.median else None


def tokens_of(run: Run, context: Context) -> ShownTokens:
    """Return the tokens that a run reports; without a report, how many its spans show at least."""
    return shown_tokens(run, context.span_facts(run))


def _tokens(name: str, value: Value, *, width: int = 11, priority: int = 10) -> Column:
    """Return a column of tokens. Its values are what the API reports; texts and order include what spans show."""
    which = ShownTokens._fields.index(name)

    def shown(run: Run, context: Context) -> Any:
        return tokens_of(run, context)[which]

    def text(run: Run, context: Context) -> str:
        found = tokens_of(run, context)
        growing = found.at_least or run.status_class == RUNNING
        number = formatting.count(found[which])
        return f"{number}+" if growing and found[which] is not None else number

    return Column(
        "tokens" if name == "total" else name,
        value,
        text,
        width=width,
        align="right",
        priority=priority,
        order=shown,
        volatility=TRACKED,
    )


def _amount(run: Run, context: Context) -> float | None:
    found = cost(run, context.prices)
    return None if found is None else found.amount


def _cost(run: Run, context: Context) -> str:
    found = cost(run, context.prices)
    if found is None or context.prices is None:
        return UNKNOWN
    return formatting.money(found.amount, context.prices.currency, floor=found.floor)


def _release(run: Run, context: Context) -> str:
    return release_of(run, context.marks)


def _status(run: Run, context: Context) -> str:
    return action_word(run, context) or status_word(run)


def _group(run: Run, context: Context) -> str | None:
    facts = context.span_facts(run)
    return facts.group or None if facts is not None else None


def _labels(run: Run, context: Context) -> str | None:
    facts = context.span_facts(run)
    return labels_text(facts) if facts is not None and facts.labels else None


def _or_none(read: Text) -> Value:
    return lambda run, context: read(run, context) or None


def _or_dash(read: Text) -> Text:
    return lambda run, context: read(run, context) or UNKNOWN


def _date(name: str, value: Value) -> Column:
    return Column(
        name,
        value,
        lambda run, context: formatting.timestamp(value(run, context), context.zone),
        width=25,
        priority=10,
        volatility=STABLE,
    )


_ALL: Final = (
    Column(
        "status",
        lambda run, _: run.status_class,
        _status,
        width=13,
        volatility=STABLE,
        rank=STATUS_CLASSES.index,
    ),
    Column(
        "run",
        lambda run, _: run.id,
        lambda run, _: run.id,
        width=18,
        volatility=STABLE,
        short=lambda run, _: short_id(run.id),
        keep_end=True,
    ),
    Column(
        "thread",
        _thread,
        _thread,
        width=14,
        priority=6,
        volatility=STABLE,
        short=_short_thread,
        keep_end=True,
    ),
    Column(
        "agent",
        _or_none(_agent),
        _or_dash(_agent),
        width=16,
        priority=2,
        volatility=STABLE,
        short=_short_agent,
        least=8,
    ),
    Column(
        "model",
        lambda run, _: run.model or None,
        lambda run, _: model_name(run.model) or UNKNOWN,
        width=20,
        priority=7,
        volatility=STABLE,
    ),
    Column(
        "age",
        lambda run, ctx: run.age(ctx.now),
        lambda run, ctx: formatting.age(run.age(ctx.now)),
        width=5,
        align="right",
        priority=1,
        time_dependent=True,
        order=lambda run, _: None if run.created is None else -run.created,
        newest_first=True,
        volatility=STABLE,
    ),
    Column(
        "wait",
        lambda run, ctx: run.wait(ctx.now),
        lambda run, ctx: formatting.age(run.wait(ctx.now)),
        width=5,
        align="right",
        priority=8,
        time_dependent=True,
        volatility=TRACKED,
    ),
    Column(
        "time",
        lambda run, ctx: run.duration(ctx.now),
        lambda run, ctx: formatting.duration(run.duration(ctx.now)),
        width=8,
        align="right",
        priority=3,
        time_dependent=True,
        volatility=TRACKED,
    ),
    _tokens("total", lambda run, _: run.total_tokens, width=12, priority=5),
    _tokens("prompt", lambda run, _: run.prompt_tokens),
    _tokens("completion", lambda run, _: run.completion_tokens),
    Column("cost", _amount, _cost, width=10, align="right", priority=9, volatility=STABLE),
    _date("created", lambda run, _: run.created),
    _date("ended", lambda run, _: run.ended),
    Column(
        "note",
        _or_none(note),
        note,
        width=60,
        priority=4,
        time_dependent=True,
        volatility=TRACKED,
        short=counted_note,
    ),
    Column(
        "findings",
        _or_none(_finding_names),
        _finding_names,
        width=30,
        priority=9,
        time_dependent=True,
        volatility=TRACKED,
    ),
    Column(
        "config",
        lambda run, ctx: config_of(run.key, ctx.threads),
        _config,
        width=9,
        priority=9,
        volatility=TRACKED,
    ),
    Column("release", _or_none(_release), _or_dash(_release), width=16, priority=9, volatility=STABLE),
    Column(
        "group",
        _group,
        lambda run, ctx: group_text(ctx.span_facts(run)),
        width=16,
        priority=6,
        rank=str.casefold,
        volatility=TRACKED,
    ),
    Column(
        "labels",
        _labels,
        lambda run, ctx: labels_text(ctx.span_facts(run)),
        width=40,
        priority=8,
        volatility=TRACKED,
    ),
    Column(
        "reason",
        _or_none(_reason),
        _or_dash(_reason),
        width=44,
        priority=5,
        rank=str.casefold,
        volatility=TRACKED,
    ),
)

COLUMNS: Final[Mapping[str, Column]] = {column.name: column for column in _ALL}

DEFAULT: Final = ("status", "run", "agent", "thread", "age", "wait", "time", "tokens", "note")
"""The columns of the screen until the user chooses others."""

PRINTED: Final = ("status", "run", "thread", "agent", "model", "age", "wait", "time", "tokens", "note")
"""The columns that commands print without `--columns`, and of exports as long as the screen has `DEFAULT`."""
