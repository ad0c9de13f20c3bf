"""The filter box: its completions, how they are inserted, and its error message."""

from __future__ import annotations

from collections import Counter

import pytest
from rich.cells import cell_len

from flowtui.errors import QueryError
from flowtui.model.query.completion import Completion
from flowtui.model.query.query import parse
from flowtui.ui.base.messages import RefreshRequested
from flowtui.ui.filter.filter_box import FilterBox, completion_lines, error_line

from ..paint.test_themes import _poor

SIZES = [(120, 36), (80, 24), (60, 15)]


@pytest.fixture
def ids():
    return "short"


def _box(seat):
    return seat.dashboard.query_one(FilterBox)


def _offered(seat):
    """Return the words of each line of the list."""
    return [line.split() for line in _box(seat).list.text.splitlines()] if _box(seat).list.display else []


async def _open(seat, text=""):
    await seat.press("slash")
    await seat.until(lambda: _box(seat).input.has_focus and _offered(seat))
    if text:
        _box(seat).input.value = text
        _box(seat).input.cursor_position = len(text)
        await seat.until(lambda: seat.dashboard.view.text == text)


async def _clear(seat):
    """Close the filter box without a filter."""
    if not _box(seat).input.has_focus:
        await seat.press("slash")
        await seat.until(lambda: _box(seat).input.has_focus)
    await seat.press("ctrl+u", "escape")
    await seat.until(lambda: seat.table.has_focus and not seat.dashboard.view.text and not _offered(seat))


async def test_a_status_is_chosen_from_a_list_whose_counts_equal_those_of_the_table(app):
    async with app(interval=60.0, size=(80, 24), world={"runs": 40}) as seat:
        times = Counter(run.status_class for run in seat.rows)
        await _open(seat)
        assert _offered(seat)[0][0] == "status"
        await seat.press(*"stat")
        await seat.until(lambda: _offered(seat)[0][0] == "status" and len(_offered(seat)) == 2)
        await seat.press("tab")
        await seat.until(lambda: _box(seat).input.value == "status:")
        shown = {line[0]: int(line[-1]) for line in _offered(seat)}
        assert {word: count for word, count in shown.items() if word in times} == times
        assert shown["active"] == times["queued"] + times["running"]
        await seat.press(*"fai", "tab")
        await seat.until(lambda: _box(seat).input.value == "status:failed ")
        await seat.until(lambda: len(seat.rows) == times["failed"])
        assert _offered(seat)[0][0] == "and"

        await seat.press(*"agent:")
        await seat.until(lambda: len(_offered(seat)) and _offered(seat)[0][-1].isdigit())
        counts = [int(line[-1]) for line in _offered(seat)]
        assert sum(counts) >= times["failed"] > max(counts)
        await seat.press("down", "enter")  # a chosen completion is inserted, and the box stays open
        await seat.until(lambda: len(seat.rows) == counts[0])
        assert _box(seat).input.has_focus
        await seat.press("enter")  # without a choice, the filter is kept
        await seat.until(lambda: seat.table.has_focus)
        assert not _box(seat).list.display
        assert len(seat.rows) == counts[0]
        await _clear(seat)

        # enter keeps the typed text and inserts no completion
        await _open(seat, "status:f")
        await seat.until(lambda: _offered(seat)[0][0] == "failed")
        await seat.press("enter")
        await seat.until(lambda: seat.table.has_focus)
        assert seat.dashboard.view.text == "status:f"
        await _clear(seat)

        # above the top of the list, no item is highlighted
        await _open(seat, "status:")
        names = [line[0] for line in _offered(seat)]
        await seat.press("down", "down", "up", "down", "tab")
        await seat.until(lambda: _box(seat).input.value == f"status:{names[1]} ")
        _box(seat).input.value = "status:"
        _box(seat).input.cursor_position = 7
        await seat.until(lambda: [line[0] for line in _offered(seat)] == names)
        await seat.press("down", "up", "enter")
        await seat.until(lambda: seat.table.has_focus)
        assert seat.dashboard.view.text == "status:"
        await seat.press("slash")
        await seat.until(lambda: [line[0] for line in _offered(seat)] == names)
        await seat.press("up", "tab")
        await seat.until(lambda: _box(seat).input.value == f"status:{names[-1]} ")


async def test_right_completes_a_caret_points_at_the_error_and_kept_filters_are_offered_again(app):
    async with app(interval=60.0, size=(80, 24)) as seat:
        await _open(seat, "sta")
        await seat.press("left", "right")
        assert _box(seat).input.value == "sta"
        await seat.press("right")
        await seat.until(lambda: _box(seat).input.value == "status:")
        await seat.press("ctrl+u")
        await seat.until(lambda: seat.dashboard.view.text == "" and _box(seat).input.value == "")
        assert _box(seat).input.has_focus
        await seat.press("escape")
        await seat.until(lambda: seat.table.has_focus)
        assert not _box(seat).list.display

        await _open(seat, "failed nope:1")
        box = _box(seat)
        await seat.sees("^ column 8: there is no field")
        error = seat.lines[box.input.region.bottom]
        typed = seat.lines[box.input.region.y]
        assert error.index("^") == typed.index("nope")
        assert "has an error" not in seat.text  # the line below the box says which
        await seat.press("enter")
        await seat.sees('"failed nope:1" has an error')  # more runs are shown than it asks for
        await seat.press("slash")
        await seat.until(lambda: "has an error" not in seat.text and "column 8" in seat.text)
        await seat.press("escape")
        await seat.until(lambda: "column 8" not in seat.text)
        await _clear(seat)

        # of the filters that the user kept, the invalid one is not offered
        for text in ("status:failed", "age<", "age<1d"):
            await _open(seat, text)
            await seat.press("enter")
            await seat.until(lambda: seat.table.has_focus)
            await seat.press("escape")
            await seat.until(lambda: not seat.dashboard.view.text)
        await _open(seat)
        assert [line[0] for line in _offered(seat)[:3]] == ["age<1d", "status:failed", "status"]
        await seat.press("down", "down", "enter")
        await seat.until(lambda: seat.dashboard.view.text == "status:failed")
        await _clear(seat)

        # The second click of a double click: the first one has made the list shorter.
        await _open(seat, "status:")
        for place in (0, 1_000):
            _box(seat).list.post_message(_box(seat).list.Picked(place))
        await seat.until(lambda: _box(seat).input.value.endswith(" "))
        await seat.pilot.pause()
        assert _box(seat).input.has_focus


