"""The verdict's banner: word, one sentence, the runs of both sides, and since when it is certain. Pure."""

from __future__ import annotations

from flowtui import formatting
from flowtui.model.answers.gate.page import GatePage
from flowtui.ui.gate.style import MARGIN, WORDS, Style
from flowtui.ui.gate.words import counts_words, decided_words, sentence
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.paint.theme import banner

_GAP = "   "


def banner_lines(page: GatePage, style: Style) -> list[Line]:
    """Return the banner: as many lines as its texts take, on a tall screen with a coloured line above and below."""
    name = style.banner(page.verdict)
    plain, strong = banner(name), banner(name, strong=True)
    counts, decided = counts_words(page), _aside(page, style)
    word = f"{style.sign(page.verdict)} {WORDS[page.verdict]}{_GAP}"
    head = [Span(word, strong), Span(sentence(page), strong)]
    room = style.room
    lines: list[Line] = []
    whole = ink.width(head) + len(_GAP)
    if whole + ink.width([Span(counts)]) + len(_GAP) + len(decided) <= room:
        left = (*head, Span(_GAP, plain), Span(counts, plain))
        lines.append(_spread(left, decided, room, plain))
    else:
        indent = ink.width(head[:1])
        lines += _wrapped(head, room, plain)
        if counts or decided:
            left = (Span(" " * indent if indent + ink.width([Span(counts)]) <= room else "", plain),)
            lines.append(_spread((*left, Span(ink.cut(counts, room), plain)), decided, room, plain))
    made = [_filled(line, style.cells, plain) for line in lines]
    edge = [_filled(ink.BLANK, style.cells, plain)] if style.tall else []
    return [*edge, *made, *edge]


def _aside(page: GatePage, style: Style) -> str:
    """Return what is at the right end: since when the verdict is certain; of old data, when it was read."""
    if style.as_of is not None:
        return f"as of {formatting.clock(style.as_of, style.zone)}"
    at = page.decided.at if page.decided is not None else None
    return decided_words(page, formatting.clock(at, style.zone)[:5])


def _wrapped(head: list[Span], room: int, role: str) -> list[Line]:
    """Return verdict and sentence in lines of which later ones begin below the sentence."""
    indent = ink.width(head[:1])
    first, *more = ink.wrap(head[1].text, max(12, room - indent))
    pad = Span(" " * indent, role)
    return [(head[0], Span(first, head[1].role)), *((pad, Span(text, head[1].role)) for text in more)]


def _spread(left: Line, right: str, room: int, role: str) -> Line:
    gap = room - ink.width(left) - ink.width([Span(right)])
    return (*left, Span(" " * gap, role), Span(right, role)) if right and gap >= len(_GAP) else left


def _filled(line: Line, cells: int, role: str) -> Line:
    """Return a line behind the margin, and its colour up to the right end."""
    full = (Span(" " * MARGIN, role), *line)
    return (*full, Span(" " * max(0, cells - ink.width(full)), role))
