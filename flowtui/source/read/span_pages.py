"""Reads the spans of one run page by page, as far as a few requests reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flowtui.errors import FlowtuiError
from flowtui.model.messages.evidence import SPAN_PAGE
from flowtui.model.run.row import RunKey
from flowtui.model.spans.tree import MAX_SPANS

if TYPE_CHECKING:  # one-shot commands import this module, but have no feed
    from flowtui.model.feed import Tracing

PAGES: Final = 5
"""The most requests for the spans of one run."""

_FIRST: Final = 100
"""How many of the run's first spans are kept if there are too many: those contain most others."""


class SpanPages(NamedTuple):
    """Spans as raw JSON.

    `whole`: whether these are all spans of the run.
    `trouble`: why no more could be read; "" if no request failed.
    """

    values: list[Any]
    whole: bool
    trouble: str = ""


async def read_span_pages(tracing: Tracing, key: RunKey) -> SpanPages:
    """Return the spans of a run, the newest first, with one request for most runs and with `PAGES` at most.

    If that is not enough, the last request gets the first spans of the run, so that those are missing that began
    between: the first ones contain the others. If a request after the first one fails, what was read before counts.

    Raises:
        FlowtuiError: the first page could not be read.
    """
    values = list(await tracing.fetch_spans(key))
    longest = len(values)
    if _is_end(values) or longest > MAX_SPANS:
        return _bounded(values, whole=True)
    try:
        for _ in range(PAGES - 2):
            page = await tracing.fetch_spans(key, len(values))
            if page == values[: len(page)]:
                return _bounded(values, whole=not page)  # no more; or a server that does not know `offset`
            values += page
            if len(page) < longest or _is_end(page):
                return _bounded(values, whole=True)
        first = await tracing.fetch_spans(key, oldest_first=True)
    except FlowtuiError as error:
        return _bounded(values, whole=False, trouble=str(error))
    known = set(map(_id, values))
    new = [span for span in reversed(first) if _id(span) not in known]
    return _bounded([*values, *new], whole=len(new) < len(first))


def _is_end(page: Sequence[Any]) -> bool:
    """Whether no page follows: this one is not full, and has a span that no other contains, which begins before all others.

    A short page alone proves nothing, as a server may send fewer than were asked for.
    """
    if not page:
        return True
    return len(page) < SPAN_PAGE and any(
        isinstance(span, dict) and not span.get("parent_span_id") for span in page
    )


def _bounded(values: list[Any], *, whole: bool, trouble: str = "") -> SpanPages:
    if len(values) > MAX_SPANS:
        values, whole = [*values[: MAX_SPANS - _FIRST], *values[-_FIRST:]], False
    return SpanPages(values, whole, trouble)


def _id(span: Any) -> str:
    found = span.get("span_id") if isinstance(span, dict) else None
    return found if isinstance(found, str) else ""
