"""Charts of flowtui against `textual-plotext`: 24 h of runs in 90 columns, completed up and failed down from one line.

    python -m benchmarks.charts [--rounds 20]

Both draw the same numbers in the same place. `textual-plotext` is no dependency of flowtui; this benchmark needs it.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC

from textual.app import ComposeResult
from textual.widget import Widget

from benchmarks.hosts import NOW, Host
from benchmarks.pairs import Pair, cpu, pair, run_benchmark
from flowtui.ui.charts.columns import Columns, up_and_down
from flowtui.ui.charts.scale import Scales, largest
from flowtui.ui.charts.signs import UNICODE
from flowtui.ui.charts.time_axis import TimeAxis, axis_line
from flowtui.ui.widgets.chart_pane import ChartPane

COLUMNS, ROWS = 90, 12
AGAINST = "`textual-plotext`"
DAY = 86_400.0
BASE = "import flowtui.ui.app.session"
CHARTS = ", ".join(f"flowtui.ui.charts.{name}" for name in ("bars", "columns", "periods", "scale", "ticks"))
IMPORTS = (f"import {CHARTS}, flowtui.ui.widgets.chart_pane", "import textual_plotext")

Numbers = tuple[list[int], list[int]]
"""Completed and failed runs of each column."""


class _ChartHost(Host):
    CSS = f"ChartPane, PlotextPlot {{ width: {COLUMNS + 10}; height: {ROWS + 3}; }}"

    def __init__(self, chart: Widget) -> None:
        super().__init__()
        self.chart = chart

    def compose(self) -> ComposeResult:
        yield self.chart


def _ours() -> tuple[Widget, Callable[[Numbers], None]]:
    pane, scales = ChartPane(), Scales()

    def draw(numbers: Numbers) -> None:
        up, down = numbers
        found = scales.split("runs", largest(up), largest(down), ROWS)
        axis = TimeAxis.rolling(DAY, NOW, COLUMNS)
        both = (Columns(up, "area-completed"), Columns(down, "area-failed"))
        pane.show([*up_and_down(*both, found.rows, found.top, UNICODE), axis_line(axis, UTC)])

    return pane, draw


def _theirs() -> tuple[Widget, Callable[[Numbers], None]]:
    from textual_plotext import PlotextPlot  # noqa: PLC0415  may be missing

    plot = PlotextPlot()
    hours = list(range(COLUMNS))

    def draw(numbers: Numbers) -> None:
        plot.plt.clear_data()
        plot.plt.bar(hours, numbers[0], color="green", width=1)
        plot.plt.bar(hours, [-one for one in numbers[1]], color="red", width=1)
        plot.refresh()

    return plot, draw


async def _figures(
    make: Callable[[], tuple[Widget, Callable[[Numbers], None]]], rounds: int
) -> list[tuple[float, float, float]]:
    """Return for each turn: CPU of other numbers in all columns, CPU of one in the last column, bytes of that."""
    chart, draw = make()
    host = _ChartHost(chart)
    found = []
    async with host.run_test(headless=False, size=(120, 36)):
        random.seed(1)

        async def paint(numbers: Numbers) -> None:
            draw(numbers)
            await host.painted()

        await paint(([20] * COLUMNS, [9] * COLUMNS))  # so that no scale changes later
        for _ in range(rounds):
            up = [random.randint(5, 19) for _ in range(COLUMNS)]
            down = [random.randint(0, 8) for _ in range(COLUMNS)]
            whole = await cpu(lambda up=up, down=down: paint((up, down)))
            before = host.written
            one = await cpu(lambda up=up, down=down: paint(([*up[:-1], up[-1] + 1], down)))
            found.append((whole, one, float(host.written - before)))
    return found


def _import_time(statement: str) -> float:
    """Return the milliseconds of CPU that a new Python needs to import it, after what the application has anyway."""
    code = (
        f"{BASE}\nimport time; t = time.process_time()\n{statement}\nprint(1000 * (time.process_time() - t))"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True, text=True)
    return float(done.stdout)


def measure(rounds: int) -> list[Pair]:
    try:
        import textual_plotext  # noqa: F401, PLC0415
    except ImportError:
        sys.exit(
            "textual-plotext is not installed. Install it for this benchmark only: pip install textual-plotext"
        )
    ours, theirs = (asyncio.run(_figures(make, rounds)) for make in (_ours, _theirs))
    turns = [
        [(one[place], other[place]) for one, other in zip(ours, theirs, strict=True)] for place in range(3)
    ]
    imports = [(_import_time(IMPORTS[0]), _import_time(IMPORTS[1])) for _ in range(5)]
    return [
        pair("chart of 24 h in 90 columns, all of them change", AGAINST, "ms CPU", turns[0]),
        pair("the same, the last column changes", AGAINST, "ms CPU", turns[1]),
        pair("the same, the last column changes", AGAINST, "bytes", turns[2]),
        pair("import of the charts", AGAINST, "ms CPU", imports),
    ]


if __name__ == "__main__":
    run_benchmark(measure, __doc__)
