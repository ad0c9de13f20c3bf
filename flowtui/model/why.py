"""Why a run failed, as far as the API tells: its exception spans first, else the tool errors in its messages. Pure.

The reason is not on the run itself. Everything that comes out is display-safe and short; None where nothing says it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from flowtui.model.run import Run
from flowtui.text import safe_text

_TOOL_SPAN: Final = re.compile(r"running tool:? (\S.*)", re.IGNORECASE)
_ERROR_LEVEL: Final = 17  # OpenTelemetry's severity number from which on it is an error
_MAX: Final = 160  # characters of a reason: one line beside the run
_SHORT: Final = 40  # characters up to which the part of a message before its colon says enough by itself
_CODE: Final = re.compile(r"\b[45][0-9]{2}\b")
_MAX_SPANS: Final = 2_000
_MAX_READ: Final = 4_096  # characters of one message that are looked at


class Why(NamedTuple):
    """Why a run failed. `reason` is one short line (`tool error: crm 502`), `detail` the whole first line of the message.

    `tool` is the tool that failed ("" where none did), `exception` the exception's type ("" where unknown).
    """

    reason: str
    detail: str
    tool: str = ""
    exception: str = ""


def why(spans: Iterable[Any], messages: Iterable[Any] = (), run_id: str | None = None) -> Why | None:
    """Return the reason that the spans of one run give, else the messages of its thread; None where none does.

    Both are raw JSON values in any order, tolerated whatever they are. `run_id` (raw) leaves out those of other runs.
    The exception that ended last counts: earlier ones were survived.
    """
    best: tuple[tuple[int, str], Mapping[str, Any]] | None = None
    for number, span in enumerate(spans):
        if number >= _MAX_SPANS:
            break
        if not isinstance(span, Mapping) or not _belongs(span, run_id):
            continue
        weight = _weight(span)
        if weight == 0:
            continue
        rank = (weight, _text(span.get("end_timestamp")) or _text(span.get("start_timestamp")))
        if best is None or rank > best[0]:
            best = (rank, span)
    if best is not None:
        return _of_span(best[1])
    for message in messages:
        # A span without a run came from a query for the run; a message without one may be anybody's.
        if isinstance(message, Mapping) and run_id in (None, message.get("run_id")):
            found = _of_parts(message.get("parts"))
            if found is not None:
                return found
    return None


def see(run: Run) -> str:
    """Return the command that shows a run, to type into a shell; display-safe."""
    run_id, thread = _word(run.raw_id), _word(run.thread_key)
    if run.raw_id.startswith("-") or run.thread_key.startswith("-"):
        return f"flowtui run --thread={thread} -- {run_id}"
    return f"flowtui run {run_id} -t {thread}"


def _word(raw: str) -> str:
    # An id that is not safe to show cannot be typed either: what is shown then names it, and no more.
    return shlex.quote(safe_text(raw))


def _belongs(value: Mapping[str, Any], run_id: str | None) -> bool:
    return run_id is None or value.get("run_id") in (None, run_id)


def _weight(span: Mapping[str, Any]) -> int:
    """Return how much a span says about a failure: an exception of a tool or model call most, no error nothing."""
    level = span.get("level")
    graded = isinstance(level, int | float) and level >= _ERROR_LEVEL
    if span.get("is_exception") is True:
        return 3 if span.get("parent_span_id") else 2
    return 1 if graded or _text(span.get("exception_type")) else 0


def _of_span(span: Mapping[str, Any]) -> Why:
    named = _TOOL_SPAN.match(_text(span.get("span_name")))
    tool = _shown(named[1]) if named else ""
    kind = _shown(span.get("exception_type"))
    message = _first_line(span.get("message"))
    if message == _text(span.get("span_name")):
        message = ""  # the span's own name is no message
    return _why(message, tool, kind)


def _of_parts(parts: Any) -> Why | None:
    """Return the last tool error among the parts of a message."""
    for part in reversed(parts) if isinstance(parts, Sequence) and not isinstance(parts, str) else ():
        if not isinstance(part, Mapping):
            continue
        failed = part.get("type") == "tool-error" or (
            part.get("type") == "tool-result" and part.get("is_error") is True
        )
        if failed:
            return _why(_first_line(part.get("error_text")), _shown(part.get("tool_name")) or "tool", "")
    return None


def _why(message: str, tool: str, kind: str) -> Why:
    said = _short(message)
    if not said:
        said = kind or "no message"
    if tool:
        known = tool == "tool" or tool.casefold() in said.casefold() or bool(_CODE.search(said))
        reason = f"tool error: {said}" if known else f"tool error: {tool}: {said}"
    else:
        reason = said if not kind or kind in said else f"{kind}: {said}"
    return Why(_cut(reason), message or said, "" if tool == "tool" else tool, kind)


def _short(message: str) -> str:
    """Return the part of a message that says what is wrong: `crm 502` of `crm 502: upstream answered ...`."""
    head, colon, _ = message.partition(": ")
    return head if colon and len(head) <= _SHORT and _CODE.search(head) else message


def _first_line(value: Any) -> str:
    for line in _text(value)[:_MAX_READ].splitlines():
        if line.strip():
            return safe_text(line.strip())
    return ""


def _shown(value: Any) -> str:
    return _cut(safe_text(_text(value)[:_MAX_READ].strip()))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _cut(text: str) -> str:
    return text if len(text) <= _MAX else f"{text[: _MAX - 1]}…"
