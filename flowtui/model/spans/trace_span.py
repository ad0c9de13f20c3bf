"""One span of a trace as display-safe fields: what it is, when it ran, what it used, whether it failed. Pure.

The names of spans are not documented, so the attributes decide first; a name counts only where they say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flowtui.model.run.element import parse_time
from flowtui.text import safe_text, shorten

AGENT: Final = "agent"
MODEL: Final = "model"
TOOL: Final = "tool"
OTHER: Final = "other"

ERROR_LEVEL: Final = 17
"""OpenTelemetry's lowest severity number of an error. Such spans failed, even without an exception."""

_OPERATIONS: Final = {
    **dict.fromkeys(("invoke_agent", "create_agent"), AGENT),
    **dict.fromkeys(("chat", "text_completion", "generate_content", "embeddings"), MODEL),
    "execute_tool": TOOL,
}
"""The values of OpenTelemetry's attribute `gen_ai.operation.name`, and what a span with each is."""

_NAMES: Final = (
    (TOOL, re.compile(r"(?:running tool:?|execute_tool) (.+)", re.IGNORECASE | re.DOTALL)),
    (AGENT, re.compile(r"(?:agent run|invoke_agent) (.+)", re.IGNORECASE | re.DOTALL)),
    (AGENT, re.compile(r"(agent run)", re.IGNORECASE)),
    (MODEL, re.compile(r"(chat|text_completion|generate_content|embeddings)(?: .+)?", re.DOTALL)),
)
"""Names of spans that say what the span is; the group is what is shown of the name."""

_TOOL_NAMES: Final = ("gen_ai.tool.name", "tool.name")
_AGENT_NAMES: Final = ("gen_ai.agent.name", "agent.name")
_MODELS: Final = ("gen_ai.request.model", "gen_ai.response.model")
_RECORDS: Final = frozenset(["span", "pending_span", "log", "span_event"])
_PENDING: Final = "pending_span"
_POINTS: Final = frozenset(["log", "span_event"])
_ERROR_WORDS: Final = frozenset(["error", "fatal", "critical"])
_MAX_READ: Final = 400  # characters of a text that are read
_MAX_LABEL: Final = 80
_MAX_ERROR: Final = 200
_MAX_DIGITS: Final = 15

Json = Mapping[str, Any]


class TraceSpan(NamedTuple):
    """A span."""

    id: str
    """As the server sent it, for comparing only; "" if missing."""
    parent: str
    """The id of the span that contains this one, for comparing only; "" if it names none."""
    kind: str
    """AGENT, MODEL (a call of a model), TOOL (a call of a tool) or OTHER."""
    label: str
    """What is shown as its name: of a tool or agent only the tool's or agent's own name."""
    start: float | None
    """UTC epoch seconds by the clock of the service that wrote the span; None if unknown."""
    end: float | None
    """UTC epoch seconds by the same clock; None if unknown, and while the span goes on."""
    pending: bool = False
    """Whether the span had not ended when the server answered."""
    point: bool = False
    """Whether it is a log or an event: a moment without a duration."""
    severity: int = 0
    """2 for an exception, 1 for an error level or an exception type alone, 0 if it did not fail."""
    error: str = ""
    """The type of the exception; "" if unknown."""
    message: str = ""
    """The first line of the error's message; "" if there is none."""
    model: str = ""
    """The model that was called; "" if unknown."""
    tokens_in: int | None = None
    tokens_out: int | None = None

    @property
    def seconds(self) -> float | None:
        """The duration in seconds; None if unknown. A span that ends before it starts has no known duration."""
        if self.start is None or self.end is None or self.end < self.start:
            return None
        return self.end - self.start

    @property
    def tokens(self) -> int | None:
        """The tokens that were reported; None if there are none."""
        known = [count for count in (self.tokens_in, self.tokens_out) if count is not None]
        return sum(known) if known else None


