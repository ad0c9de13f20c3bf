"""Whole screens compared with approved ones: the text, and below each line its colours, one letter for each cell.

They are not SVG, because Textual's SVG contains numbers and fonts that may differ in its next version. What differs in
each run (port, number of requests, countdown) is blanked. Approve new screens with `pytest --snapshot-update`.
"""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC
from functools import partial
from string import ascii_letters, digits

import httpx
import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from flowtui.model.columns.column_choice import choose
from flowtui.model.columns.context import Context
from flowtui.model.messages.conversation import Conversation
from flowtui.model.messages.live_part import LivePart
from flowtui.model.messages.live_text import LiveText
from flowtui.model.messages.message import parse_message
from flowtui.model.messages.opened import Loaded, Opened
from flowtui.model.messages.parts import REASONING, TEXT, TOOL_CALL
from flowtui.model.run.row import RUNNING
from flowtui.model.view.view import View
from flowtui.ui.commands.help_screen import HelpScreen
from flowtui.ui.run.detail_pane import DetailPane
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.run.tabs import MESSAGES

from .conftest import BEGIN, KEY
from .screen_app import FakeData, shown

_VARIES = (
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"\d+(?=/300 req/min)", "N"),
    (r"next \d+s", "next Ns"),
    (r"every \d+s", "every Ns"),
    (r"again within \d+s", "again within Ns"),
    (r"\(request [^)]*\)", "(request ID)"),
)


@pytest.fixture
def ids():
    return "short"


class _Screens(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def screen(snapshot):
    return snapshot.use_extension(_Screens)


def _name(style):
    if style is None:
        return "none"
    words = [name for name in ("bold", "italic", "underline", "reverse", "dim") if getattr(style, name)]
    colors = [
        color.get_truecolor().hex if color is not None else "-" for color in (style.color, style.bgcolor)
    ]
    return " ".join([*colors, *words])


def _blank(text):
    for pattern, word in _VARIES:
        text = re.sub(pattern, word, text)
    return text


def drawn(seat):
    """Return the screen as text: each line, its colours as letters, and what the letters stand for."""
    names, out = {}, []
    for strip in seat.app.screen._compositor.render_strips():
        text, colours = strip.text, ""
        for segment in strip:
            letter = (ascii_letters + digits)[names.setdefault(_name(segment.style), len(names))]
            colours += letter * segment.cell_length
        # blanked parts vary in length, so gaps and repeated colours are reduced to one
        if _blank(text) != text:
            text, colours = re.sub(r" +", " ", _blank(text)), re.sub(r"(.)\1*", r"\1", colours)
        out += [text.rstrip(), colours]
    return (
        "\n".join([*out, *(f"{(ascii_letters + digits)[place]} {name}" for name, place in names.items())])
        + "\n"
    )


def _spans_read(seat):
    """Whether the spans of the running runs were read, and with them those of the other new runs: they change rows."""
    snapshot = seat.dashboard.snapshot
    running = [run for run in snapshot.runs() if run.status_class == RUNNING]
    some = any(state.span_facts for state in snapshot.threads.values())
    return some and all(run.raw_id in snapshot.threads[run.thread_key].span_facts for run in running)


def _all_read(seat):
    """Whether each thread was read to its end: until then, sums are minimums. A thread gets its turn with a poll."""
    return all(state.whole or state.failure for state in seat.dashboard.snapshot.threads.values())


def _changed(seat, before):
    return seat.dashboard.snapshot is not before


async def settled(seat, *, whole=True):
    """Wait until all runs, the whole run under the cursor and new spans are read, and the screen no longer changes.

    `whole`: False for threads that are never read to their end.
    """
    while whole and not _all_read(seat):
        snapshot = seat.dashboard.snapshot
        await seat.later(0)
        await seat.until(partial(_changed, seat, snapshot))

    def holds():
        run, board = seat.table.cursor_run, seat.app.dashboard
        if seat.app.screen is board:  # reasons of visible failed runs are fetched later than the rows
            if seat.table.show_vertical_scrollbar != (len(seat.table.rows) + 1 > seat.table.size.height):
                return False  # a new size is laid out in two steps
            reasons, sight = seat.app.session.reason_fetcher, [run, *seat.table.in_sight]
            if reasons._busy or reasons.next(sight, requests=0, budget=1, at=0.0) is not None:
                return False
        if not _spans_read(seat):
            return False
        if not seat.text.strip():
            return False  # the screen only just opened
        panes = seat.app.screen.query(DetailPane)
        whole = run is not None and seat.app.session.fetcher.cache.get(run).raw is not None
        return whole and all("…" not in pane.text.split("\n")[4:5] for pane in panes)

    await seat.until(holds)
    before = None
    while before != (before := drawn(seat)):
        seat.app.dashboard.tick()  # what changed its size is drawn by the next tick
        await seat.pilot.pause()
        painted = asyncio.Event()
        seat.app.screen.call_after_refresh(painted.set)
        await painted.wait()


@pytest.mark.parametrize(
    ("size", "theme"), [((158, 38), "night"), ((120, 36), "day"), ((80, 24), "night"), ((60, 15), "day")]
)
async def test_the_dashboard(app, screen, size, theme):
    async with app(size=size, theme=theme, interval=0.5, reduced_motion=True) as seat:
        await seat.press("g", "j", "j", "j", "j", "j")
        await settled(seat)
        assert drawn(seat) == screen


async def test_the_tools_of_a_run_and_the_help(app, screen):
    async with app(size=(120, 36), interval=0.5, reduced_motion=True) as seat:
        await seat.press("G")
        await settled(seat)
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await seat.press("3")
        await settled(seat)
        assert drawn(seat) == screen(name="tools")
        await seat.press("escape", "question_mark")
        await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))
        await settled(seat)
        assert drawn(seat) == screen(name="help")


