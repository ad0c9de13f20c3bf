"""What the messages of a run say, as lines: who, when, thoughts, tool calls with what they returned. Pure; never waits.

One look is to be enough: what is long is folded at first, a tool call and its result take one line each. Draws the
newest messages only where there are more lines than anybody scrolls through.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.messages.conversation import BEFORE, Conversation
from flowtui.model.messages.message import Message, PartKey, tool_results
from flowtui.model.messages.parts import TOOL_CALL, Part
from flowtui.model.run.json_tree import Path
from flowtui.model.run.row import Run
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Span
from flowtui.ui.run.message_parts import call_lines, part_lines, result_lines
from flowtui.ui.run.opened import Loaded, Sheet, plain, trouble_lines
from flowtui.ui.widgets.line_pane import DocLine

MAX_DRAWN: Final = 6_000
"""Lines that are drawn, about: a quarter of a second to make, and nobody scrolls through more."""

_ROLES: Final[Mapping[str, str]] = {
    "user": "focus",
    "assistant": "accent",
    "system": "other",
    "developer": "other",
    "tool": "good",
}


def folded_at_first(path: Path) -> bool:
    """Whether a path is folded when the tab is opened: long parts are, the trees that they open are not."""
    return len(path) == 2


def message_lines(
    loaded: Loaded[Conversation], run: Run, sheet: Sheet, older_key: str = "b"
) -> list[DocLine]:
    """Return the lines of the tab; `older_key` is the key that reads older messages."""
    talk = loaded.value
    lines: list[DocLine] = []
    if run.placeholder:
        return _dim("This run has no id, so nothing says which messages are its own.", sheet)
    if loaded.trouble:
        lines += plain(trouble_lines("The messages", loaded.trouble, sheet.cells))
    if talk is None:
        return lines or _dim("Loading the messages …", sheet)
    lines += _extent(talk, sheet, older_key)
    if talk.messages:
        lines += _said(talk, run, sheet)
    else:
        lines += _nothing(talk, run, sheet)
    if run.active:
        lines += [DocLine(ink.BLANK), *_following(loaded, talk, sheet)]
    return lines


def _dim(text: str, sheet: Sheet) -> list[DocLine]:
    return plain(ink.line((part, "dim")) for part in ink.wrap(text, sheet.cells))


# -- how much of it this is ------------------------------------------------------------------------------------


def _extent(talk: Conversation, sheet: Sheet, older_key: str) -> list[DocLine]:
    """Return that older messages may be missing and what to do about it; nothing where all is there."""
    if talk.complete:
        return []
    read = f"{talk.read:,} messages of the thread read"
    if talk.reading:
        return [*_dim(f"Reading older messages … {read}", sheet), DocLine(ink.BLANK)]
    if talk.older:
        spans = ink.line(("older messages: press ", "dim"), (older_key, "key"), (f"  {read}", "dim"))
        return [*plain(ink.flow(spans, sheet.cells)), DocLine(ink.BLANK)]
    why = f"Older messages may be missing: {talk.stopped or 'they cannot be read'}."
    return [*plain(ink.line((part, "warn")) for part in ink.wrap(why, sheet.cells)), DocLine(ink.BLANK)]


def _nothing(talk: Conversation, run: Run, sheet: Sheet) -> list[DocLine]:
    if run.active:
        return _dim("No message of this run yet.", sheet)
    others = f" It has {talk.others:,} of other runs." if talk.complete and talk.others else ""
    if talk.complete:
        return _dim(f"The thread has no message of this run.{others}", sheet)
    return _dim(f"None of the newest {talk.read:,} messages of the thread is this run's.", sheet)


def _following(loaded: Loaded[Conversation], talk: Conversation, sheet: Sheet) -> list[DocLine]:
    """Return how fresh the end is. When it was read is local time, when a message was written the server's."""
    context = sheet.context
    dot = f" {sheet.glyphs.separator} "
    if loaded.trouble:
        since = formatting.clock(loaded.at, context.zone)
        return [DocLine(ink.line((f"not followed: last read {since}", "warn")))]
    spans = [Span("following", "dim")]
    if loaded.at is not None:
        spans.append(
            Span(f"{dot}read {formatting.age(context.now - context.clock_offset - loaded.at)} ago", "dim")
        )
    newest = next((one.created for one in reversed(talk.messages) if one.created is not None), None)
    if newest is not None:
        spans.append(Span(f"{dot}newest {formatting.age(context.now - newest)} old", "dim"))
    return plain(ink.flow(spans, sheet.cells))