def parse_span(raw: Json) -> TraceSpan:
    """Return a raw SpanSummary as a span. Fields that cannot be read count as unknown; nothing is raised."""
    record, severity = _record(raw), severity_of(raw)
    kind, label = kind_and_label(raw)
    pending = record == _PENDING
    told = severity and raw.get("message") != raw.get("span_name")  # a repeated name is not a message
    message = _text(raw.get("message")) if told else ""
    return TraceSpan(
        id=_key(raw.get("span_id")),
        parent=_key(raw.get("parent_span_id")),
        kind=kind,
        label=label,
        start=_time(raw.get("start_timestamp")),
        end=None if pending else _time(raw.get("end_timestamp")),  # a pending one repeats its start
        pending=pending,
        point=record in _POINTS,
        severity=severity,
        error=_shown(_text(raw.get("exception_type")), _MAX_LABEL),
        message=_shown(message.strip().partition("\n")[0], _MAX_ERROR),
        model=_shown(_attribute(raw, _MODELS), _MAX_LABEL),
        tokens_in=_count(raw.get("gen_ai_usage_input_tokens")),
        tokens_out=_count(_first(raw, "gen_ai_usage_output_token", "gen_ai_usage_output_tokens")),
    )


def kind_and_label(raw: Json) -> tuple[str, str]:
    """Return what a span is, and its display-safe name: of a tool or agent only the tool's or agent's own name."""
    name = _text(raw.get("span_name")).strip()
    by_name, rest = next(
        ((kind, found[1]) for kind, form in _NAMES if (found := form.fullmatch(name))), ("", "")
    )
    tool, agent = _attribute(raw, _TOOL_NAMES), _attribute(raw, _AGENT_NAMES)
    operation = _text(raw.get("gen_ai_operation_name")).lower()
    kind = _OPERATIONS.get(operation) or (TOOL if tool else by_name)
    if not kind:
        kind = MODEL if _attribute(raw, _MODELS) else AGENT if agent else OTHER
    own = {TOOL: tool, AGENT: agent}.get(kind, "") or (rest if kind == by_name else name)
    return kind, _shown(own, _MAX_LABEL) or operation_label(kind)


def operation_label(kind: str) -> str:
    """Return what a span without a name is called."""
    return {AGENT: "agent", MODEL: "model call", TOOL: "tool call"}.get(kind, "a span without a name")


def severity_of(raw: Json) -> int:
    """Return 2 for an exception, 1 for an error level or an exception type alone, 0 for a span that did not fail."""
    if raw.get("is_exception") is True:
        return 2
    level = raw.get("level")
    if isinstance(level, int | float):
        graded = level >= ERROR_LEVEL
    else:
        graded = _text(level).lower() in _ERROR_WORDS
    return 1 if graded or _text(raw.get("exception_type")) else 0


def _record(raw: Json) -> str:
    """Return the type of the record. OpenAPI has it in `kind`, another text of the API's in `level`."""
    words = (_text(raw.get(name)).lower() for name in ("kind", "level"))
    return next((word for word in words if word in _RECORDS), "span")


def _attribute(raw: Json, names: tuple[str, ...]) -> str:
    """Return the first attribute that is a text: as a field, as summaries have it, or among `attributes`."""
    nested = raw.get("attributes")
    for name in names:
        for value in (
            raw.get(name.replace(".", "_")),
            nested.get(name) if isinstance(nested, Mapping) else None,
        ):
            if text := _text(value):
                return text
    return ""


def _first(raw: Json, *names: str) -> Any:
    return next((raw[name] for name in names if raw.get(name) is not None), None)


def _time(value: Any) -> float | None:
    try:
        return parse_time(value)
    except (ValueError, OverflowError):
        return None


def _count(value: Any) -> int | None:
    """Return a token count, which the API documents as text; None if it is not a whole number of 0 or more."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 10**_MAX_DIGITS else None
    readable = isinstance(value, str) and len(value) <= _MAX_DIGITS and value.isascii() and value.isdecimal()
    return int(value) if readable else None


def _key(value: Any) -> str:
    """Return an id; "" if there is none. A very long one is replaced by its start and its hash, as ids are only compared."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_MAX_DIGITS:
        return str(value)
    if not isinstance(value, str):
        return ""
    return value if len(value) <= _MAX_READ else f"{value[:_MAX_LABEL]}…{hash(value)}"


def _text(value: Any) -> str:
    return value[:_MAX_READ] if isinstance(value, str) else ""


def _shown(text: str, most: int) -> str:
    return shorten(safe_text(text.strip()), most)
