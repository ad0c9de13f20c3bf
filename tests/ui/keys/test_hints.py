"""Every hint of a footer or a dialog can be clicked, which does what its key does, and is highlighted under the pointer."""

from __future__ import annotations

from itertools import pairwise

import pytest
from textual import events
from textual.binding import Binding
from textual.keys import key_to_character

from flowtui.ui.columns.chooser import ColumnChooser
from flowtui.ui.commands.help_screen import HelpScreen
from flowtui.ui.keys import bindings
from flowtui.ui.keys.footer import Hint, footer, hint_foot
from flowtui.ui.paint import ink
from flowtui.ui.widgets.bar import Bar

HINTS = (
    Hint("J", "", "J"),
    Hint("K", "move", "K"),
    Hint("漢字", "wide", "f9"),
    Hint("esc", "close", "escape"),
)
PLACES = {
    "dashboard": (),
    "groups": ("shift+tab",),
    "pane": ("tab",),
    "filter": ("slash",),
    "run": ("enter",),
    "timeline": ("t",),
    "tokens": ("dollar_sign",),
    "gate": ("M",),
    "agent": ("A",),
    "events": ("L",),
    "events search": ("L", "slash"),
    "failures": ("f",),
    "brief": ("b",),
    "help": ("question_mark",),
    "help search": ("question_mark", "slash"),
    "palette": ("ctrl+p",),
    "command line": ("colon",),
    "columns": ("C",),
    "order": ("s",),
    "views": ("F",),
    "copy": ("Y",),
    "export": ("E",),
    "watches": ("w", "L", "W"),
    "cancel": ("ctrl+k",),
}
"""Where there are hints, and the keys that lead there from the dashboard."""


def _text(line):
    return "".join(span.text for span in line)


@pytest.mark.parametrize("cells", [12, 24, 40])
def test_spots_are_where_their_hints_are_written(cells):
    for notice in ("", "漢字 restarted"):
        foot = hint_foot(HINTS, cells, notice)
        hints = {hint.press: hint for hint in HINTS}
        assert foot.spots[-1].press == "escape", "the last one always stays"
        for spot in foot.spots:
            hint = hints[spot.press]
            before = [
                span for span in foot.line if ink.width(foot.line[: foot.line.index(span)]) == spot.first
            ]
            assert hint.shown in [span.text for span in before]
            assert spot.end - spot.first == ink.width((ink.Span(f"{hint.shown} {hint.word}".strip()),))
        assert all(one.end < other.first for one, other in pairwise(foot.spots))
        assert "J" not in _text(foot.line) or "K move" in _text(foot.line), "alone it says nothing"


def test_a_hint_that_stays_is_left_out_after_all_others_but_the_last_one():
    hints = [
        Hint("a", "one", "a"),
        Hint("b", "back", "b", stays=True),
        Hint("c", "two", "c"),
        Hint("?", "help", "?"),
    ]
    assert [_text(hint_foot(hints, cells).line).strip() for cells in (36, 26, 17, 8)] == [
        "a one   b back   c two   ? help",
        "a one   b back   ? help",
        "b back   ? help",
        "? help",
    ]


def test_a_click_presses_the_key_that_the_user_chose_for_an_action():
    foot = footer((bindings.DASHBOARD,), 200, remapped={"filter": "f9"})
    assert foot.spots[0].press == "f9"
    assert footer((bindings.DASHBOARD,), 200).spots[0].press == "/"


def _spots(screen):
    return [(bar, spot) for bar in screen.query(Bar) if bar.display for spot in bar.spots]


async def _click(seat, bar, spot):
    await seat.pilot.click(offset=(bar.region.x + spot.first, bar.region.y))


def _has_spot(seat, press):
    return any(spot.press == press and bar.region for bar, spot in _spots(seat.app.screen))


def _spot(seat, press):
    return next((bar, spot) for bar, spot in _spots(seat.app.screen) if spot.press == press)


