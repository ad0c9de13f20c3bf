"""The Messages tab: author, time, text, reasoning, tool calls with their results. Pure.

At first, long parts are folded, and a tool call and its result take one line each. Of a very long conversation only the
newest messages are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.messages.conversation import BEFORE, Conversation
from flowtui.model.messages.live_text import LiveText
from flowtui.model.messages.message import Message, PartKey, tool_results
from flowtui.model.messages.opened import Loaded
from flowtui.model.messages.parts import TOOL_CALL
from flowtui.model.run.json_tree import Path
from flowtui.model.run.row import Run
from flowtui.text import short_id
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Span
from flowtui.ui.run.live_lines import live_lines
from flowtui.ui.run.message_parts import call_lines, part_lines, result_lines
from flowtui.ui.run.rendering import RenderContext, plain, trouble_lines
from flowtui.ui.widgets.line_pane import DocLine

MAX_DRAWN: Final = 6_000
"""Drawing stops after the message that reaches this number of lines. So many lines take a quarter of a second."""

_ROLES: Final[Mapping[str, str]] = {
    "user": "focus",
    "assistant": "accent",
    "system": "other",
    "developer": "other",
    "tool": "good",
}


def folded_at_first(path: Path) -> bool:
    """Return whether a path starts folded. Parts of messages do; values inside a part do not."""
    return len(path) == 2


def message_lines(
    loaded: Loaded[Conversation],
    run: Run,
    render: RenderContext,
    older_key: str = "b",
    live: LiveText | None = None,
) -> list[DocLine]:
    """Return the lines of the Messages tab, those of `live` last. `older_key`: with this key the user reads older messages."""
    if run.placeholder:
        return _dim("This run has no id, so nothing says which messages are its own.", render)
    return [*_read_lines(loaded, run, render, older_key), *live_lines(live, loaded, run, render)]


def _read_lines(
    loaded: Loaded[Conversation], run: Run, render: RenderContext, older_key: str
) -> list[DocLine]:
    conversation = loaded.value
    lines: list[DocLine] = []
    if loaded.trouble:
        lines += plain(trouble_lines("The messages", loaded.trouble, render.cells))
    if conversation is None:
        return lines or _dim("Loading the messages …", render)
    lines += _coverage(conversation, render, older_key)
    if conversation.messages:
        lines += _message_lines(conversation, run, render)
    else:
        lines += _nothing(conversation, run, render)
    if run.active:
        lines += [DocLine(ink.BLANK), *_freshness(loaded, conversation, render)]
    return lines


def _dim(text: str, render: RenderContext) -> list[DocLine]:
    return plain(ink.paragraph(text, "dim", render.cells))


# -- completeness, freshness -----------------------------------------------------------------------------------


def _coverage(conversation: Conversation, render: RenderContext, older_key: str) -> list[DocLine]:
    """Return lines saying that older messages may be missing, and which key reads them; no lines if all were read."""
    if conversation.complete:
        return []
    read = f"{conversation.read:,} messages of the thread read"
    if conversation.reading:
        return [*_dim(f"Reading older messages … {read}", render), DocLine(ink.BLANK)]
    if conversation.older:
        spans = ink.line(("older messages: press ", "dim"), (older_key, "key"), (f"  {read}", "dim"))
        return [*plain(ink.flow(spans, render.cells)), DocLine(ink.BLANK)]
    why = f"Older messages may be missing: {conversation.stopped or 'they cannot be read'}."
    return [*plain(ink.paragraph(why, "warn", render.cells)), DocLine(ink.BLANK)]


def _nothing(conversation: Conversation, run: Run, render: RenderContext) -> list[DocLine]:
    if run.active:
        return _dim("No message of this run yet.", render)
    if conversation.complete:
        others = f" It has {conversation.others:,} of other runs." if conversation.others else ""
        return _dim(f"The thread has no message of this run.{others}", render)
    return _dim(f"None of the newest {conversation.read:,} messages of the thread is this run's.", render)


def _freshness(
    loaded: Loaded[Conversation], conversation: Conversation, render: RenderContext
) -> list[DocLine]:
    """Return how long ago the messages were read, and how old the newest message is.

    `loaded.at` is a time of the local clock; the messages and `context.now` have the server's time.
    """
    context = render.context
    dot = f" {render.glyphs.separator} "
    if loaded.trouble:
        since = formatting.clock(loaded.at, context.zone)
        return [DocLine(ink.line((f"not followed: last read {since}", "warn")))]
    spans = [Span("following", "dim")]
    if loaded.at is not None:
        age = formatting.age(context.now - context.clock_offset - loaded.at)
        spans.append(Span(f"{dot}read {age} ago", "dim"))
    newest = next((one.created for one in reversed(conversation.messages) if one.created is not None), None)
    if newest is not None:
        spans.append(Span(f"{dot}newest {formatting.age(context.now - newest)} old", "dim"))
    return plain(ink.flow(spans, render.cells))


# -- the messages ----------------------------------------------------------------------------------------------


def _message_lines(conversation: Conversation, run: Run, render: RenderContext) -> list[DocLine]:
    results = tool_results(conversation.messages)
    placed = {place for places in results.values() for place in places}
    by_key = {message.key: message for message in conversation.messages}
    shown = [one for one in conversation.messages if not _shown_in_calls(one, placed)]
    blocks: list[list[DocLine]] = []
    drawn = 0
    for number in range(len(shown) - 1, -1, -1):
        message, before = shown[number], shown[number - 1] if number else None
        block = _gap(render) if message.key in conversation.gaps else []
        block += _head(message, before, render)
        block += _remarks(message, conversation, render)
        for place, part in enumerate(message.parts):
            here = (message.key, place)
            if part.kind == TOOL_CALL:
                answers = [(by_key[key], at) for key, at in results.get(here, ())]
                block += _call(message, place, answers, run, render)
            elif here not in placed:
                block += part_lines(part, here, render)
        if number < len(shown) - 1:
            block.append(DocLine(ink.BLANK))
        blocks.append(block)
        drawn += len(block)
        if drawn >= MAX_DRAWN and number:
            blocks.append(_dim(f"{number:,} messages before these are not drawn.", render))
            break
    lines = [line for block in reversed(blocks) for line in block]
    return [*lines, *(_gap(render) if "" in conversation.gaps else ())]


def _shown_in_calls(message: Message, placed: set[PartKey]) -> bool:
    """Return whether all parts of a message are in `placed`: the tool results that are shown below their calls."""
    if message.unreadable is not None or not message.parts:
        return False
    return all((message.key, place) in placed for place in range(len(message.parts)))


def _gap(render: RenderContext) -> list[DocLine]:
    text = "Messages may be missing here: more were written than were read since."
    return [*plain(ink.paragraph(text, "warn", render.cells)), DocLine(ink.BLANK)]


def _head(message: Message, before: Message | None, render: RenderContext) -> list[DocLine]:
    """Return the heading of a message: author, agent, time, and how long after the message `before` it was written.

    The time has a date if `before` is of another day, or None.
    """
    zone = render.context.zone
    when = formatting.timestamp(message.created, zone)
    day_before = formatting.timestamp(before.created, zone)[:10] if before is not None else ""
    if when[:10] == day_before or when == UNKNOWN:
        when = formatting.clock(message.created, zone)
    since = _later(message, before) if before is not None else ""
    later = f"  {since}" if since else ""
    role = ink.cut(message.role or "unreadable", max(8, min(24, render.cells - len(when) - len(later) - 2)))
    agent = render.context.agents.get(message.agent_id) or short_id(message.agent_id)
    room = render.cells - len(when) - len(later) - ink.width([Span(role)]) - 4
    spans = [Span(role, _ROLES.get(message.role.casefold(), "unknown"))]
    if agent and room >= 4:
        spans.append(Span("  " + ink.cut(agent, room), "strong"))
    spans += [Span(f"  {when}"), Span(later, "dim")]
    return [DocLine(tuple(spans))]


def _later(message: Message, before: Message) -> str:
    """Return how long after the message `before` this one was written; "" if that is unknown, or if it was earlier."""
    if message.created is None or before.created is None or message.created < before.created:
        return ""
    return f"+{formatting.span(message.created - before.created)}"


def _remarks(message: Message, conversation: Conversation, render: RenderContext) -> list[DocLine]:
    lines: list[tuple[str, str]] = []
    word = conversation.probable.get(message.key)
    if word is not None:
        whose = "what this run was asked" if word == BEFORE else "this run's, by its time"
        lines.append((f"names no run: probably {whose}", "dim"))
    if message.unreadable is not None:
        lines.append((f"could not be read: {message.unreadable}", "warn"))
    elif not message.parts:
        lines.append(("says nothing", "dim"))
    room = max(8, render.cells - 2)
    return plain(ink.line("  ", (part, role)) for text, role in lines for part in ink.wrap(text, room))


def _call(
    message: Message, place: int, answers: list[tuple[Message, int]], run: Run, render: RenderContext
) -> list[DocLine]:
    lines = call_lines(message.parts[place], (message.key, place), render)
    for answer, at in answers:
        later = _later(answer, message) if answer.key != message.key else ""
        lines += result_lines(answer.parts[at], (answer.key, at), render, later=later)
    if not answers:
        lines.append(DocLine(ink.line(("  → no result yet" if run.active else "  → no result", "dim"))))
    return lines
