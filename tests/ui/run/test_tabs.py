"""The nine tabs of a run, on the dashboard and the run screen: folding trees and searching text."""

from __future__ import annotations

import json
import re
from collections import Counter

from flowtui.model.run import detail
from flowtui.model.run.json_tree import json_rows
from flowtui.ui.keys.bindings import KEYS
from flowtui.ui.run.detail_pane import DetailPane, Folds
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.run.tabs import NAMES, RAW_JSON
from flowtui.ui.widgets.prompt import Prompt

SIZE = (150, 50)
FOLD_ALL = next(key.keys for key in KEYS if key.id == "fold_all")


def _pane(seat):
    return seat.app.screen.query_one(DetailPane)


def _bar(seat):
    return _pane(seat).text.split("\n", 1)[0]


def _raw(seat):
    return seat.app.session.fetcher.cache.get(seat.table.cursor_run).raw


def _folding(seat):
    """Return the lines of the pane that can be folded, as they are drawn."""
    signs = (seat.app.glyphs.folded, seat.app.glyphs.unfolded)
    return [line for line in _pane(seat).body.text.split("\n") if line.lstrip().startswith(signs)]


async def _opened(seat):
    """Open a completed run that has tools, and wait until the whole run is loaded."""
    for run in [run for run in seat.rows if run.status == "completed"]:
        await seat.choose(run.raw_id)
        await seat.until(lambda: _raw(seat) is not None)
        if any(set(tool) - {"type", "name"} for tool in _raw(seat)["tools"]):
            break
    await seat.press("enter")
    await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
    await seat.until(lambda: _pane(seat).body.has_focus and "temperature" in _pane(seat).body.text)


async def test_every_tab_works_on_both_screens(app):
    async with app(size=SIZE) as seat:
        run = next(run for run in seat.rows if run.status == "completed" and run.total_tokens)
        await seat.choose(run.raw_id)
        await seat.until(lambda: _raw(seat) is not None)
        raw = _raw(seat)
        expected = (
            "thread_id",
            raw["instructions"].split()[0],
            raw["tools"][0]["type"],
            "assistant",
            "Seen by flowtui",
            "Rests on",
            f"{run.total_tokens:,}",
            "against",
            '"object": "thread.run"',
        )
        for _ in ("dashboard", "run screen"):
            for number, words in enumerate(expected):
                await seat.press(str(number + 1))
                await seat.until(lambda number=number: _pane(seat).tab == number)
                await seat.until(lambda words=words: words in _pane(seat).body.text)
                assert NAMES[number] in _bar(seat)
            assert f"Tools {len(raw['tools'])}" in _bar(seat)
            await seat.press("1", "enter")
            await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
            await seat.until(lambda: _pane(seat).body.has_focus and "temperature" in _pane(seat).body.text)
        await seat.press("tab", "right", "l")
        await seat.until(lambda: _pane(seat).tab == 3)
        await seat.press("shift+tab", "left", "h", "h")
        await seat.until(lambda: _pane(seat).tab == RAW_JSON)  # before the first tab comes the last
        await seat.press("escape", "v")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen) and _pane(seat).tab == RAW_JSON)
        await seat.sees('"object": "thread.run"')


async def test_the_tools_are_a_tree_that_folds(app):
    async with app(size=SIZE) as seat:
        await _opened(seat)
        await seat.press("3")
        await seat.until(lambda: _pane(seat).tab == 2)
        glyphs = seat.app.glyphs
        tools = _raw(seat)["tools"]
        first = next(index for index, tool in enumerate(tools) if set(tool) - {"type", "name"})
        unfolded = _pane(seat).body.text
        assert glyphs.unfolded in unfolded
        for _ in range(first):
            await seat.press("j")
        await seat.press("space")
        await seat.until(lambda: len(_pane(seat).body.text) < len(unfolded))
        assert _folding(seat)[0].startswith(glyphs.folded)
        await seat.press("enter")  # another key for the same action
        await seat.until(lambda: _pane(seat).body.text == unfolded)
        await seat.press(FOLD_ALL)
        await seat.until(lambda: len(_pane(seat).body.text.split("\n")) == len(tools))
        assert all(line.startswith(glyphs.folded) for line in _folding(seat))
        await seat.press(FOLD_ALL)
        await seat.until(lambda: len(_pane(seat).body.text) > len(tools))
        for tool in detail.tools(_raw(seat)):
            for word in (
                tool.name,
                tool.type,
                *re.findall(r"\w+", json.dumps(tool.fields, ensure_ascii=False)),
            ):
                assert word in _pane(seat).body.text
        assert glyphs.folded not in _pane(seat).body.text


