"""The keys of parts of the screen as lines, in as many columns as there is room for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from flowtui.ui.keys.bindings import KEYS, TITLES
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_KEY: Final = 13  # cells of a key, with the gap after it
_GAP: Final = 3  # cells between two columns
_LEAST: Final = 46  # least cells of a column
_MOST: Final = 3  # columns
_FEW: Final = 8  # entries found by a search that need no second column

NO_KEY: Final = "No key does that"


class Section(NamedTuple):
    """Keys of one part of the screen, or other things to type. `entries`: pairs of what to press and what it does."""

    title: str
    entries: Sequence[tuple[str, str]]


def key_sections(
    places: Sequence[str], words: str = "", remapped: Mapping[str, str] | None = None
) -> list[Section]:
    """Return the keys of `places`, parts of the screen; only keys that match each of `words`, and no empty section.

    A word matches if the name of the key or its help text contains it. `remapped` maps the ids of keys to the keys that
    the user set for them in the config file.
    """
    shown = {key.id: key.shown for key in KEYS} | dict(remapped or {})
    sections = [
        Section(TITLES[place], [(shown[key.id], key.help) for key in KEYS if key.where == place])
        for place in places
    ]
    return narrowed(sections, words)


def narrowed(sections: Sequence[Section], words: str) -> list[Section]:
    """Return the entries that have all words, and no empty section."""
    wanted = words.casefold().split()
    found = [
        Section(
            title, [pair for pair in entries if all(word in " ".join(pair).casefold() for word in wanted)]
        )
        for title, entries in sections
    ]
    return [section for section in found if section.entries]


def column_count(cells: int) -> int:
    """Return how many columns have room in lines of `cells` cells."""
    return min(_MOST, max(1, (cells + _GAP) // (_LEAST + _GAP)))


def section_lines(sections: Sequence[Section], cells: int, words: str = "") -> list[Line]:
    """Return sections as lines of at most `cells` cells. They go on from column to column, the first in the left one.

    No text is cut: what is longer than its column goes on below. `words` are those of a search: they are highlighted, and
    the few entries that they leave stand in one column, where most need only a line.
    """
    if not sections:
        return [ink.line((NO_KEY, "dim"))]
    few = words.strip() and sum(len(section.entries) for section in sections) <= _FEW
    count = 1 if few else column_count(cells)
    width = (cells - _GAP * (count - 1)) // count
    blocks = [block for section in sections for block in _blocks(section, width, words.casefold().split())]
    columns = _columns(blocks, count)
    lines = columns[-1]
    for column in reversed(columns[:-1]):
        lines = ink.side_by_side(column, lines, width + _GAP)
    return lines


class _Block(NamedTuple):
    """Lines that stay together. `title`: what stands above them if they begin a column within their section."""

    lines: list[Line]
    title: Line


def _blocks(section: Section, cells: int, words: Sequence[str]) -> list[_Block]:
    """Return a section in pieces: its title with the first entry, each other entry, and the empty line below."""
    rule = max(0, cells - ink.width((Span(section.title),)) - 1)

    def title(role: str) -> Line:
        return ink.line((section.title, role), (f" {'─' * rule}", "track"))

    first, *others = (_entry(press, told, cells, words) for press, told in section.entries)
    again = title("dim")
    return [_Block([title("title"), *first], ()), *(_Block(lines, again) for lines in (*others, [ink.BLANK]))]


def _entry(press: str, told: str, cells: int, words: Sequence[str]) -> list[Line]:
    key = ink.cut(press, cells)
    if ink.width((Span(key),)) > _KEY - 2:
        head: list[Line] = [tuple(ink.highlight(key, "key", words))]
        pad = " " * _KEY
        return head + [
            (Span(pad), *ink.highlight(part, "text", words)) for part in ink.wrap(told, cells - _KEY)
        ]
    first, *more = ink.wrap(told, max(8, cells - _KEY))
    pad = " " * (_KEY - ink.width((Span(key),)))
    lines = [(*ink.highlight(key, "key", words), Span(pad), *ink.highlight(first, "text", words))]
    return [*lines, *((Span(" " * _KEY), *ink.highlight(part, "text", words)) for part in more)]


def _columns(blocks: Sequence[_Block], count: int) -> list[list[Line]]:
    """Return blocks in `count` columns of about the same height. A column that goes on with a section names it again."""
    height = -(-sum(len(block.lines) for block in blocks) // count) + 1  # the names take a line
    columns: list[list[Line]] = [[]]
    for block in blocks:
        if len(columns) < count and len(columns[-1]) + len(block.lines) > height:
            columns.append([])
        if columns[-1] or block.lines != [ink.BLANK]:
            above = [block.title] if block.title and not columns[-1] else []
            columns[-1] += [*above, *block.lines]
    return columns
