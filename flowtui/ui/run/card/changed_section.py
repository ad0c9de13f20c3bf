"""What is different from the last run of the agent that completed: fields, tools, a few lines of instructions. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from flowtui.formatting import UNKNOWN, plural
from flowtui.model.columns.columns import changed_config
from flowtui.model.diff.config_diff import CHANGED, FieldChange, ToolChange, config_changes, instructions_text
from flowtui.model.diff.word_diff import ADDED, GAP, REMOVED, Piece, word_diff
from flowtui.model.messages.opened import Opened
from flowtui.model.run.redacted import REDACTED
from flowtui.model.state.lineage import config_of
from flowtui.text import short_id
from flowtui.ui.charts.section import section_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.rendering import RenderContext

_LABEL: Final = 14  # least cells of a name
_WIDE: Final = (6, 22)  # least and most cells of an old value
_WORDS: Final = 4  # lines of changed instructions that are shown
_SIGNS: Final = {REMOVED: "-", ADDED: "+"}
_FIELDS: Final = 6  # changed fields that are shown


class _Pair:
    """Two raw runs as an argument of a cached function. They are equal if they hold the same objects: raw runs never change."""

    __slots__ = ("after", "before")

    def __init__(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        self.before, self.after = before, after

    def __hash__(self) -> int:
        return hash((id(self.before), id(self.after)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pair) and other.before is self.before and other.after is self.after


class _Row(NamedTuple):
    """A field that differs: old and new value, or what is said of it instead."""

    name: str
    before: str = ""
    after: str = ""
    said: Line = ink.BLANK


class Differences(NamedTuple):
    """What differs between two configurations. `words`: how the instructions differ, a row a line."""

    changes: Sequence[FieldChange]
    words: Sequence[Sequence[Piece]]

    @property
    def names(self) -> list[str]:
        """The names of the fields that differ, and of changed tools in their place."""
        names: list[str] = []
        for change in self.changes:
            names += [tool.name for tool in change.tools] or [change.name]
        return names


def differences(opened: Opened) -> Differences | None:
    """Return what differs from the last completed run; None if one of the two is not loaded."""
    other = opened.last_completed
    if other is None or other.raw is None or opened.raw is None:
        return None
    return _differences(_Pair(other.raw, opened.raw))


@lru_cache(maxsize=4)  # the card is drawn every second, but comparing long texts may take longer
def _differences(pair: _Pair) -> Differences:
    changes = [each for each in config_changes(pair.before, pair.after) if not each.same]
    long = ("tools", "instructions")
    changes.sort(key=lambda each: long.index(each.name) + 1 if each.name in long else 0)
    words: Sequence[Sequence[Piece]] = ()
    told = next((each for each in changes if each.name == "instructions"), None)
    if told is not None and (REDACTED,) not in (told.before, told.after):
        words = tuple(word_diff(instructions_text(pair.before), instructions_text(pair.after), 0))
    return Differences(changes, words)


def changed_section(opened: Opened, render: RenderContext, cells: int, title: str = "Changed") -> list[Line]:
    """Return the section with its title, which says against which run."""
    other, run = opened.last_completed, opened.run
    agent = ink.cut(render.context.short_agent(run.agent_id), 24)
    if other is None:
        return [
            section_line(title, "", cells, render.signs),
            ink.BLANK,
            *_nothing_known(opened, render, cells),
        ]
    said = f"against {short_id(other.run.id)}, the last run of {agent} before it that completed"
    if ink.width([Span(f"{title}  {said}")]) > cells:
        said = f"against {short_id(other.run.id)}, the last that completed"
    head = section_line(title, said, cells, render.signs)
    return [head, ink.BLANK, *changed_lines(opened, render, cells)]


def _nothing_known(opened: Opened, render: RenderContext, cells: int) -> list[Line]:
    run = opened.run
    agent = render.context.short_agent(run.agent_id)
    if not agent:
        said = "No agent is named, so there is no run to compare it with."
    elif run.created is None:
        said = "It is not known when it was created, so the run before it is not known."
    else:
        said = f"No run of {agent} before it that completed is known here."
    return ink.paragraph(said, "dim", cells)


def changed_lines(opened: Opened, render: RenderContext, cells: int) -> list[Line]:
    """Return the fields that differ: name, old and new value; then lines of the instructions."""
    found = differences(opened)
    if found is None:
        return _not_loaded(opened, render, cells)
    if not found.changes:
        return [
            ink.line(
                ("Nothing differs", "text"), (": instructions, tools, model and settings are the same", "dim")
            )
        ]
    lines = _table([row for change in found.changes[:_FIELDS] for row in _rows(change)], cells)
    if len(found.changes) > _FIELDS:
        left = plural(len(found.changes) - _FIELDS, "field")
        lines.append(ink.line((f"{left} more", "dim")))
    return [*lines, *_words(found.words, cells)]


def _not_loaded(opened: Opened, render: RenderContext, cells: int) -> list[Line]:
    other = opened.last_completed
    if other is not None and other.trouble:
        return ink.paragraph(f"{short_id(other.run.id)} could not be read: {other.trouble}", "bad", cells)
    known = other is not None and _configs_differ(opened, render)
    if known is None or not known:
        said = "The configuration is the same" if known is False else ""
    else:
        said = "The configuration differs"
    wait = "reading both runs …" if render.opened else "enter opens it and compares them"
    return [ink.line((f"{said}; " if said else "", "text"), (wait, "dim"))]


def _configs_differ(opened: Opened, render: RenderContext) -> bool | None:
    """Whether the two configurations differ by their fingerprints; None if one is not known."""
    other = opened.last_completed
    if other is None:
        return None
    sides = [config_of(run.key, render.context.threads) for run in (opened.run, other.run)]
    return None if None in sides else sides[0] != sides[1]


def changed_words(opened: Opened, render: RenderContext) -> list[Span]:
    """Return on a part of a line what differs: `2 changes against run_1d43ee: instructions, run_python`."""
    found, other = differences(opened), opened.last_completed
    if other is None:
        return [Span("no earlier run that completed is known", "dim")]
    against = f" against {short_id(other.run.id)}"
    if found is not None:
        if not found.changes:
            return [Span("the same"), Span(f" as {short_id(other.run.id)}", "dim")]
        return [
            Span(plural(len(found.names), "change"), "warn"),
            Span(f"{against}: {', '.join(found.names)}", "dim"),
        ]
    differ = _configs_differ(opened, render)
    if differ is None:
        changed = changed_config(opened.run, render.context)
        return [Span("changed" if changed else "—", "warn" if changed else "dim")]
    if differ:
        return [Span("changed", "warn"), Span(against, "dim")]
    return [Span("the same"), Span(f" as {short_id(other.run.id)}", "dim")]


def _table(rows: Sequence[_Row], cells: int) -> list[Line]:
    """Return a line for each row. Names and old values have one width, so that all new values begin in one column."""
    names = max((ink.width([Span(row.name)]) for row in rows), default=0) + 2
    label = min(max(_LABEL, names), cells * 2 // 5)
    olds = max((ink.width([Span(row.before)]) for row in rows), default=0) + 2
    old = max(4, min(max(_WIDE[0], olds), _WIDE[1], (cells - label - 3) // 2))
    return [_line(row, label, old, cells) for row in rows]


def _line(row: _Row, label: int, old: int, cells: int) -> Line:
    name = Span(ink.fit(ink.cut(row.name, label - 2), label), "dim")
    if row.said:
        return ink.cut_line([name, *row.said], cells)
    return (
        name,
        Span(ink.fit(ink.cut(row.before, old - 2), old)),
        Span("→  ", "dim"),
        Span(ink.cut(row.after, max(4, cells - label - old - 3)), "strong"),
    )


def _rows(change: FieldChange) -> list[_Row]:
    if (REDACTED,) in (change.before, change.after):
        return [_Row(change.name, said=ink.line(f"they differ; their text is {REDACTED}"))]
    if change.name == "instructions":
        return [_Row(change.name, plural(len(change.before), "line"), plural(len(change.after), "line"))]
    if change.tools:
        return [_tool(tool) for tool in change.tools[:_FIELDS]]
    if change.paths:
        return [
            _Row(f"{change.name}.{path.path}", *_unquoted(path.before or UNKNOWN, path.after or UNKNOWN))
            for path in change.paths[:2]
        ]
    return [_Row(change.name, _on_one_line(change.before), _on_one_line(change.after))]


def _unquoted(before: str, after: str) -> tuple[str, str]:
    """Return two JSON values without the quotes, if neither can be mistaken for another type than text."""
    sides = [
        each[1:-1] if each[:1] == '"' else UNKNOWN if each == UNKNOWN else "" for each in (before, after)
    ]
    return (sides[0], sides[1]) if all(sides) else (before, after)


def _on_one_line(lines: Sequence[str]) -> str:
    """Return JSON that is indented over several lines as one line: `{"type": "function"}`."""
    if len(lines) == 1:
        return lines[0]
    text = ""
    for part in map(str.strip, lines):
        close = not text or text[-1] in "{[" or part[:1] in ("}", "]")
        text += part if close else f" {part}"
    return text


def _tool(tool: ToolChange) -> _Row:
    places = len(tool.paths) + tool.more
    word = "changed" if tool.kind == CHANGED else tool.kind
    where = f" in {plural(places, 'place')}" if tool.kind == CHANGED and places else ""
    role = tool.kind if tool.kind in _SIGNS else "strong"
    return _Row("tool", said=(Span(tool.name), Span(f"  {word}{where}", role)))


def _words(rows: Sequence[Sequence[Piece]], cells: int) -> list[Line]:
    """Return the first changed lines of the instructions; added and removed words are underlined or marked."""
    shown = [row for row in rows if any(kind in _SIGNS for _, kind in row)]
    lines = [_word_line(row, cells) for row in shown[:_WORDS]]
    if len(shown) > _WORDS:
        left = plural(len(shown) - _WORDS, "line")
        lines.append(
            ink.line((f"  {left} more, ", "dim"), ("8", "key"), (" shows the previous run's", "dim"))
        )
    return lines


def _word_line(row: Sequence[Piece], cells: int) -> Line:
    kinds = {kind for text, kind in row if text.strip() and kind != GAP}
    sign = _SIGNS[kinds.pop()] if len(kinds) == 1 and kinds <= _SIGNS.keys() else "~"
    role = {"-": REMOVED, "+": ADDED}.get(sign, "dim")
    spans = [Span(f"  {sign} ", role)]
    for text, kind in row:
        if sign == "~" and kind in _SIGNS:
            mark = ("[-", "-]") if kind == REMOVED else ("{+", "+}")
            spans.append(Span(f"{mark[0]}{text}{mark[1]}", kind))
        else:
            spans.append(Span(text, "text"))
    kept: list[Span] = []
    for span in spans:
        room = cells - ink.width(kept)
        if room > 0:
            kept.append(span._replace(text=ink.cut(span.text, room)))
    return tuple(kept)
