"""Folds the text of a failure: what differs from run to run is left out or replaced by `#`. Pure, linear time."""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.model.reasons.bodies import message_of_body
from flowtui.model.reasons.choices import fold_choices
from flowtui.model.reasons.http_errors import without_body
from flowtui.model.reasons.libraries import shortened
from flowtui.model.reasons.names import fold_names
from flowtui.model.reasons.paths import fold_paths
from flowtui.model.reasons.prefixes import split_prefix
from flowtui.model.reasons.remarks import without_remarks
from flowtui.model.reasons.tracebacks import without_frames
from flowtui.model.reasons.values import fold_values
from flowtui.model.reasons.wording import one_line, without_advice, without_cut, without_rest
from flowtui.model.reasons.wrappers import as_python, of_the_system, unescaped_letters, without_codes
from flowtui.text import cell_width, cut_cells, safe_text

MAX_CELLS: Final = 160
"""Greatest width of a folded text in terminal cells."""

_HEAD: Final = 12_288  # characters of a message that are read: its beginning
_TAIL: Final = 4_096  # and its end, where a traceback names the exception
_READ: Final = 2_000  # characters of the message itself that are folded: more than ever fit
_LAST_WORD: Final = 16  # characters that a cut gives up so that the last word is whole
_ROUNDS: Final = 400  # a text of 160 cells that gets shorter each time ends before


class Folded(NamedTuple):
    """A folded text, and what its prefix said."""

    text: str
    tool: str = ""
    """The tool that the prefix names; "" if it names none."""
    is_tool: bool = False
    """Whether the prefix says that a tool failed."""


def fold(message: str, tool: str = "") -> Folded:
    """Return the folded text of a display-safe message of one or more lines. Folding a folded text changes nothing.

    `tool`: the name of the tool that failed; "" if unknown.
    """
    seen: dict[str, None] = {}
    text, named, is_tool = message, "", False
    while text not in seen and len(seen) < _ROUNDS:
        seen[text] = None
        text, told, is_one = _once(text, tool or named)
        named, is_tool = named or told, is_tool or is_one
    if text in seen:
        # Texts that are folded into each other have the shortest as their form, so that folding ends.
        text = min(list(seen)[list(seen).index(text) :], key=lambda one: (len(one), one))
    return Folded(text, named, is_tool)


def fold_text(text: str) -> str:
    """Return the folded form of a display-safe text."""
    return fold(text).text


def _once(text: str, tool: str) -> Folded:
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]}\n{text[-_TAIL:]}"
    text = unescaped_letters(_squeezed(text))
    text = as_python(text) if text.endswith(")") else text
    text = shortened(without_frames(text) or text)
    body = message_of_body(text)
    if body != text:
        text = shortened(without_frames(body) or body)
    said = split_prefix(without_body(text), tool)
    text = of_the_system(without_codes(one_line(said.text)[:_READ]))
    text = fold_values(fold_paths(fold_names(fold_choices(text))))
    text = " ".join(text.split())
    if not _is_own_cut(text):
        text = without_rest(text)
    text = without_remarks(without_advice(text))
    return Folded(_bounded(safe_text(text)), said.tool, said.is_tool)


def _squeezed(text: str) -> str:
    """Return a text without blank lines and long blanks: patterns would search those again and again."""
    lines = (("  " if line[:1] == " " else "") + " ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if not line.isspace() and line)


def _is_own_cut(text: str) -> bool:
    """Return whether a text looks like one that `_bounded` has cut."""
    return text.endswith("…") and MAX_CELLS - _LAST_WORD - 2 <= cell_width(text) <= MAX_CELLS


def _bounded(text: str) -> str:
    """Return a text of at most `MAX_CELLS` cells; one that was cut ends with `…` after a whole word."""
    if cell_width(text) <= MAX_CELLS:
        return text if _is_own_cut(text) else without_cut(text)
    text = cut_cells(text, MAX_CELLS - 1)
    blank = text.rfind(" ", len(text) - _LAST_WORD)
    return f"{(text[:blank] if blank > 0 else text).rstrip()}…"
