"""The footer and the help, which are both made from `KEYS`."""

from __future__ import annotations

import pytest

from flowtui.ui.commands.help_screen import HelpScreen
from flowtui.ui.events.event_screen import EventScreen
from flowtui.ui.failures.failure_screen import FailureScreen
from flowtui.ui.keys import bindings
from flowtui.ui.keys.footer import footer, footer_line
from flowtui.ui.paint import ink
from flowtui.ui.spend.spend_screen import SpendScreen

PLACES = (bindings.TABLE, bindings.DASHBOARD, bindings.APP)


def _text(line):
    return "".join(span.text for span in line)


@pytest.mark.parametrize("cells", [40, 60, 80, 100, 140, 200])
def test_the_footer_fits_and_has_only_whole_entries(cells):
    line = footer_line(PLACES, cells)
    assert ink.width(line) <= cells + 3  # the gap after the last entry may be cut
    entries = {f"{key.first} {key.foot}" for key in bindings.KEYS if key.foot}
    shown = [entry.strip() for entry in _text(line).split("   ") if entry.strip()]
    assert shown
    assert set(shown) <= entries


def test_a_wide_footer_has_every_key_with_a_footer_word():
    text = _text(footer_line(PLACES, 400))
    for key in bindings.KEYS:
        if key.where in PLACES and key.foot:
            assert f"{key.first} {key.foot}" in text


@pytest.mark.parametrize(
    ("place", "pairs"),
    [
        (bindings.RUN, "J K next, previous run"),
        (bindings.TIMELINE, "h l run   + - zoom   < > time"),
        (bindings.SPEND, "h l time"),
        (bindings.FAILURES, "h l time"),
        (bindings.AGENT, "[ ] other agent"),
        (bindings.BRIEF, "h l time"),
    ],
)
def test_two_keys_for_both_directions_stand_together_and_the_way_back_stays_on_a_narrow_screen(place, pairs):
    assert pairs in _text(footer_line((place, bindings.APP), 160))
    for cells in (60, 80):
        line = footer_line((place, bindings.APP), cells)
        assert ink.width(line) <= cells + 3
        assert _text(line).rstrip().endswith("esc back   ? help")


def test_a_notice_comes_first_in_the_footer():
    assert _text(footer_line(PLACES, 200, "poller restarted")).strip().startswith("poller restarted")


def test_every_key_has_a_unique_id_and_a_help_text():
    ids = [key.id for key in bindings.KEYS]
    assert len(set(ids)) == len(ids)
    assert all(key.help and key.shown and key.action for key in bindings.KEYS)


@pytest.mark.parametrize(
    "where", [bindings.TABLE, bindings.THREADS, bindings.PANE, bindings.DASHBOARD, bindings.RUN, bindings.APP]
)
def test_no_key_has_two_actions_in_one_part_of_the_screen(where):
    pressed = [name for key in bindings.KEYS if key.where == where for name in key.keys.split(",")]
    assert len(set(pressed)) == len(pressed)


async def _help(seat):
    await seat.press("question_mark")
    await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))


async def test_the_help_of_the_run_screen_is_its_own(app):
    async with app(size=(140, 60)) as seat:
        await seat.press("enter")
        await _help(seat)
        told = next(key.help for key in bindings.KEYS if key.id == "run_back")
        await seat.until(lambda: told in seat.app.screen.pane.text)


async def test_the_footer_names_the_keys_of_the_pane_with_the_focus(app):
    async with app(size=(200, 40)) as seat:
        assert "enter open" in seat.lines[-1]
        seat.threads.focus()
        await seat.until(lambda: "enter runs" in seat.lines[-1])
        assert "enter open" not in seat.lines[-1]


@pytest.mark.parametrize("screen", [FailureScreen, SpendScreen, EventScreen])
def test_keys_that_act_on_a_line_have_footer_words_and_are_left_out_without_one(screen):
    place = screen.PLACES[0]
    known = {key.id: key for key in bindings.KEYS if key.where == place and key.foot.strip()}
    assert set(known) >= screen.OF_A_LINE
    text = _text(footer((place, bindings.APP), 200, without=screen.OF_A_LINE).line)
    for id_, key in known.items():
        assert (f"{key.first} {key.foot}" in text) == (id_ not in screen.OF_A_LINE)


async def test_without_a_failure_the_footer_names_no_key_for_one(app):
    async with app(size=(100, 30), world={"threads": 0}) as seat:
        await seat.press("f")
        await seat.sees("Failures · ")
        await seat.until(lambda: "h l time   / search   M gate   esc back" in seat.lines[-1])
