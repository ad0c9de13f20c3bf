"""The list with a cursor, alone in a small application."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import cached_property
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App

from flowtui.ui.paint import ink
from flowtui.ui.paint.theme import Palette
from flowtui.ui.widgets.cursor_list import CursorList
from flowtui.ui.widgets.movement import clamp, top_for

ROWS = 8


class Host(App[None]):
    """An application with one list, whose messages are collected."""

    CSS: ClassVar[str] = "CursorList { height: 1fr; }"

    def __init__(self):
        super().__init__()
        self.said = []

    @cached_property
    def palette(self):
        return Palette(self.get_css_variables())

    def compose(self):
        yield CursorList()

    def on_cursor_list_moved(self):
        self.said.append("moved")

    def on_cursor_list_chosen(self):
        self.said.append("chosen")


@asynccontextmanager
async def _list(count=30):
    """Open a list of `ROWS` lines in sight; `entries.fill(keys)` shows entries, `entries.pilot` presses keys."""
    host = Host()
    async with host.run_test(size=(20, ROWS)) as pilot:
        entries = host.query_one(CursorList)
        entries.focus()

        def fill(keys, text="entry {}", **more):
            entries.show_entries(keys, lambda place: ink.line(text.format(keys[place])), **more)

        entries.fill, entries.pilot, entries.host = fill, pilot, host
        fill([f"k{number}" for number in range(count)])
        await pilot.pause()
        yield entries


def _line(entries):
    return entries.place - entries.scroll_offset.y


@pytest.mark.parametrize(
    ("keys", "place", "top"),
    [
        (["j", "down"], 2, 0),
        (["j", "j", "k"], 1, 0),
        (["k"], 0, 0),
        (["G"], 29, 22),
        (["G", "j"], 29, 22),
        (["G", "g"], 0, 0),
        (["pagedown"], 7, 0),
        (["pagedown", "ctrl+f"], 14, 7),
        (["end", "pageup", "ctrl+b"], 15, 15),
        (["home", "pageup"], 0, 0),
    ],
)
async def test_movement_keys_move_the_cursor_and_scroll_no_further_than_they_must(keys, place, top):
    async with _list() as entries:
        await entries.pilot.press(*keys)
        assert (entries.place, entries.scroll_offset.y) == (place, top)
        assert entries.key == f"k{place}"


async def test_at_the_top_the_cursor_stays_on_the_first_entry():
    async with _list() as entries:
        assert entries.following
        entries.fill(["new", *(f"k{number}" for number in range(30))])
        assert entries.key == "new"


async def test_below_the_top_the_cursor_stays_on_its_entry_and_line():
    async with _list() as entries:
        await entries.pilot.press("G", "k", "k")
        line = _line(entries)
        entries.fill([*"abc", *(f"k{number}" for number in range(30))])
        assert (entries.key, _line(entries)) == ("k27", line)


async def test_if_its_entry_is_gone_the_cursor_stays_on_its_place_or_the_last():
    async with _list() as entries:
        await entries.pilot.press("j", "j")
        entries.fill([f"k{number}" for number in range(30) if number != 2])
        assert entries.key == "k3"
        entries.fill(["k0", "k1"])
        assert entries.key == "k1"
        entries.fill([])
        assert entries.key is None


async def test_only_changed_cells_are_painted(monkeypatch):
    async with _list() as entries:
        painted = []
        monkeypatch.setattr(entries, "refresh", lambda *regions, **_: painted.extend(regions or ["all"]))
        entries.fill(list(entries._keys))
        assert painted == []
        entries.action_move(1)
        assert [(region.y, region.width) for region in painted] == [(0, 20), (1, 20)]
        entries.action_move(-1)
        painted.clear()
        keys = ["x3" if key == "k3" else key for key in entries._keys]
        entries.show_entries(entries._keys, lambda place: ink.line(f"entry {keys[place]}"))
        assert [(region.x, region.y, region.right) for region in painted] == [(6, 3, 7)]


async def test_without_entries_a_placeholder_is_shown_and_nothing_can_be_chosen():
    async with _list(0) as entries:
        entries.fill([], placeholder=[ink.line("nothing")])
        await entries.pilot.pause()
        lines = [entries.render_line(y).text for y in range(ROWS)]
        assert [line.strip() for line in lines if line.strip()] == ["nothing"]
        entries.host.said.clear()
        entries.action_choose()
        await entries.pilot.press("j", "G")
        await entries.pilot.click(CursorList, offset=(2, 2))
        assert "chosen" not in entries.host.said


async def test_a_click_moves_the_cursor_and_a_double_click_chooses():
    async with _list() as entries:
        await entries.pilot.click(CursorList, offset=(2, 3))
        assert entries.key == "k3"
        assert "chosen" not in entries.host.said
        await entries.pilot.double_click(CursorList, offset=(2, 5))
        assert entries.key == "k5"
        assert entries.host.said.count("chosen") == 1


async def test_a_click_below_the_last_entry_does_nothing():
    async with _list(3) as entries:
        await entries.pilot.click(CursorList, offset=(2, 6))
        assert entries.place == 0


async def test_words_are_highlighted():
    async with _list(3) as entries:
        entries.fill(["a", "b"], text="say {}", words=["say"])
        assert ink.Span("say", "match") in entries.line_at(0, 0)


@given(st.integers(-5, 50), st.integers(0, 50), st.integers(1, 20))
def test_the_scroll_position_has_the_cursor_in_sight_and_moves_no_further(place, top, page):
    place = clamp(place, 40)
    assert 0 <= place < 40
    found = top_for(place, top, page)
    assert found <= place < found + page
    assert top <= place < top + page or abs(found - top) == min(abs(place - top), abs(place - page + 1 - top))
    assert found == top or not top <= place < top + page
