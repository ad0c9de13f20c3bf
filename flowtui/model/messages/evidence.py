"""Evidence of why a run failed: its exception spans, tool errors and last message. Pure.

Spans and messages may have any shape, and only this module searches them for reasons. All results are display-safe and
of limited size. `why.py` turns the evidence into one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from flowtui.model.messages.parts import bounded
from flowtui.model.messages.payload_ref import payload_ref
from flowtui.model.run.detail import json_lines
from flowtui.model.run.element import parse_time
from flowtui.model.spans.trace_span import TOOL, kind_and_label, severity_of
from flowtui.model.spans.tree import MAX_SPANS, SpanTree, span_tree
from flowtui.text import safe_lines, safe_text, shorten

SPAN_PAGE: Final = 100
"""The number of spans requested at once. If as many come back, there may be more."""

MAX_ITEMS: Final = 20
"""The most exceptions that are kept, and the most tool errors.

Of exceptions the most severe ones are kept, and of equally severe ones the latest. Of tool errors the latest are kept.
"""

MAX_LINES: Final = 200
"""The most lines of one text that are kept."""

_MAX_READ: Final = 16_384  # characters of one text that are read
_MAX_MESSAGES: Final = 500
_MAX_NAME: Final = 160
_MAX_CHAIN: Final = 8
_SLOWEST: Final = 3

Json = Mapping[str, Any]


class SpanError(NamedTuple):
    """An exception, or a span with an error level."""

    when: float | None
    """When the span ended, in UTC epoch seconds by the server's clock; None if unknown."""
    span: str
    """The name of the span."""
    tool: str
    """The name of the tool that the span runs; "" if it runs none."""
    kind: str
    """The type of the exception; "" if unknown."""
    lines: tuple[str, ...]
    """The message; () if there is none, or if it only repeats the name of the span."""
    model: str = ""
    """The model that the span called; "" if unknown."""
    severity: int = 3
    """How much the error explains: 3 for an exception in a call, 2 for one in a span around others, else 1.

    Spans around others are that of the whole run, and those that contain another exception, which went up through them.
    """
    parents: tuple[str, ...] = ()
    """The names of the enclosing spans, outermost first."""


class ToolError(NamedTuple):
    """An error that a tool returned in a message."""

    when: float | None
    """The time of the message, in UTC epoch seconds by the server's clock; None if unknown."""
    tool: str
    """The name of the tool; "" if unknown."""
    lines: tuple[str, ...]
    """The text of the error."""


class LastMessage(NamedTuple):
    """The last message of a run."""

    when: float | None
    """The time of the message, in UTC epoch seconds by the server's clock; None if unknown."""
    role: str
    """Who sent it, in the API's word; "" if unknown."""
    lines: tuple[str, ...]
    """The text; () if there is none."""
    parts: tuple[str, ...] = ()
    """The types of its parts, to be shown if there is no text."""


class SlowCall(NamedTuple):
    """A call that has ended, and the seconds it took."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence found for one run."""

    exceptions: tuple[SpanError, ...] = ()
    """The exceptions and other errors of the run's spans, the latest first."""
    tool_errors: tuple[ToolError, ...] = ()
    """The errors that tools returned in the run's messages, the latest first."""
    last_message: LastMessage | None = None
    slowest: tuple[SlowCall, ...] = ()
    """The calls that took longest, the slowest first."""
    spans: int = 0
    """The number of spans of the run that were read."""
    tree: SpanTree = field(default_factory=SpanTree)
    """The spans of the run, each in the one that contains it."""
    full: bool = False
    """Whether there may be more spans than were read."""
    messages: int = 0
    """The number of messages of the run that were read."""
    messages_read: int = 0
    """The number of all messages of the thread that were read."""
    missing: tuple[str, ...] = ()
    """What could not be read, and why; one text for each."""

    @property
    def cause(self) -> SpanError | ToolError | None:
        """The error that explains most; None if there is none.

        That is the most severe exception. If several are equally severe, the latest counts, because the run went on
        after the others. Without exceptions, it is the latest tool error.
        """
        if self.exceptions:
            return max(self.exceptions, key=lambda one: (one.severity, _order(one.when)))
        return self.tool_errors[0] if self.tool_errors else None


