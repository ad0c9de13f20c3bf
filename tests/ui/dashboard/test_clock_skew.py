"""If the local clock is five minutes off, ages are still right, and the header says that the clock is off."""

from __future__ import annotations

import re

import pytest

from ..conftest import BEGIN

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@pytest.fixture
def ids():
    return "short"


async def _screen(app, clock, *faults):
    """Return AGE, WAIT and TIME of the visible runs, the line of the detail pane on a running one, and the header."""
    clock.now = BEGIN + 0.5  # the Date header has whole seconds only
    async with app(size=(200, 40), faults=faults) as seat:
        await seat.later(20)
        await seat.loaded()  # runs that ran before may have ended
        running = next(run.raw_id for run in seat.rows if run.started is not None and run.active)
        await seat.choose(running)
        await seat.until(lambda: " since " in seat.dashboard.detail.text)
        said = next(line for line in seat.dashboard.detail.text.splitlines() if " since " in line)
        rows = {run.raw_id: _times(seat.cells_of(run.raw_id)[1]) for run in seat.table.in_sight}
        return rows, said, seat.lines[0]


def _times(row):
    cells = [cell.split()[0] for cell in re.split(r" {2,}", row) if cell.strip()]
    return [_seconds(cell) for cell in cells if re.fullmatch(r"\d+[smhd]|\d\d:\d\d|—", cell)][:3]


def _seconds(cell):
    if cell == "—":
        return None
    if ":" in cell:
        return 60 * int(cell[:2]) + int(cell[3:])
    return int(cell[:-1]) * UNITS[cell[-1]]


@pytest.mark.parametrize(
    ("skew", "words"),
    [(300, "clock 5m behind"), pytest.param(-300, "clock 5m ahead", marks=pytest.mark.slow)],
)
async def test_ages_times_and_waits_are_right_with_a_wrong_clock(app, clock, skew, words):
    rows, said, head = await _screen(app, clock)
    assert "clock" not in head
    assert len(rows) > 10
    assert all(len(times) == 3 for times in rows.values())
    skewed_rows, skewed_said, skewed_head = await _screen(app, clock, f"clock-skew:{skew}")
    assert skewed_rows.keys() == rows.keys()
    for run, times in rows.items():  # half of the time until a reply is added to the offset
        assert all(
            old == new or abs(old - new) <= 1 for old, new in zip(times, skewed_rows[run], strict=True)
        ), run
    assert words in skewed_head
    since, skewed_since = (_seconds_of(line) for line in (said, skewed_said))
    assert skewed_since - since == pytest.approx(skew, abs=1), "by the server's clock, as the axis beside it"


def _seconds_of(line):
    hours, minutes, seconds = map(int, re.search(r"since (\d\d):(\d\d):(\d\d)", line).groups())
    return 3600 * hours + 60 * minutes + seconds


async def test_without_server_time_the_header_says_that_ages_are_by_the_local_clock(app, clock):
    _, _, head = await _screen(app, clock, "no-date")
    assert "ages by this clock" in head