async def test_group_and_labels(app, screen):
    """The newest runs are queued: no span names them, so their labels are unknown and the filter leaves them out."""
    text = "label.env:prod or status:running"
    async with app(size=(120, 30), interval=0.5, reduced_motion=True) as seat:
        names = ["status", "run", "agent", "group", "label.env", "label.customer", "note"]
        seat.dashboard.show_columns(choose(names))
        seat.dashboard._set_view(View(text=text))
        await settled(seat)
        assert "labels of 2 runs not read" in seat.text
        assert drawn(seat) == screen


def _run_with(seat, word, status):
    """Return the id of a run with this word in its messages, as sent, whose status was `status` before the faults."""
    outcomes = seat.world()
    for thread in seat.simulator.thread_ids():
        url = f"{seat.simulator.url}/v1/threads/{thread}/messages"
        sent = httpx.get(url, params={"include_parts": True, "limit": 999}, headers={"Authorization": KEY})
        for message in sent.json():
            if word in json.dumps(message) and outcomes.get(message["run_id"]) == status:
                return message["run_id"]
    raise AssertionError(f"no run with {word}")


async def test_inferred_statuses_references_and_guardrails(app, screen):
    faults = ["missing-status", "referenced-errors"]
    async with app(size=(120, 36), interval=0.5, reduced_motion=True, faults=faults, wait=False) as seat:
        await seat.until(lambda: len(seat.rows) == len(seat.world()) and seat.app.dashboard.snapshot.agents)
        for word, status in (("args_ref", "failed"), ("output_guardrail", "completed")):
            await seat.choose(_run_with(seat, word, status))
            await settled(seat, whole=False)
            if status == "failed":
                assert drawn(seat) == screen(name="inferred")
            await seat.press("enter", "4")
            await seat.sees("user  2027", "4 Messages 3 ")  # without a plus: all its messages are read
            await settled(seat, whole=False)
            assert drawn(seat) == screen(name=word)
            await seat.press("escape")


class LiveData(FakeData):
    """A running run with one message, and live text that this message does not have."""

    watched = frozenset()

    def __init__(self, run, message, live):
        super().__init__()
        self.notifier = self.fetcher = self
        self.context = Context(now=BEGIN, zone=UTC, agents={"agent_1": "support"})
        talk = Loaded(Conversation((message,), complete=True, read=1), "", BEGIN - 1)
        self.run = Opened(run, conversation=talk, live=live)

    def opened(self, _run):
        return self.run

    def context_of(self, _run):
        return self.context

    def place_of(self, _key):
        return 1, 1