def evidence(
    spans: Iterable[Any],
    messages: Iterable[Any] = (),
    run_id: str | None = None,
    *,
    missing: tuple[str, ...] = (),
    whole: bool | None = None,
) -> Evidence:
    """Return the evidence in the spans of a run and the messages of its thread, both raw JSON values in any order.

    `run_id` is the raw id of the run. If it is given, spans and messages of other runs are left out. A span without a
    run id counts, as it came from a query for this run. A message without a run id does not count, as it may belong to
    any run.

    `missing` says what could not be read, and why. `whole`: whether `spans` are all spans of the run; None: they are one
    page, and all if they do not fill it.
    """
    spans = list(spans)
    read_spans = spans[:MAX_SPANS]
    own_spans = [
        span
        for span in read_spans
        if isinstance(span, Mapping) and (run_id is None or span.get("run_id") in (None, run_id))
    ]
    read_messages = list(islice(messages, _MAX_MESSAGES))
    own_messages = [
        one for one in read_messages if isinstance(one, Mapping) and run_id in (None, one.get("run_id"))
    ]
    own_messages.sort(key=lambda message: _order(_time(message.get("created_at"))), reverse=True)
    tool_errors = chain.from_iterable(map(_tool_errors, own_messages))
    return Evidence(
        exceptions=_exceptions(own_spans),
        tool_errors=tuple(islice(tool_errors, MAX_ITEMS)),
        last_message=_last_message(own_messages[0]) if own_messages else None,
        slowest=_slowest(own_spans),
        spans=len(own_spans),
        tree=span_tree(spans, run_id),
        full=len(read_spans) >= SPAN_PAGE if whole is None else not whole,
        messages=len(own_messages),
        messages_read=len(read_messages),
        missing=missing,
    )


def _exceptions(spans: Sequence[Json]) -> tuple[SpanError, ...]:
    by_id = {_text(span.get("span_id")): span for span in spans}
    around = _enclosing(spans, by_id)
    ranked = sorted(
        ((severity, _order(_ended(span)), span) for span in spans if (severity := _severity(span, around))),
        key=lambda entry: entry[:2],
        reverse=True,
    )[:MAX_ITEMS]  # cut before texts are read, so that thousands of errors take hardly longer than these few
    ranked.sort(key=lambda entry: entry[1], reverse=True)
    return tuple(_raised(span, severity, by_id) for severity, _, span in ranked)


def _enclosing(spans: Sequence[Json], by_id: Mapping[str, Json]) -> frozenset[str]:
    """Return the ids of the spans that contain an exception."""
    found: set[str] = set()
    for span in spans:
        if span.get("is_exception") is not True:
            continue
        own, parent_id = _text(span.get("span_id")), _text(span.get("parent_span_id"))
        while parent_id and parent_id not in found and parent_id != own:
            found.add(parent_id)
            parent_id = _text(by_id.get(parent_id, {}).get("parent_span_id"))
    return frozenset(found)


def _severity(span: Json, around: frozenset[str]) -> int:
    severity = severity_of(span)
    if severity < 2:
        return severity
    return 3 if span.get("parent_span_id") and _text(span.get("span_id")) not in around else 2


def _raised(span: Json, severity: int, by_id: Mapping[str, Json]) -> SpanError:
    name = _text(span.get("span_name"))
    kind, label = kind_and_label(span)
    message = span.get("message")
    return SpanError(
        when=_ended(span),
        span=_name(name),
        tool=label if kind == TOOL else "",
        kind=_name(span.get("exception_type")),
        lines=() if message == name else _lines(message),  # a repeated span name is not a message
        model=_name(span.get("gen_ai_request_model")),
        severity=severity,
        parents=_around(span, by_id),
    )


