"""Why a run failed, as far as the API tells, in one short line made of the evidence. Pure.

The reason is not on the run itself. Everything that comes out is display-safe and short; None where nothing says it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from flowtui.model.messages.evidence import Evidence, SpanError, evidence
from flowtui.model.run.row import Run
from flowtui.text import safe_text, shorten

_MAX: Final = 160  # characters of a reason: one line beside the run
_MAX_DETAIL: Final = 4_096  # characters of a message's first line
_SHORT: Final = 40  # characters up to which the part of a message before its colon says enough by itself
_CODE: Final = re.compile(r"\b[45][0-9]{2}\b")


class Why(NamedTuple):
    """Why a run failed. `reason` is one short line (`tool error: crm 502`), `detail` the whole first line of the message.

    `tool` is the tool that failed ("" where none did), `exception` the exception's type ("" where unknown), `said`
    the short form of the message alone (`crm 502`).
    """

    reason: str
    detail: str
    tool: str = ""
    exception: str = ""
    said: str = ""


def why(spans: Iterable[Any], messages: Iterable[Any] = (), run_id: str | None = None) -> Why | None:
    """Return the reason that the spans of one run give, else the messages of its thread; None where none does.

    Both are raw JSON values in any order, tolerated whatever they are. `run_id` (raw) leaves out those of other runs.
    The exception that ended last counts: earlier ones were survived.
    """
    return reason_of(evidence(spans, messages, run_id))


def reason_of(found: Evidence) -> Why | None:
    """Return the reason that evidence gives, None where it gives none."""
    cause = found.cause
    if cause is None:
        return None
    message = next((line.strip() for line in cause.lines if line.strip()), "")[:_MAX_DETAIL]
    if isinstance(cause, SpanError):
        return _why(message, cause.tool, cause.kind)
    return _why(message, cause.tool or "tool", "")


def show_command(run: Run) -> str:
    """Return the command that shows a run, to type into a shell; display-safe."""
    run_id, thread = _word(run.raw_id), _word(run.thread_key)
    if run.raw_id.startswith("-") or run.thread_key.startswith("-"):
        return f"flowtui run --thread={thread} -- {run_id}"
    return f"flowtui run {run_id} -t {thread}"


def _word(raw: str) -> str:
    # An id that is not safe to show cannot be typed either: what is shown then names it, and no more.
    return shlex.quote(safe_text(raw))


def _why(message: str, tool: str, kind: str) -> Why:
    said = _short(message)
    if not said:
        said = kind or "no message"
    if tool:
        known = tool == "tool" or tool.casefold() in said.casefold() or bool(_CODE.search(said))
        line = f"tool error: {said}" if known else f"tool error: {tool}: {said}"
    else:
        line = said if not kind or kind in said else f"{kind}: {said}"
    return Why(
        shorten(line, _MAX), message or said, "" if tool == "tool" else tool, kind, shorten(said, _MAX)
    )


def _short(message: str) -> str:
    """Return the part of a message that says what is wrong: `crm 502` of `crm 502: upstream answered ...`."""
    head, colon, _ = message.partition(": ")
    return head if colon and len(head) <= _SHORT and _CODE.search(head) else message