@pytest.mark.slow
async def test_a_click_inserts_an_item_the_list_leaves_rows_visible_and_a_long_one_scrolls(app):
    async with app(interval=60.0, size=SIZES[0], world={"runs": 30}) as seat:
        for size in SIZES:
            await seat.pilot.resize_terminal(*size)
            await seat.until(lambda size=size: seat.app.size == size)
            await _click_inserts(seat, size)
            await _clear(seat)

        await seat.pilot.resize_terminal(80, 24)
        await seat.until(lambda: seat.app.size == (80, 24))
        await _open(seat)
        shown = _box(seat).list
        await seat.until(lambda: shown.region.height > 1)
        names = [line[0] for line in _offered(seat)]
        assert len(names) > shown.region.height
        place = shown.region.height + 3
        await seat.press(*["down"] * (place + 1))
        await seat.until(lambda: names[place] in seat.lines[shown.region.bottom - 1])
        top = shown.region.y
        assert names[0] not in seat.lines[top].split()


async def _click_inserts(seat, size):
    await _open(seat, "status:")
    shown = _box(seat).list
    await seat.until(lambda: shown.region.height > 1 and shown.region.bottom == _box(seat).input.region.y)
    await seat.pilot.pause()  # the list may still be that of the text before
    lines = seat.lines
    assert seat.ids[0] in "\n".join(lines)
    assert seat.table.region.y + 1 < shown.region.y
    assert shown.region.height <= 8
    assert shown.region.x >= 0
    assert shown.region.right <= size[0]
    word = _offered(seat)[1][0]
    assert word in lines[shown.region.y + 1]
    await seat.until(lambda: seat.app.get_widget_at(shown.region.x + 2, shown.region.y + 1)[0] is shown)
    await seat.pilot.click(shown, offset=(2, 1))
    await seat.until(lambda: _box(seat).input.value == f"status:{word} ")
    assert _box(seat).input.has_focus


async def test_with_ascii_the_list_is_ascii_and_it_is_updated_when_the_runs_change(app):
    async with app(interval=60.0, size=(80, 24), ascii=True, world={"runs": 24}) as seat:
        await _open(seat)
        await seat.pilot.pause()
        shown = _box(seat).list.region
        assert all(line[shown.x : shown.right].isascii() for line in seat.lines[shown.y : shown.bottom])
        await _clear(seat)

        await _open(seat, "status:")
        await seat.press("down")
        before = _offered(seat)
        seat.clock.advance(120)
        seat.app.post_message(RefreshRequested())
        await seat.until(lambda: _offered(seat) != before)
        times = Counter(seat.world().values())
        await seat.until(lambda: ["completed", str(times["completed"])] in _offered(seat))
        await seat.press("escape")
        await seat.loaded()


@pytest.mark.slow
async def test_every_word_of_the_list_is_readable_in_every_theme(app):
    async with app(size=(120, 30)) as seat:
        await _open(seat, "has:")
        await seat.press("down")
        poor = {}
        for name in seat.app.theme_names:
            seat.app.theme = name
            await seat.pilot.pause()
            poor[name] = _poor(seat)
        assert not {name: words for name, words in poor.items() if words}


@pytest.mark.parametrize("cells", [8, 20, 40, 90])
def test_all_lines_of_the_list_have_one_width_within_the_limit(cells):
    items = [
        Completion("checkout", "checkout", "what it means", 12_345),
        Completion("多言語-concierge" * 4, "x", "", 3),
        Completion("age", "age", "how long ago"),
    ]
    lines, width = completion_lines(items, "che", cells, floor=True)
    assert {sum(cell_len(span.text) for span in line) for line in lines} == {width}
    assert width <= max(cells, 16)
    if cells >= 40:
        assert "≥12,345" in "".join(span.text for span in lines[0])
        assert ("che", "match") in lines[0]


@pytest.mark.parametrize("cells", [20, 60, 120])
@pytest.mark.parametrize("text", ["nope:1", "crm " * 12 + "nope:1", "status:failed age<"])
def test_the_caret_is_below_the_place_of_the_error(text, cells):
    with pytest.raises(QueryError) as raised:
        parse(text)
    at = raised.value.column - 1
    line = "".join(span.text for span in error_line(raised.value, at, cells))
    assert cell_len(line) <= cells
    assert "column" in line
    if "^" in line:
        assert line.index("^") == at
    else:
        assert cells < 120