async def test_a_click_on_a_hint_does_what_its_key_does_and_the_pointer_highlights_it(app):
    async with app(size=(120, 36)) as seat:
        footer_bar, help_spot = _spot(seat, "?")
        await seat.pilot.hover(offset=(help_spot.first + 1, footer_bar.region.y))
        lit = footer_bar.render_line(0).crop(help_spot.first, help_spot.end)
        wanted = seat.app.palette.cursor_row.bgcolor
        await seat.until(lambda: footer_bar._hovered == help_spot)
        lit = footer_bar.render_line(0)
        assert {part.style.bgcolor for part in lit.crop(help_spot.first, help_spot.end)} == {wanted}
        assert wanted not in {part.style.bgcolor for part in lit.crop(0, help_spot.first)}
        await _click(seat, footer_bar, help_spot)
        await seat.until(lambda: isinstance(seat.app.screen, HelpScreen) and _has_spot(seat, "escape"))
        await _click(seat, *_spot(seat, "escape"))
        await seat.until(lambda: seat.app.screen is seat.dashboard)
        await seat.pilot.hover(offset=(5, 5))
        await seat.until(lambda: footer_bar._hovered is None)
        await seat.press("C")
        await seat.until(lambda: isinstance(seat.app.screen, ColumnChooser) and _has_spot(seat, "space"))
        before = seat.app.screen.choice
        await _click(seat, *_spot(seat, "space"))
        await seat.until(lambda: seat.app.screen.choice != before)
        await _click(seat, *_spot(seat, "escape"))
        await seat.until(lambda: seat.app.screen is seat.dashboard)
        await seat.pilot.click(offset=(0, footer_bar.region.y))  # beside the hints
        assert seat.app.screen is seat.dashboard


def _named(press):
    """Return the name of the first of some keys, as Textual has it."""
    return next(iter(Binding.make_bindings([Binding(press, "x")]))).key


def _clicked(bar, spot):
    """Send a click on a hint, as it arrives if the bar is what lies there on the screen."""
    x, y = bar.region.x + spot.first, bar.region.y
    assert bar.screen.get_widget_at(x, y)[0] is bar
    at = {"x": spot.first, "y": 0, "screen_x": x, "screen_y": y}
    bar.post_message(
        events.Click(bar, **at, delta_x=0, delta_y=0, button=1, shift=False, meta=False, ctrl=False)
    )


@pytest.mark.slow
async def test_every_hint_on_every_screen_and_dialog_can_be_clicked(app, monkeypatch):
    pressed, seen = [], set()

    async def add(keys, *, first=False):
        del first
        pressed.extend(keys)

    async with app(size=(158, 38), allow_actions=True) as seat:
        for name, keys in PLACES.items():
            await seat.press(*keys)
            await seat.until(lambda: seat.app.screen.is_mounted and _spots(seat.app.screen))
            await seat.until(lambda: not seat.app.queued_keys.busy)
            await seat.pilot.pause()
            screen = seat.app.screen
            with monkeypatch.context() as patched:
                patched.setattr(seat.app.queued_keys, "add", add)
                for bar, spot in _spots(screen):
                    assert seat.lines[bar.region.y][bar.region.x + spot.first] != " ", name
                    _clicked(bar, spot)
                    await seat.until(lambda: pressed)
                    key = pressed.pop()
                    assert (key.key, key.character) == (_named(spot.press), key_to_character(key.key)), name
                    bound = key.key in screen.active_bindings or (name, key.key) in (
                        ("copy", "s"),
                        ("order", "S"),
                    )
                    assert bound, f"{name}: {key.key} does nothing"
                    seen.add(name)
            while seat.app.screen is not seat.dashboard:
                await seat.app.pop_screen()
            if name == "filter":
                await seat.press("escape")
            seat.table.focus()
            await seat.until(lambda: seat.table.has_focus)
    assert seen == set(PLACES)
