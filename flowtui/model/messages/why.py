"""Why a run failed, as one short line made from the evidence. Pure.

A run of the API has no field for this. Results are display-safe and short; None if nothing explains the failure.
"""

from __future__ import annotations

import re
import shlex
from typing import Final, NamedTuple

from flowtui.model.messages.evidence import Evidence, SpanError
from flowtui.model.reasons.reason import Reason, reason_of_failure
from flowtui.model.run.row import Run
from flowtui.text import safe_text, shorten

_MAX: Final = 160  # characters of a reason, which is shown on the run's line
_MAX_DETAIL: Final = 4_096  # characters of a message's first line
_SHORT: Final = 40  # most characters of the part before a colon that can stand for the whole message
_SOME_TOOL: Final = "tool"  # the name of a tool that the server did not name
_CODE: Final = re.compile(r"\b[45][0-9]{2}\b")


class Why(NamedTuple):
    """Why a run failed."""

    reason: str
    """One short line, such as `tool error: crm 502`."""
    detail: str
    """The whole first line of the message."""
    folded: Reason
    """The reason as it is counted and compared: numbers and ids are folded."""
    tool: str = ""
    """The tool that failed; "" if no tool did."""
    exception: str = ""
    """The type of the exception; "" if unknown."""


def reason_of(found: Evidence) -> Why | None:
    """Return the reason that the evidence gives; None if it gives none."""
    cause = found.cause
    if cause is None:
        return None
    message = next((line.strip() for line in cause.lines if line.strip()), "")[:_MAX_DETAIL]
    tool, kind = (cause.tool, cause.kind) if isinstance(cause, SpanError) else (cause.tool or _SOME_TOOL, "")
    folded = reason_of_failure("\n".join(cause.lines), tool=tool, exception=kind)
    return _why(message, tool, kind, folded)


def show_command(run: Run) -> str:
    """Return the shell command that shows a run; display-safe."""
    return command_for(run.raw_id, run.thread_key)


def command_for(raw_id: str, thread_key: str) -> str:
    """Return the shell command that shows the run with these raw ids; display-safe."""
    run_id, thread = _word(raw_id), _word(thread_key)
    if raw_id.startswith("-") or thread_key.startswith("-"):
        return f"flowtui run --thread={thread} -- {run_id}"
    return f"flowtui run {run_id} -t {thread}"


def _word(raw: str) -> str:
    # An id with unsafe characters cannot be typed, so its display-safe form is good enough here.
    return shlex.quote(safe_text(raw))


def _why(message: str, tool: str, kind: str, folded: Reason) -> Why:
    short = _short(message)
    if not short:
        short = kind or "no message"
    if tool:
        known = tool == _SOME_TOOL or tool.casefold() in short.casefold() or bool(_CODE.search(short))
        line = f"tool error: {short}" if known else f"tool error: {tool}: {short}"
    else:
        line = short if not kind or kind in short else f"{kind}: {short}"
    return Why(
        shorten(line, _MAX),
        message or short,
        folded,
        "" if tool == _SOME_TOOL else tool,
        kind,
    )


def _short(message: str) -> str:
    """Return the short form of a message: the part before its colon, as in `crm 502` for `crm 502: upstream answered`.

    That part must be short and contain an HTTP error status; otherwise the whole message is returned.
    """
    head, colon, _ = message.partition(": ")
    return head if colon and len(head) <= _SHORT and _CODE.search(head) else message
