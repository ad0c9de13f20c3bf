"""`flowtui run -o markdown`: fetches a run's evidence and neighbouring runs for its report.

What cannot be fetched is named in the report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from flowtui.config.settings import Settings
from flowtui.errors import ApiError
from flowtui.headless.retry import Requester
from flowtui.model.columns.context import Context
from flowtui.model.export.report import ReportInput, report
from flowtui.model.messages.evidence import Evidence
from flowtui.model.run.parsing import parse_run
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.source.http.client import Client
from flowtui.source.read.tracing import LAST_MESSAGES, fetch_evidence, span_query

_PAGE: Final = 100  # runs of the thread that are searched for the neighbours
_INTERVAL: Final = 1.0  # seconds; has no effect, as the thread is read only once


class _Tracing:
    """Fetches spans and messages of one run, with the retries of a one-shot command."""

    def __init__(self, source: Client, requester: Requester, run: Run) -> None:
        self._source = source
        self._asker = requester
        self._run = run

    async def fetch_spans(self, key: RunKey, offset: int = 0, *, oldest_first: bool = False) -> list[Any]:
        """Return a page of the raw spans of the run. Raises ApiError."""
        query = span_query(key, self._run, offset, oldest_first=oldest_first)
        return await self._elements(partial(self._source.spans, query))

    async def fetch_messages(self, key: RunKey) -> list[Any]:
        """Return the raw newest messages of the run's thread. Raises ApiError."""
        return await self._elements(partial(self._source.messages, key[0], limit=LAST_MESSAGES))

    async def _elements(self, call: Callable[[], Any]) -> list[Any]:
        found = await self._asker.elements(call)
        if found.error is not None and not found.value:
            raise found.error
        return list(found.value)


async def make_report(
    source: Client,
    requester: Requester,
    context: Context,
    run: Run,
    raw: dict[str, Any],
    *,
    settings: Settings,
) -> str:
    """Return the report of a run as Markdown. Makes three requests (more with retries)."""
    try:
        found = await fetch_evidence(_Tracing(source, requester, run), run.key)
    except ApiError as error:
        found = Evidence(missing=(f"spans and messages: {error}",))
    state = await _thread(source, requester, run)
    known = replace(context, now=requester.now, threads={} if state is None else {state.key: state})
    return report(
        ReportInput(run=run, context=known, settings=settings, raw=raw, evidence=found, redact=context.redact)
    )


async def _thread(source: Client, requester: Requester, run: Run) -> ThreadState | None:
    """Return the state of the run's thread as the newest page of its runs shows it; None if no run could be read."""
    call = partial(source.runs, run.thread_key, limit=_PAGE, order="desc", offset=0)
    found = await requester.elements(call)
    if not found.value:
        return None
    rows = [parse_run(value, run.thread_key) for value in found.value]
    state, _ = apply_runs(ThreadState(run.thread_key, _INTERVAL), rows, at=requester.now, whole=False)
    return state