# -- the messages ----------------------------------------------------------------------------------------------


def _said(talk: Conversation, run: Run, sheet: Sheet) -> list[DocLine]:
    results = tool_results(talk.messages)
    placed = {place for places in results.values() for place in places}
    by_key = {message.key: message for message in talk.messages}
    shown = [one for one in talk.messages if not _elsewhere(one, placed)]
    blocks: list[list[DocLine]] = []
    drawn = 0
    for number in range(len(shown) - 1, -1, -1):
        message, before = shown[number], shown[number - 1] if number else None
        block = _gap(sheet) if message.key in talk.gaps else []
        block += _head(message, before, sheet)
        block += _remarks(message, talk, sheet)
        for place, part in enumerate(message.parts):
            here = (message.key, place)
            if part.kind == TOOL_CALL:
                answers = [(by_key[key], at) for key, at in results.get(here, ())]
                block += _call(message, place, answers, run, sheet)
            elif here not in placed:
                block += part_lines(part, here, sheet)
        if number < len(shown) - 1:
            block.append(DocLine(ink.BLANK))
        blocks.append(block)
        drawn += len(block)
        if drawn >= MAX_DRAWN and number:
            blocks.append(_dim(f"{number:,} messages before these are not drawn.", sheet))
            break
    lines = [line for block in reversed(blocks) for line in block]
    return [*lines, *(_gap(sheet) if "" in talk.gaps else ())]


def _elsewhere(message: Message, placed: set[PartKey]) -> bool:
    """Whether all that a message holds is shown below the tool calls that it answers."""
    parts = message.parts
    return (
        bool(parts)
        and message.unreadable is None
        and all((message.key, n) in placed for n in range(len(parts)))
    )


def _gap(sheet: Sheet) -> list[DocLine]:
    text = "Messages may be missing here: more were written than were read since."
    return [*plain(ink.line((part, "warn")) for part in ink.wrap(text, sheet.cells)), DocLine(ink.BLANK)]


def _head(message: Message, before: Message | None, sheet: Sheet) -> list[DocLine]:
    """Return who wrote it and when: the day only where it changes, and how long after the message before."""
    zone = sheet.context.zone
    when = formatting.timestamp(message.created, zone)
    day_before = formatting.timestamp(before.created, zone)[:10] if before is not None else ""
    if when[:10] == day_before or when == UNKNOWN:
        when = formatting.clock(message.created, zone)
    later = ""
    if before is not None and before.created is not None and message.created is not None:
        seconds = message.created - before.created
        later = f"  +{formatting.span(seconds)}" if seconds >= 0 else ""
    role = message.role or "unreadable"
    most = max(8, min(24, sheet.cells - len(when) - len(later) - 2))
    role = ink.cut(role, most)
    agent = sheet.context.agents.get(message.agent_id) or message.agent_id
    room = sheet.cells - len(when) - len(later) - ink.width([Span(role)]) - 4
    spans = [Span(role, _ROLES.get(message.role.casefold(), "unknown"))]
    if agent and room >= 4:
        spans.append(Span("  " + ink.cut(agent, room), "strong"))
    spans += [Span(f"  {when}"), Span(later, "dim")]
    return [DocLine(tuple(spans))]


def _remarks(message: Message, talk: Conversation, sheet: Sheet) -> list[DocLine]:
    lines: list[tuple[str, str]] = []
    word = talk.probable.get(message.key)
    if word is not None:
        whose = "what this one was asked" if word == BEFORE else "this one's, by its time"
        lines.append((f"names no run: probably {whose}", "dim"))
    if message.unreadable is not None:
        lines.append((f"could not be read: {message.unreadable}", "warn"))
    elif not message.parts:
        lines.append(("says nothing", "dim"))
    room = max(8, sheet.cells - 2)
    return plain(ink.line("  ", (part, role)) for text, role in lines for part in ink.wrap(text, room))


def _call(
    message: Message, place: int, answers: list[tuple[Message, int]], run: Run, sheet: Sheet
) -> list[DocLine]:
    lines = call_lines(message.parts[place], (message.key, place), sheet)
    for answer, at in answers:
        part: Part = answer.parts[at]
        later = ""
        if answer.key != message.key and answer.created is not None and message.created is not None:
            later = (
                f"+{formatting.span(answer.created - message.created)}"
                if answer.created >= message.created
                else ""
            )
        lines += result_lines(part, (answer.key, at), sheet, later=later)
    if not answers:
        lines.append(DocLine(ink.line(("  → no result yet" if run.active else "  → no result", "dim"))))
    return lines