async def test_live_text_below_the_messages(screen, a_run):
    run = a_run("run_1", created=BEGIN - 20, started=BEGIN - 15)
    asked = {
        "id": "m",
        "role": "user",
        "run_id": "run_1",
        "created_at": BEGIN - 20,
        "content": "Please refund order 88.",
    }
    parts = [
        LivePart(REASONING, ("The order number is in the ticket.", "It is known."), done=True),
        LivePart(TOOL_CALL, ('order="88", currency="EUR"',), title="refunds_agent"),
        LivePart(TEXT, ("I am looking at the ledger.",), done=True, depth=1, agent="refunds_agent"),
        LivePart(TOOL_CALL, (), depth=1, agent="refunds_agent", title="crm", result="crm 502", error=True),
        LivePart(REASONING, ("Two sources disagree on",)),
        LivePart(TEXT, ("The refund 払い戻し", "", "- is on"), left_out=900),
    ]
    live = LiveText(tuple(parts), BEGIN, earlier=2, unknown=1, error="no model")
    data = LiveData(run, parse_message(asked), live)
    async with shown(RunScreen(run, MESSAGES), data, lambda: BEGIN, size=(80, 30)) as seat:
        await seat.sees("live  as it is written", "left out")
        assert drawn(seat) == screen


async def test_the_spans_of_a_failed_run(app, screen):
    async with app(size=(120, 36), interval=0.5, reduced_motion=True) as seat:
        failed = [run for run in seat.rows if run.status == "failed"]
        await seat.choose(failed[0].raw_id)
        await seat.press("enter", "5")
        await seat.until(lambda: seat.app.session.fetcher.opened(failed[0]).evidence.value)
        for key, name in (("5", "timeline"), ("6", "why")):
            await seat.press(key)
            for size in ((120, 36), (60, 15)):
                await seat.pilot.resize_terminal(*size)
                await settled(seat)
                assert drawn(seat) == screen(name=f"{name}-{size[0]}x{size[1]}")


async def test_stale_rows(app, screen, monkeypatch):
    """Each thread shows its own error, because failures are tolerated here: else the header would show an outage."""
    monkeypatch.setattr("flowtui.source.poll.circuit_breaker._TOLERATED", 1_000)
    async with app(size=(120, 36), interval=0.5, reduced_motion=True) as seat:
        await seat.press("g", "j")
        await settled(seat)
        seat.simulator.stop()
        seat.clock.advance(3)  # threads are polled now, so their silence is counted from here

        def refused():  # requests that were under way when the server stopped have another error
            states = seat.app.session.connection.feed.snapshot().threads.values()
            return [
                state for state in states if state.failure and "refuses connections" in state.failure.message
            ]

        await seat.until(lambda: len(refused()) == 3)  # the fourth thread is quiet, and not polled yet
        seat.clock.advance(37)
        seat.app._every_second()
        await seat.sees("refuses connections")
        # of each of the three threads, the last answer must be the refusal
        await seat.until(lambda: seat.text.count("stale 40s") == 1 and seat.text.count("■?  40s") == 3)
        await settled(seat)
        assert drawn(seat) == screen


async def test_the_first_screen(app, screen):
    async with app(size=(100, 30), with_key=False, wait=False, reduced_motion=True) as seat:
        await seat.sees("There is no API key")
        assert drawn(seat) == screen


# Short ids are drawn in both themes above.
@pytest.mark.parametrize("theme", ["night", pytest.param("day", marks=pytest.mark.slow)])
async def test_the_dashboard_with_uuids(app, screen, theme):
    """Each run and thread is told by its end, and 80 columns have room for the notes."""
    sizes = {"night": ((120, 36), (60, 15)), "day": ((80, 24),)}[theme]
    async with app(
        size=sizes[0],
        theme=theme,
        world={"ids": "uuid"},
        interval=0.5,
        reduced_motion=True,
    ) as seat:
        await seat.press("g", *("j" * 5))
        for size in sizes:
            await seat.pilot.resize_terminal(*size)
            await settled(seat)
            assert drawn(seat) == screen(name="{}x{}".format(*size))


async def test_a_queued_run_of_an_agent_that_is_not_active(app, screen):
    """Its NOTE and its Why tab say so, once the agents were read again after the run was created."""
    async with app(size=(120, 30), interval=0.5, reduced_motion=True) as seat:
        seat.simulator.add_fault("agent-inactive")
        asked = len(seat.simulator.requests)
        await seat.later(0)
        await seat.until(lambda: len(seat.simulator.requests) >= asked + 4)  # from here, new runs stay queued
        await seat.later(45)
        await seat.sees("15●", "Inactive agen")
        await seat.choose([run for run in seat.rows if run.status_class == "queued"][-1].raw_id)
        await settled(seat)
        assert drawn(seat) == screen
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await seat.press("6")
        await seat.sees("queued, and its agent is not active", "Inactive agent, so the run will not start")