async def test_the_raw_json_folds_and_is_searched(app):
    async with app(size=SIZE) as seat:
        await _opened(seat)
        await seat.press("9")
        await seat.until(lambda: _pane(seat).tab == RAW_JSON)
        body = _pane(seat).body
        # the scrollbar makes the text one column narrower
        await seat.until(lambda: body.show_vertical_scrollbar)
        await seat.pilot.pause()
        _pane(seat)._draw()  # draw for that width now, without waiting for the resize event
        whole = body.text
        await seat.press(FOLD_ALL)
        await seat.until(lambda: len(body.text) < len(whole))
        assert not any(body.text.count(f'"{name}":') == 0 for name in _raw(seat))  # the root is never folded
        await seat.press(FOLD_ALL)
        await seat.until(lambda: body.text == whole)
        await seat.press("slash", *"_at")
        held = [place for place, line in enumerate(whole.split("\n")) if "_at" in line]
        assert len(held) > 3
        await seat.until(lambda: f"{len(held)} lines match" in _bar(seat))
        await seat.press("enter")
        await seat.until(lambda: body.has_focus)
        assert body.place == held[0]
        await seat.press("n", "n")
        assert body.place == held[2]
        await seat.press("N")
        assert body.place == held[1]
        await seat.press("N", "N")
        assert body.place == held[-1]  # before the first match comes the last
        await seat.press("n")
        assert body.place == held[0]


async def test_a_search_highlights_counts_and_can_be_cleared(app):
    async with app(size=(90, 24)) as seat:
        await _opened(seat)
        await seat.press("2")
        await seat.until(lambda: _pane(seat).tab == 1)
        body = _pane(seat).body
        lines = body.text.casefold().split("\n")
        counts = Counter(word for line in lines for word in set(re.findall(r"[a-z]{5,}", line)))
        word = next(word for word in counts if 1 < sum(word in line for line in lines) < 4)
        held = [place for place, line in enumerate(lines) if word in line]
        await seat.press("slash", *word)
        said = "1 line matches" if len(held) == 1 else f"{len(held)} lines match"
        await seat.until(lambda: said in _bar(seat))
        await seat.sees(word)
        await seat.until(lambda: _lit(seat))
        assert set(_lit(seat)) == {word}
        await seat.press("escape")
        await seat.until(lambda: not _lit(seat))
        assert isinstance(seat.app.screen, RunScreen)  # esc closed the search, not the run
        assert not _pane(seat).query_one(Prompt).display
        assert "match" not in _bar(seat)
        await seat.press("slash", *"qqqq")
        await seat.until(lambda: "0 lines match" in _bar(seat))
        await seat.press("enter", "n", "N")
        assert seat.app._exception is None


def _lit(seat):
    style = seat.app.palette["match"]
    region = _pane(seat).body.region
    return [
        segment.text.casefold()
        for strip in seat.app.screen._compositor.render_strips()[region.y : region.bottom]
        for segment in strip.crop(region.x, region.right)
        if segment.style is not None and segment.style.underline and segment.style.color == style.color
    ]


def test_a_rule_decides_which_paths_start_folded_and_toggled_paths_stay_toggled():
    folds = Folds(lambda path: len(path) > 1)
    assert () not in folds
    assert ("a",) not in folds
    assert ("a", "b") in folds
    folds.toggle(("a",))
    folds.toggle(("a", "b"))
    assert ("a",) in folds
    assert ("a", "b") not in folds
    folds.toggle(None)
    assert ("a",) in folds
    assert ("x", "y") in folds
    assert () not in folds
    folds.toggle(("a",))
    assert ("a",) not in folds
    folds.toggle(None)
    assert ("a",) not in folds
    assert ("x", "y") not in folds
    assert "no path" not in folds


def test_fold_all_folds_every_path_but_the_root():
    folds = Folds()
    folds.toggle(None)
    rows = list(json_rows({"a": {"b": [1]}, "c": [2]}, folds))
    assert [row.path for row in rows if row.folded] == [("a",), ("c",)]
