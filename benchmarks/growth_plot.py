"""Draws the table of `growth` in README.md as `screenshots/growth.png`, in the colours of the night theme.

    python -m benchmarks.growth_plot

Needs the extra `shots`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from benchmarks.growth import END, MEMORY, README, SIZES, START
from flowtui.ui.paint.theme import NIGHT

TARGET = Path(__file__).parents[1] / "screenshots" / "growth.png"
WIDTH, HEIGHT = 1080, 960
LEFT, RIGHT = 86, 720
SCREEN, REST, HELD = (92, 352), (416, 776), (820, 900)
"""Top and bottom of each diagram: the screen, everything else, memory."""

LABELS = RIGHT + 44
FONT, LINE = 15, 19  # font size, and the distance of two labels
FAINT, DIM = str(NIGHT.variables["frame"]), str(NIGHT.variables["dim"])
KINDS = (
    ("dashboard: ", NIGHT.primary),
    ("table: tick", NIGHT.success),
    ("table: scroll", NIGHT.success),
    ("table: ", NIGHT.accent),
    ("bodies", NIGHT.warning),
    ("rows", NIGHT.warning),
    ("a poll", NIGHT.success),
    ("who", NIGHT.success),
    ("one walk", DIM),
    ("", NIGHT.secondary),
)
"""(start of a line's name, its colour); the first match counts."""


class Line(NamedTuple):
    """A curve: a figure for each of `SIZES`, in milliseconds or MB."""

    name: str
    figures: list[float]

    @property
    def colour(self) -> str:
        return str(next(colour for begin, colour in KINDS if self.name.startswith(begin)))


class Area(NamedTuple):
    """The place of a diagram, and the powers of ten at its bottom and top."""

    top: float
    bottom: float
    lowest: int
    highest: int

    def y(self, figure: float) -> float:
        share = (math.log10(figure) - self.lowest) / (self.highest - self.lowest)
        return self.bottom - share * (self.bottom - self.top)


def x(size: float) -> float:
    first, last = math.log10(SIZES[0]), math.log10(SIZES[-1])
    return LEFT + (math.log10(size) - first) / (last - first) * (RIGHT - LEFT)


def known(text: str) -> list[Line]:
    """Return a curve for each row of the table in `text`, which is that of README.md."""
    table = text.partition(START)[2].partition(END)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    return [Line(cells[0], [float(cell.replace(",", "")) for cell in cells[1:-1]]) for cells in rows]


def text(at: tuple[float, float], words: str, colour: str, anchor: str = "start", **more: object) -> str:
    extra = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" fill="{colour}" text-anchor="{anchor}"{extra}>{escape(words)}</text>'


def path(points: Sequence[tuple[float, float]], colour: str, width: float, dashes: str = "") -> str:
    joined = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'


def milliseconds(power: int) -> str:
    unit, scale = ("µs", 3) if power < 0 else ("ms", 0) if power < 3 else ("s", -3)
    return f"{10 ** (power + scale):,} {unit}"


def megabytes(power: int) -> str:
    return f"{10.0**power:g} MB"


def frame(area: Area, named: str) -> Iterator[str]:
    """Yield the grid and its labels."""
    said = megabytes if named == "MB" else milliseconds
    for power in range(area.lowest, area.highest + 1):
        level = area.y(10.0**power)
        yield path([(LEFT, level), (RIGHT, level)], FAINT, 1)
        yield text((LEFT - 10, level + 5), said(power), DIM, "end")
    for size in SIZES:
        yield path([(x(size), area.top), (x(size), area.bottom)], FAINT, 1)
    for power in range(area.lowest - 8, area.highest):
        yield guide(area, power)


def guide(area: Area, power: int) -> str:
    """Return a curve that grows as n log n from a power of ten on, cut to the diagram; "" outside it."""
    points = []
    for step in range(201):
        size = SIZES[0] * (SIZES[-1] / SIZES[0]) ** (step / 200)
        figure = 10.0**power * size * math.log(size) / (SIZES[0] * math.log(SIZES[0]))
        if 10.0**area.lowest <= figure <= 10.0**area.highest:
            points.append((x(size), area.y(figure)))
    return path(points, FAINT, 1.5, "6 5") if len(points) > 1 else ""


def apart(wanted: Sequence[float], top: float, bottom: float) -> list[float]:
    """Return heights for labels that are close to the wanted ones and do not overlap, in the same order."""
    blocks: list[tuple[float, int]] = []  # (middle of adjacent labels, their number)
    for place in wanted:
        middle, count = place, 1
        while blocks and blocks[-1][0] + blocks[-1][1] * LINE / 2 > middle - count * LINE / 2:
            other, more = blocks.pop()
            middle, count = (middle * count + other * more) / (count + more), count + more
        half = (count - 1) * LINE / 2
        blocks.append((max(top + half, min(bottom - half, middle)), count))
    return [middle + (number - (count - 1) / 2) * LINE for middle, count in blocks for number in range(count)]


def curves(area: Area, lines: Sequence[Line]) -> Iterator[str]:
    """Yield each curve, with its name at its end."""
    ordered = sorted(lines, key=lambda line: -line.figures[-1])
    ends = [area.y(line.figures[-1]) for line in ordered]
    for line, end, place in zip(ordered, ends, apart(ends, area.top, area.bottom), strict=True):
        points = [(x(size), area.y(figure)) for size, figure in zip(SIZES, line.figures, strict=True)]
        yield path(points, line.colour, 2.2)
        yield from (f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{line.colour}"/>' for px, py in points)
        yield path([(RIGHT + 6, end), (LABELS - 8, place)], line.colour, 0.8)
        yield text((LABELS, place + 5), line.name.removesuffix(", MB"), line.colour)


def diagram(lines: Sequence[Line], place: tuple[float, float], title: str, unit: str = "ms") -> Iterator[str]:
    """Yield a diagram of some curves, between whole powers of ten."""
    logs = [math.log10(figure) for line in lines for figure in line.figures]
    area = Area(*place, math.floor(min(logs)), math.ceil(max(logs)))
    yield text((LEFT, area.top - 14), title, str(NIGHT.foreground))
    yield from frame(area, unit)
    yield from curves(area, lines)


def picture(lines: Sequence[Line]) -> str:
    """Return the SVG."""
    held = [line for line in lines if line.name == MEMORY]
    screen = [line for line in lines if line.name.startswith(("table: ", "dashboard: "))]
    rest = [line for line in lines if line not in held and line not in screen]
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{NIGHT.background}"/>',
        text(
            (LEFT, 36),
            "How flowtui grows with the runs that it knows",
            str(NIGHT.foreground),
            font_weight="bold",
        ),
        text((LABELS, 36), "dashed: n log n", DIM),
        *diagram(screen, SCREEN, "CPU of the screen, until it is painted"),
        *diagram(rest, REST, "CPU of all else"),
        *diagram(held, HELD, "Memory", "MB"),
        *(text((x(size), HELD[1] + 26), f"{size:,}", DIM, "middle") for size in SIZES),
        text((LABELS, HELD[1] + 26), "runs, 20 in a thread", DIM),
    ]
    style = f'font-family="DejaVu Sans Mono" font-size="{FONT}"'
    inner = "\n".join(filter(None, parts))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {style}>{inner}</svg>'


def main() -> int:
    import resvg_py  # noqa: PLC0415  of the extra `shots`

    svg = picture(known(README.read_text()))
    TARGET.write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=WIDTH)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
