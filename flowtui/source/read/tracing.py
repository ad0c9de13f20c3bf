"""Two ways to explain a failed run from its spans and messages.

`fetch_evidence` returns all that explains the failure, and names what could not be read. `fetch_why` returns one line, or
None if nothing explains the failure.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeVar

from flowtui.config.memory.installation_key import installation_key
from flowtui.errors import FlowtuiError
from flowtui.formatting import iso_time
from flowtui.model.messages.evidence import SPAN_PAGE, Evidence, evidence
from flowtui.model.messages.redaction import redact_evidence, redacted_why
from flowtui.model.messages.why import Why, reason_of
from flowtui.model.run.row import Run, RunKey
from flowtui.source.read.span_pages import SpanPages, read_span_pages

if TYPE_CHECKING:  # one-shot commands import this module, but have no feed
    from flowtui.model.feed import Tracing

T = TypeVar("T")

LAST_MESSAGES: Final = 20
"""How many of the newest messages are searched for an error of a tool; the API's default page."""

# The rules that fold texts: their patterns take 100 ms to compile, and neither keys nor polls should wait for that.
_RULES: Final = "flowtui.model.reasons.folding"

_EARLIER = 60.0  # seconds before the run was created: spans may be stamped by a clock that is behind
_LONG_AGO = "1970-01-02T00:00:00Z"


def span_query(
    key: RunKey, run: Run | None, offset: int = 0, *, oldest_first: bool = False
) -> dict[str, str | int]:
    """Return the SpanQuery for a page of the spans of a run.

    The query has a start, as without it the server returns only the last 15 minutes.
    """
    since = _LONG_AGO
    if run is not None and run.created is not None and run.created > _EARLIER:
        since = iso_time(run.created - _EARLIER) or since  # the server may send a year beyond 9999
    query: dict[str, str | int] = {"run_id": key[1], "min_start_datetime": since, "limit": SPAN_PAGE}
    query["order"] = "asc" if oldest_first else "desc"
    return {**query, "offset": offset} if offset else query


async def fetch_why(tracing: Tracing, key: RunKey, *, redact: bool = False) -> Why | None:
    """Return why a run failed; None if neither its spans nor its messages explain it, or they cannot be fetched.

    Makes one request, and a second one only if the spans do not explain the failure. With `redact` the reason names the
    tool and the type of exception, and hides messages; its id is keyed by the installation.
    """
    found = None
    if _RULES not in sys.modules:
        await asyncio.to_thread(import_module, _RULES)
    with suppress(FlowtuiError):
        found = _why(evidence(await tracing.fetch_spans(key), (), key[1]), redact=redact)
    if found is None:
        with suppress(FlowtuiError):
            found = _why(evidence((), await tracing.fetch_messages(key), key[1]), redact=redact)
    return found


def _why(found: Evidence, *, redact: bool) -> Why | None:
    return redacted_why(found, installation_key()) if redact else reason_of(found)


async def fetch_evidence(tracing: Tracing, key: RunKey, *, redact: bool = False) -> Evidence:
    """Return the evidence in the spans and messages of a run. If either cannot be read, `Evidence.missing` names it.

    With `redact` the text of messages is hidden.

    Raises:
        FlowtuiError: neither could be read.
    """
    spans, no_spans = await _tried(read_span_pages(tracing, key), SpanPages([], whole=False))
    messages, no_messages = await _tried(tracing.fetch_messages(key), [])
    if no_spans is not None and no_messages is not None:
        raise no_spans
    failed = (("spans", no_spans), ("more spans", spans.trouble), ("messages", no_messages))
    missing = tuple(f"{name}: {error}" for name, error in failed if error)
    found = evidence(
        spans.values, messages, key[1], missing=missing, whole=spans.whole or no_spans is not None
    )
    return redact_evidence(found) if redact else found


async def _tried(answer: Awaitable[T], otherwise: T) -> tuple[T, FlowtuiError | None]:
    try:
        return await answer, None
    except FlowtuiError as error:
        return otherwise, error
