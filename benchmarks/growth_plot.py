"""The picture of the table that `growth` has put into README.md: `screenshots/growth.png`, in the colours of the night.

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
from flowtui.ui.theme import NIGHT

TARGET = Path(__file__).parents[1] / "screenshots" / "growth.png"
WIDTH, HEIGHT = 1080, 760
LEFT, RIGHT, TOP, BOTTOM = 86, 720, 64, 556
MEMORY_TOP, MEMORY_BOTTOM = 606, 700
LABELS = RIGHT + 44
FONT, LINE = 15, 19  # of the letters, and of two labels below each other
FAINT, DIM = str(NIGHT.variables["frame"]), str(NIGHT.variables["dim"])
KINDS = (
    ("table: ", NIGHT.accent),
    ("dashboard: ", NIGHT.primary),
    ("bodies", NIGHT.warning),
    ("rows", NIGHT.warning),
    ("a poll", NIGHT.success),
    ("the same", NIGHT.success),
    ("who", NIGHT.success),
    ("one walk", str(NIGHT.variables["dim"])),
    ("", NIGHT.secondary),
)
"""How the name of a line begins, and its colour: the screen, the way in, polling, what is worked out of the rows."""


class Line(NamedTuple):
    """Figures of `SIZES`, in milliseconds or MB."""

    name: str
    figures: list[float]

    @property
    def colour(self) -> str:
        return str(next(colour for begin, colour in KINDS if self.name.startswith(begin)))


class Area(NamedTuple):
    """Where a diagram stands, and the powers of ten at its foot and head."""

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
    """Return what the table says."""
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
    """Draw the grid with its figures."""
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
    """Draw what grows as n log n and starts at a power of ten, as far as there is room."""
    points = []
    for step in range(201):
        size = SIZES[0] * (SIZES[-1] / SIZES[0]) ** (step / 200)
        figure = 10.0**power * size * math.log(size) / (SIZES[0] * math.log(SIZES[0]))
        if 10.0**area.lowest <= figure <= 10.0**area.highest:
            points.append((x(size), area.y(figure)))
    return path(points, FAINT, 1.5, "6 5") if len(points) > 1 else ""


def apart(wanted: Sequence[float], top: float, bottom: float) -> list[float]:
    """Return places for labels that want these heights, in order, with room between them."""
    places: list[float] = []
    for place in wanted:
        places.append(max(place, places[-1] + LINE if places else top))
    limit = bottom
    for number in range(len(places) - 1, -1, -1):
        places[number] = min(places[number], limit)
        limit = places[number] - LINE
    return places


def curves(area: Area, lines: Sequence[Line]) -> Iterator[str]:
    """Draw each line, and its name where it ends."""
    ordered = sorted(lines, key=lambda line: -line.figures[-1])
    ends = [area.y(line.figures[-1]) for line in ordered]
    for line, end, place in zip(ordered, ends, apart(ends, area.top - 12, area.bottom), strict=True):
        points = [(x(size), area.y(figure)) for size, figure in zip(SIZES, line.figures, strict=True)]
        yield path(points, line.colour, 2.2)
        yield from (f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{line.colour}"/>' for px, py in points)
        yield path([(RIGHT + 6, end), (LABELS - 8, place)], line.colour, 0.8)
        yield text((LABELS, place + 5), line.name.removesuffix(", MB"), line.colour)


def area_of(lines: Sequence[Line], top: float, bottom: float) -> Area:
    """Return an area of whole powers of ten that has room for these lines."""
    logs = [math.log10(figure) for line in lines for figure in line.figures]
    return Area(top, bottom, math.floor(min(logs)), math.ceil(max(logs)))


def picture(lines: Sequence[Line]) -> str:
    """Return the SVG."""
    spent = [line for line in lines if line.name != MEMORY]
    held = [line for line in lines if line.name == MEMORY]
    cpu, memory = area_of(spent, TOP, BOTTOM), area_of(held, MEMORY_TOP, MEMORY_BOTTOM)
    title = "CPU of what flowtui does, against the runs that it knows"
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{NIGHT.background}"/>',
        text((LEFT, 34), title, str(NIGHT.foreground), font_weight="bold"),
        text((LABELS, 34), "dashed: n log n", DIM),
        *frame(cpu, "ms"),
        *curves(cpu, spent),
        *frame(memory, "MB"),
        *curves(memory, held),
        *(text((x(size), MEMORY_BOTTOM + 26), f"{size:,}", DIM, "middle") for size in SIZES),
        text((LABELS, MEMORY_BOTTOM + 26), "runs, 20 in a thread", DIM),
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
