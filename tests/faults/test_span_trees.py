"""Ugly span trees over real HTTP: the tabs of a failed run are drawn, bounded and honest with each fault in its spans."""

from __future__ import annotations

import contextlib
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
from flowtui.source.http.client import Client
from flowtui.source.poll.poller import Poller
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
    "span-clock": "The times of these spans are 2h 00m before the run's",
    "span-far-times": "before the run",
    "span-many": f"{MAX_SPANS:,} spans read, not all",
    "span-deep": "drawn like those in 6",
}


@contextlib.asynccontextmanager
async def connected(simulator):
    """A poller that does not poll: it only fetches what the user opens."""
    settings = Settings(base_url=simulator.url, request_timeout=60.0)
    async with Client(settings, SecretStr(KEY)) as client:
        yield Poller(client, budget=100_000)


def span_requests(simulator):
    return sum(path.startswith("/v1/observability/spans") for _, path, _ in simulator.requests)


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
    async with connected(simulator) as poller:
        run = parse_run(await poller.fetch_run(key), key[0])
        before = span_requests(simulator)
        found = await fetch_evidence(poller, key, redact=redact)
        asked = span_requests(simulator) - before
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
    before = span_requests(simulator)
    async with connected(simulator) as poller:
        found = await fetch_evidence(poller, key)
    assert (span_requests(simulator) - before, not found.full, len(found.tree.rows)) == made
    assert found.tree.rows[0].span.label == "triage"  # always read, as the others are in it
    assert found.tree.rows[found.tree.broke].span.label == "crm"
