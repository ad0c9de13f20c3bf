"""The lines of the Spend screen at many widths: they fit, columns are aligned, signs are those of the terminal."""

from __future__ import annotations

import math

import pytest
from rich.cells import cell_len

from flowtui.formatting import clock
from flowtui.model.answers.spend.chosen import Rate, dearest, half_of_waste, waste_by_reason
from flowtui.model.answers.spend.spend import ORDERS, spend
from flowtui.model.answers.spend.spent import sums_of_rows, whole_sums
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import ASCII, UNICODE
from flowtui.ui.charts.ticks import Tick
from flowtui.ui.paint import glyphs, ink
from flowtui.ui.spend.choices import Choice, choices
from flowtui.ui.spend.chosen_pane import ChosenSpender
from flowtui.ui.spend.rows import laid_out
from flowtui.ui.spend.time_ranges import RANGES, length_of
from flowtui.ui.spend.words import SpendNames, before_text, change_text, missing_line, price_hint, title

from .spend_data import NAMES, NOW, PRICES, RELEASE, SpendWorld, two_days

DAY = 86_400.0
STEP = DAY / 240
ROWS, WHY = two_days()


def said(line):
    return "".join(span.text for span in line)


def _found(prices=PRICES, by="agent"):
    now = sorted((row for row in ROWS if row.ended >= NOW - DAY), key=lambda row: -row.ended)
    before = whole_sums(sums_of_rows([row for row in ROWS if row.ended < NOW - DAY], by, STEP))
    releases = [RELEASE.at] if by == "release" else []
    return spend(
        now,
        by,
        NOW - DAY,
        NOW,
        step=STEP,
        prices=prices,
        releases=releases,
        before=before,
        before_since=NOW - 2 * DAY,
    )


def _words(prices=PRICES):
    return SpendNames(NAMES, SpendWorld().cell_context(), (RELEASE,), NOW, None, prices)


def _table(found, cells, order="cost", signs=UNICODE):
    return laid_out(
        found,
        found.ordered(order),
        _words(),
        order,
        cells,
        before="YESTERDAY",
        begin="24h",
        signs=signs,
        glyphs=glyphs.ASCII if signs is ASCII else glyphs.UNICODE,
        known_since=-math.inf,
        gaps=lambda _: (),
    )


@pytest.mark.parametrize("cells", [56, 76, 96, 116, 155, 200])
def test_rows_fit_and_columns_are_aligned(cells):
    for found, signs in ((_found(), UNICODE), (_found(None), ASCII), (_found(by="model"), UNICODE)):
        table = _table(found, cells, ORDERS[cells % 5], signs)
        rows = [table.lines(row, 2, chosen=row.key == "agent-1") for row in found.rows]
        lines = [*(first for first, _ in rows), table.titles()]
        assert {ink.width(line) for line in lines} == {ink.width(lines[0])}
        assert ink.width(lines[0]) <= cells
        assert max(ink.width(second) for _, second in rows) <= cells
        assert ink.width(table.total()) <= cells
        if signs is ASCII:
            assert ink.plain("".join(map(said, lines))).replace("多言語", "").replace("≥", "").isascii()
    assert ("COST" in said(_table(_found(), cells).titles())) == (cells >= 56)


@pytest.mark.parametrize("cells", [50, 76, 116, 154, 190])
@pytest.mark.parametrize("height", [5, 9, 14, 21, 30])
def test_the_pane_fits(cells, height):
    found = _found()
    for one in found.rows:
        near = found.runs[one.key]
        failed = [run for run in near if run.status_class == "failed"]
        for whole in (True, False):
            pane = ChosenSpender(
                found,
                one,
                _words(),
                dearest(near, PRICES, 40) if whole else None,
                WHY,
                waste_by_reason(failed, WHY, PRICES) if whole else None,
                half_of_waste(near) if whole else None,
                Rate(RELEASE.at, 1e5, 5e4),
                "release-42",
                "YESTERDAY",
                "is not remembered",
                -math.inf,
                [Tick(RELEASE.at, RELEASE.name)],
                [(NOW - 9000, NOW - 5000)],
                Scales(),
                UNICODE,
                glyphs.UNICODE,
            )
            lines = pane.lines(cells, height)
            assert len(lines) <= height
            assert max(map(ink.width, lines)) <= cells


def test_choices_name_what_there_is_room_for_and_clicks_find_them():
    wide = choices("agent", 1, "cost", 156)
    assert said(wide.line).split() == (
        [
            "by",
            "Agents",
            "Models",
            "Threads",
            "Releases",
            "time",
            "2h",
            "24h",
            "7d",
            "30d",
            "table",
            "order",
            "cost",
            "tokens",
            "wasted",
            "per",
            "run",
            "growth",
        ]
    )
    at = said(wide.line).index
    assert wide.at(at("Releases") + 2) == Choice("by", 3)
    assert wide.at(at("7d")) == Choice("time", 2)
    assert wide.at(at("growth") + 5) == Choice("order", 4)
    assert wide.at(at("order") + 1) is None
    narrow = choices("thread", 1, "growth", 56)
    assert said(narrow.line).split() == ["by", "Threads", "time", "24h", "order", "growth"]
    assert narrow.at(said(narrow.line).index("24h")) == Choice("time", 2), "a click chooses the next"
    for cells in range(12, 170, 7):
        assert ink.width(choices("release", 4, "per run", cells).line) <= max(cells, 20)


def test_words():
    found, words = _found(), _words()
    rows = {row.key: row for row in found.rows}
    assert change_text(rows["agent-1"]).startswith("+")
    assert before_text(rows["agent-1"]).startswith("$")
    assert before_text(rows["agent-2"]).endswith(" tok")
    assert change_text(rows["agent-1"]._replace(before=None)) == "—"
    assert words.second("agent", rows["agent-1"]) == "large"
    assert (
        words.second("release", rows["agent-1"]._replace(key="1")) == f"since {clock(RELEASE.at, None)[:5]}"
    )
    assert words.names("model", ["maker/large", "other/large"]) == {
        "maker/large": "large (maker/large)",
        "other/large": "large (other/large)",
    }
    text = said(missing_line(found, words, 150)).strip()
    assert text.startswith("≥ at least: 10 runs of billing (")
    assert text.endswith("tokens) have no price, 1 run of triage reported no tokens.")
    assert said(title(None, "last 24h", 80)) == "Spend · last 24h"
    assert said(title(found, "last 24h", 34)) == f"Spend · last 24h · {found.whole.now.cost.text()}"


@pytest.mark.parametrize("cells", [30, 60, 80, 120])
@pytest.mark.parametrize("model", ["meta/llama-3", "", 'a"] evil', "x" * 300])
def test_the_price_hint_fits_on_one_line(model, cells):
    text = said(price_hint(model, cells))
    assert cell_len(text) <= cells
    assert "[prices." in text
    assert "evil" not in text


def test_the_axis_of_the_table_is_as_long_as_its_runs_are_old():
    assert [length_of(seconds) for seconds in (60.0, 7_201.0, 8 * DAY)] == [7_200.0, DAY, 30 * DAY]
    assert length_of(31 * DAY) == 60 * DAY
    day, week = RANGES[1], RANGES[2]
    assert day.hours_before(NOW - DAY, NOW) == (NOW - 2 * DAY, NOW - DAY)
    assert week.hours_before(NOW - 7 * DAY, NOW) == (NOW - 14 * DAY, NOW - 7 * DAY)
    assert not week.stale(NOW, NOW + 60)
    assert day.stale(NOW, NOW + 721)
    assert not RANGES[-1].stale(NOW, NOW + 1e9)