def _around(span: Json, by_id: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the names of the spans that enclose a span, outermost first.

    Unknown parents end the search, and so does a cycle.
    """
    names: list[str] = []
    passed = {_text(span.get("span_id"))}
    while len(names) < _MAX_CHAIN:
        parent_id = _text(span.get("parent_span_id"))
        parent = by_id.get(parent_id)
        if not parent_id or parent is None or parent_id in passed:
            break
        passed.add(parent_id)
        names.append(_name(parent.get("span_name")) or "?")
        span = parent
    return tuple(reversed(names))


def _slowest(spans: Sequence[Json]) -> tuple[SlowCall, ...]:
    """Return the slowest calls within the run; the span of the run itself is not a call."""
    taken: list[tuple[float, str]] = []
    for span in spans:
        start, end = _time(span.get("start_timestamp")), _time(span.get("end_timestamp"))
        name = _text(span.get("span_name"))
        if span.get("parent_span_id") and name and start is not None and end is not None and end > start:
            taken.append((end - start, name))
    taken.sort(key=lambda entry: entry[0], reverse=True)
    return tuple(SlowCall(_name(name), seconds) for seconds, name in taken[:_SLOWEST])


def _tool_errors(message: Json) -> Iterator[ToolError]:
    """Yield the errors among the parts of a message, the last part first."""
    when = _time(message.get("created_at"))
    for part in reversed(_parts(message)):
        failed = part.get("type") == "tool-error" or (
            part.get("type") == "tool-result" and part.get("is_error") is True
        )
        if failed:
            yield ToolError(when, _name(part.get("tool_name")), _error_lines(part))


def _error_lines(part: Json) -> tuple[str, ...]:
    """Return what a failed tool said: the error text, else the output, else the preview of an output kept elsewhere."""
    text = part.get("error_text") or part.get("output")
    if not text and (ref := payload_ref(part, "error_text", "output")) is not None and ref.preview.strip():
        return (*_lines(ref.preview), f"({ref.note})")
    return _lines(text)


def _last_message(message: Json) -> LastMessage:
    content = message.get("content")
    texts = [content] if isinstance(content, str) else [_said(part) for part in _typed(content)]
    parts = _parts(message)
    if not any(text.strip() for text in texts):
        texts = [_text(part.get("text")) for part in parts if part.get("type") == "text"]
    return LastMessage(
        when=_time(message.get("created_at")),
        role=_name(message.get("role")),
        lines=_lines("\n".join(text for text in texts if text.strip())),
        parts=tuple(_name(part.get("type")) or "?" for part in parts[:MAX_ITEMS]),
    )


def _said(part: Json) -> str:
    """Return the text of an item of `content`; that of a guardrail says so."""
    text = _text(part.get("text"))
    return f"guardrail: {text}" if text.strip() and part.get("type") == "output_guardrail" else text


def _parts(message: Json) -> list[Json]:
    return _typed(message.get("parts"))


def _typed(value: Any) -> list[Json]:
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list | tuple) else []


def _ended(span: Json) -> float | None:
    ended = _time(span.get("end_timestamp"))
    return _time(span.get("start_timestamp")) if ended is None else ended


def _time(value: Any) -> float | None:
    try:
        return parse_time(value)
    except (ValueError, OverflowError):
        return None


def _order(when: float | None) -> float:
    return float("-inf") if when is None else when


def _lines(value: Any) -> tuple[str, ...]:
    """Return a text as display-safe lines, without blank ones at its ends.

    A value that is not text is returned as lines of JSON.
    """
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        lines = safe_lines(value[:_MAX_READ].strip())
    else:
        lines = [line[:_MAX_READ] for line in json_lines(bounded(value))[: MAX_LINES + 1]]
    cut = len(lines) > MAX_LINES or (isinstance(value, str) and len(value) > _MAX_READ)
    lines = [line.rstrip() for line in lines[:MAX_LINES]]
    if not any(lines):
        return ()
    return (*lines, "… (the rest is left out)") if cut else tuple(lines)


def _name(value: Any) -> str:
    return shorten(safe_text(_text(value)[:_MAX_READ].strip()), _MAX_NAME)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
