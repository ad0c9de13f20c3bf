"""Ugly span trees over real HTTP: the tabs of a failed run are drawn, bounded and honest with each fault in its spans."""

from __future__ import annotations

from datetime import UTC

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.model.columns.context import Context
from flowtui.model.messages.opened import Loaded, Opened
from flowtui.model.run.parsing import parse_run
from flowtui.model.spans.tree import MAX_SPANS
from flowtui.simulator.faults.span_trees import SPANS
from flowtui.simulator.world.spans import Spans
from flowtui.source.clock import Clock
from flowtui.source.http.client import Client
from flowtui.source.poll.run_requests import RunRequests
from flowtui.source.read.budgeted_calls import Calls
from flowtui.source.read.span_pages import PAGES
from flowtui.source.read.tracing import fetch_evidence
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.run.timeline_tab import timeline_lines
from flowtui.ui.run.why_tab import why_lines

from .conftest import KEY, NOW
from .pipeline import check_safe

DRAWN = {
    "": "What it did  1",  # a run with more than ten spans
    "span-names:execute": "handbook_search",
    "span-names:attribute": "handbook_search",
    "span-levels": "handbook_search",
    "span-pending": "handbook_search",
    "span-circle": "that contain each other",
    "span-own-parent": "that contain each other",
    "span-orphans": "in spans that were not read",
    "span-no-parents": "handbook_search",
    "span-no-id": "without id",
    "span-same-id": "with an id that came before",
    "span-twice": "with an id that came before",
    "span-foreign": "of other runs",
    "span-scalars": "not readable",
    "span-bare": "without start time",
    "span-wrong-types": "a span without a name",
    "span-tokens": "handbook_search",
    "span-backwards": "that end before they start",
    "span-no-end": "handbook_search",
    "span-bad-times": "without start time",
    "span-naive-times": "handbook_search",
    "span-clock": "These spans are stamped 2h 00m before the run",
    "span-far-times": "before the run",
    "span-many": f"{MAX_SPANS:,} spans read, not all",
    "span-deep": "drawn like those in 6",
}


class Tracing:
    """Fetches over HTTP as the poller does; counts the requests for spans."""

    def __init__(self, client):
        self.asked = 0
        requests = RunRequests(Calls(client, Clock()), self._charge, {}, lambda: "")
        self.fetch_spans, self.fetch_messages, self.fetch_run = (
            requests.spans,
            requests.messages,
            requests.run,
        )

    async def _charge(self):
        self.asked += 1


@pytest.fixture
def key(simulator):
    """The failed run with the most spans: an agent that calls another one, which fails."""
    spans = Spans(simulator.world, simulator.calendar)
    asked = {"min_start_datetime": "2000-01-01T00:00:00Z", "limit": 100_000}
    found = spans.query(asked, simulator.calendar.now())
    broken = {(span["thread_id"], span["run_id"]) for span in found if span["is_exception"]}
    return max(broken, key=lambda key: (sum(span["run_id"] == key[1] for span in found), key))


async def texts_of(simulator, key, *, redact=False):
    """Return the texts of both tabs, in several widths and character sets, and how many requests the spans took."""
    settings = Settings(base_url=simulator.url, request_timeout=60.0)
    async with Client(settings, SecretStr(KEY)) as client:
        tracing = Tracing(client)
        run = parse_run(await tracing.fetch_run(key), key[0])
        before = tracing.asked
        found = await fetch_evidence(tracing, key, redact=redact)
        asked = tracing.asked - before - 1  # one is for messages
    texts = []
    for cells in (56, 76, 116):
        for glyphs in (UNICODE, ASCII):
            render = RenderContext(Context(now=NOW, zone=UTC), glyphs, cells)
            loaded = Loaded(found, at=NOW)
            for lines in (
                timeline_lines(Opened(run, evidence=loaded), render),
                why_lines(loaded, Opened(run), [], render),
            ):
                assert len(lines) < 500
                assert all(ink.width(line.spans) <= cells for line in lines)
                texts.append("\n".join("".join(span.text for span in line.spans) for line in lines))
                check_safe(texts[-1])
    return texts, asked


@pytest.mark.parametrize("fault", DRAWN)
async def test_a_fault_in_the_spans_leaves_the_tabs_whole_and_is_told(simulator, key, fault):
    if fault:
        simulator.add_fault(fault)
    texts, asked = await texts_of(simulator, key)
    assert 1 <= asked <= PAGES
    shown = texts[-4]  # the Timeline tab at 116 cells
    assert DRAWN[fault] in shown
    if fault in {
        "",
        "span-names:execute",
        "span-names:attribute",
        "span-levels",
        "span-pending",
        "span-naive-times",
    }:
        assert "└ handbook_search" in shown
        assert "Not as the API" not in shown


def test_each_fault_in_spans_has_a_case():
    assert {name.partition(":")[0] for name in DRAWN} - {""} == set(SPANS)


@pytest.mark.parametrize(("page", "made"), [(100, (1, True, 15)), (5, (4, True, 15)), (2, (5, False, 10))])
async def test_pages_of_spans_are_read_up_to_a_limit(simulator, key, monkeypatch, page, made):
    monkeypatch.setattr("flowtui.source.read.tracing.SPAN_PAGE", page)
    monkeypatch.setattr("flowtui.source.read.span_pages.SPAN_PAGE", page)
    async with Client(Settings(base_url=simulator.url, request_timeout=60.0), SecretStr(KEY)) as client:
        tracing = Tracing(client)
        found = await fetch_evidence(tracing, key)
    assert (tracing.asked - 1, not found.full, len(found.tree.rows)) == made
    assert found.tree.rows[0].span.label == "triage"  # always read, as the others are in it
    assert found.tree.rows[found.tree.broke].span.label == "crm"
