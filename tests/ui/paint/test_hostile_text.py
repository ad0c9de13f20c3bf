"""Server text that attacks a terminal or a markup parser: the whole application shows it and never executes it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from rich.cells import cell_len

from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.run.tabs import NAMES

from ...attacks import ATTACKS

FAULTS = (*ATTACKS, "text-long", "text-private")
PANES = {"Raw JSON": ["text-nul", "text-link"], "Instructions": ["text-escape"], "Tools": ["text-osc52"]}
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.fixture
def ids():
    return "short"


@pytest.fixture
def hostile(app, simulate):
    """Open the application on a simulator in which each run has hostile text of another kind."""
    world = simulate(runs=len(FAULTS) + 4)
    runs = [run for thread in world.thread_ids() for run in world.run_ids(thread)]
    faults = [f"{fault}:{run}" for fault, run in zip(FAULTS, runs, strict=False)]

    def open_app(**options):
        return app(faults=faults, world={"runs": len(FAULTS) + 4}, wait=False, **options)

    open_app.victims = dict(zip(FAULTS, runs, strict=False))
    return open_app


def _strips(seat):
    return seat.app.screen._compositor.render_strips()


def _check(seat, width):
    """Check that no text can move the cursor, hide or be clicked, and that every line is exactly as wide as the screen."""
    for strip in _strips(seat):
        assert not [char for char in strip.text if unicodedata.category(char) in _UNSAFE], ascii(strip.text)
        assert cell_len(strip.text) == width, strip.text
        for segment in strip:
            assert segment.style is None or segment.style.link is None
            meta = segment.style.meta if segment.style is not None else {}
            assert "@click" not in meta


def _cut(strip, start, end):
    return strip.crop(start, end).text


async def test_hostile_text_is_shown_and_never_executed(hostile):
    async with hostile(size=(170, 50)) as seat:
        await seat.until(lambda: set(seat.ids) == set(seat.world()))
        for _ in seat.ids:
            _check(seat, 170)
            await seat.press("j")
        for tab, victims in PANES.items():
            await seat.press(str(NAMES.index(tab) + 1))
            for fault in victims:
                await seat.choose(hostile.victims[fault])
                await seat.until(lambda: "Loading" not in seat.pane)
                _check(seat, 170)
        assert seat.app.return_code is None
        assert seat.app.title == "flowtui"


async def test_columns_stay_aligned_beside_wide_and_hostile_text(hostile):
    async with hostile(size=(170, 50)) as seat:
        await seat.until(lambda: set(seat.ids) == set(seat.world()))
        region = seat.table.region
        strips = [strip.crop(region.x, region.right) for strip in _strips(seat)[region.y : region.bottom]]
        end = strips[0].text.index("TOKENS") + len("TOKENS")
        for strip in strips[1 : len(seat.ids) + 1]:
            assert re.fullmatch(r"[\d,]+\+?|—", _cut(strip, end - 7, end).strip()), strip.text
            assert _cut(strip, end, end + 1) == " "


async def test_markup_is_shown_as_it_was_sent(hostile):
    async with hostile(size=(250, 50)) as seat:
        await seat.until(lambda: set(seat.ids) == set(seat.world()))
        for fault, words in (("text-bad-markup", "x[/nope]y"), ("text-click", "[@click=app.quit]")):
            run = hostile.victims[fault]
            await seat.choose(run)
            await seat.until(lambda run=run: seat.table.cursor_run.raw_id == run)
            assert words in seat.table.cursor_run.model
            await seat.press("enter")
            await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
            await seat.sees(words[:8])
            y, line = next((y, line) for y, line in enumerate(seat.lines) if words[:8] in line)
            await seat.pilot.click(offset=(line.index(words[:8]) + 10, y))
            await seat.pilot.pause()
            assert seat.app.return_code is None
            await seat.press("escape")


async def test_hostile_ids_are_safe_in_titles_and_can_be_opened(app):
    async with app(faults=["text-id"], wait=False) as seat:
        await seat.until(lambda: len(seat.ids) == 16)
        await seat.press("j")
        _check(seat, 140)
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        _check(seat, 140)
        assert seat.ids[0].startswith("run_")
        assert "\x1b" in seat.ids[0]  # the raw id is kept for requests


async def test_escape_sequences_in_an_error_message_do_not_move_the_cursor(app):
    async with app(faults=["error-escape@all", "odd-ray"], wait=False) as seat:
        await seat.sees("tries again")
        _check(seat, 140)


async def test_a_thread_id_with_markup_is_shown_as_text(app):
    async with app(faults=["thread-id:[@click=app.quit]x[/nope]"], wait=False) as seat:
        await seat.until(
            lambda: seat.app.session.connection and seat.app.session.connection.feed.snapshot().threads
        )
        await seat.sees("[/nope]")
        seat.threads.focus()
        await seat.press("j")
        await seat.until(lambda: seat.threads.chosen is not None)
        await seat.until(lambda: "[@click=app.quit]x[/nope]" in seat.text)
        _check(seat, 140)
