"""The help: keys in columns, the part of the screen with the focus first, and the search."""

from __future__ import annotations

import pytest

from flowtui.ui.commands.help_columns import NO_KEY, column_count, key_sections, section_lines
from flowtui.ui.commands.help_screen import HelpScreen
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink

ALL = tuple(bindings.TITLES)


def _texts(lines):
    return ["".join(span.text for span in line) for line in lines]


def test_wide_screens_have_more_columns():
    assert [column_count(cells) for cells in (40, 55, 75, 114, 152)] == [1, 1, 1, 2, 3]


@pytest.mark.parametrize("cells", [53, 75, 114, 152])
def test_no_key_and_no_text_is_cut_at_any_width(cells):
    lines = _texts(section_lines(key_sections(ALL), cells))
    assert max(map(len, lines)) <= cells
    assert "…" not in "".join(lines)
    words = " ".join(" ".join(lines).split())
    for key in bindings.KEYS:
        assert all(word in words for word in key.help.split()), key.id
    heads = [line for line in lines if "──" in line]
    assert all(sum(title in line for line in heads) for title in bindings.TITLES.values())


def test_columns_are_read_from_top_to_bottom_and_a_section_that_goes_on_is_named_again():
    lines = _texts(section_lines(key_sections((bindings.DASHBOARD,)), 152))
    assert lines[0].count("On the dashboard") == 3
    roles = [span.role for span in section_lines(key_sections((bindings.DASHBOARD,)), 152)[0]]
    assert roles[0] == "title"
    assert "dim" in roles[1:]
    alone = _texts(section_lines(key_sections((bindings.DASHBOARD,)), 60))
    assert len(alone) > 2 * len(lines)


def test_a_search_matches_every_word_and_reports_no_match():
    lines = section_lines(key_sections((bindings.TABLE,), "RUN next"), 60, "RUN next")
    assert [line.split(None, 2)[-1] for line in _texts(lines)[1:-1]] == ["next run"]
    assert "match" in {span.role for line in lines for span in line}
    assert _texts(section_lines(key_sections((bindings.TABLE,), "qqq"), 60)) == [NO_KEY]


def test_what_a_search_leaves_stands_in_one_column_so_that_its_text_is_on_one_line():
    words = "new matches of the filter"
    lines = _texts(section_lines(key_sections(ALL, words), 152, words))
    assert any("on/off: notify me of new matches of the filter" in line for line in lines)
    many = _texts(section_lines(key_sections(ALL, "run"), 152, "run"))
    assert max(map(len, many)) > 100


async def test_the_help_begins_where_the_user_is_can_be_searched_and_closes(app):
    async with app(size=(60, 15)) as seat:
        for focused, where in ((seat.threads, bindings.THREADS), (seat.table, bindings.TABLE)):
            if seat.app.screen is not seat.dashboard:
                await seat.press("question_mark")
                await seat.until(lambda: seat.app.screen is seat.dashboard)
            focused.focus()
            await seat.until(lambda focused=focused: focused.has_focus)
            await seat.press("question_mark")
            await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))
            await seat.sees(bindings.TITLES[where], "esc close")
            assert seat.app.screen.pane.text.split("──")[0].strip() == bindings.TITLES[where]
        filters = next(key.help for key in bindings.KEYS if key.id == "filter")
        helped = seat.app.screen.pane
        assert ":help findings" in helped.text
        await seat.press("slash", *"regex")
        await seat.until(lambda: "next run" not in helped.text)
        await seat.sees("esc take back")
        assert filters.split()[-1] in helped.text
        await seat.press("enter")
        await seat.sees("esc close")
        assert "next run" not in helped.text
        await seat.press("slash", "escape")
        await seat.until(lambda: "next run" in helped.text)
        await seat.pilot.resize_terminal(158, 38)
        await seat.until(lambda: bindings.TITLES[bindings.APP] in seat.text)
        assert ink.ELLIPSIS not in helped.text
        await seat.press("q")
        await seat.until(lambda: seat.app.screen is seat.dashboard)
        assert seat.app.return_code is None
