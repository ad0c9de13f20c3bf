"""Regexes of a filter: compiled, and kept from hanging the program on a text that a server chose.

Python's engine backtracks and cannot be interrupted, so what could explode is refused before it runs, and texts are cut.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from math import factorial
from typing import Final

from flowtui.text import safe_text

PATTERN_MAX: Final = 100
"""Characters that a regex may have."""
TEXT_MAX: Final = 1000
"""Characters of a text that a regex looks at, at most; fewer where it holds several repeats."""
TEXT_MIN: Final = 80
"""Characters of a text that every regex looks at; one that could not is refused."""

_STEPS: Final = 4_000_000  # of the engine on one text, at worst: some 40 ms
_TIMES_MAX: Final = 200
_REPEAT: Final = re.compile(r"\{\d*,?\d*\}|[*+?]")
_PIECE: Final = re.compile(rf"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|{_REPEAT.pattern}|.", re.DOTALL)
_HIDES: Final = re.compile(r"\(\?(?:#|[A-Za-z-]*x)")
# In front it changes nothing, but the engine would try it from every character.
_IDLE: Final = re.compile(r"(?:\.\*\??(?![?+{]))+")


class RegexError(ValueError):
    """A regex that is wrong or could take for ever; `position` counts its characters from 0."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


def read_regex(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a text holds the regex; case is ignored.

    Raises:
        RegexError: it is wrong, or has repeats and choices that could keep the engine busy for ever.
    """
    if not pattern:
        raise RegexError("this regex is empty")
    if len(pattern) > PATTERN_MAX:
        raise RegexError(f"this regex has more than {PATTERN_MAX} characters", PATTERN_MAX)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about sets that a later Python may read otherwise
            compiled = re.compile(pattern, re.IGNORECASE)
            reach = _reach(pattern)
            front = _IDLE.match(pattern)
            if front is not None:
                compiled = re.compile(pattern[front.end() :], re.IGNORECASE)
    except re.error as error:
        raise RegexError(f"this regex is wrong: {safe_text(error.msg)}", error.pos or 0) from None
    except RegexError:
        raise
    except (ValueError, OverflowError, RecursionError) as error:  # flags that contradict, absurd numbers
        raise RegexError(f"this regex is wrong: {safe_text(error)}") from None
    search = compiled.search
    return lambda text: search(text[:reach]) is not None


def _reach(pattern: str) -> int:
    """Return how many characters of a text a regex can look at in bounded time.

    With n characters, each open repeat multiplies the work by n, so does trying every place to begin, and each
    choice doubles it. A repeated group that holds a repeat or a choice has no bound and is refused. Stricter than
    needed, on purpose: telling the harmless cases apart would take another regex engine.
    """
    # Whether each open group, and the one just closed, holds a repeat or a choice.
    groups, closed = [False], False
    previous, loops, choices, reach = "", 0, 0, TEXT_MAX
    for piece in _PIECE.finditer(pattern):
        text = piece[0]
        repeats = _REPEAT.fullmatch(text) is not None
        if repeats and (previous == "(" or (_REPEAT.fullmatch(previous) and text in "+?")):
            previous = ""  # (?: begins a group; +? and ++ are one repeat
            continue
        if repeats:
            _check_repeat(piece, of_choices=previous == ")" and closed)
            loops += text in "*+" or "," in text
            choices += text == "?"
        elif text == "(":
            if _HIDES.match(pattern, piece.start()):
                raise RegexError("a filter's regex takes neither comments nor the flag x", piece.start())
            groups.append(False)
        elif text == ")":
            closed = groups.pop()
            groups[-1] = groups[-1] or closed
        elif text == "|" and len(groups) > 1:
            choices += 1
        elif text == "|":
            loops, choices = 0, 0  # the branches of the whole are tried one after the other
        groups[-1] = groups[-1] or repeats or text == "|"
        reach = min(reach, int((_STEPS * factorial(loops + 1) / 2**choices) ** (1 / (loops + 1))))
        if reach < TEXT_MIN:
            raise RegexError("this regex holds too many repeats or choices", piece.start())
        previous = text
    return reach


def _check_repeat(piece: re.Match[str], *, of_choices: bool) -> None:
    if of_choices and piece[0] != "?":
        raise RegexError("this regex repeats a group that holds a repeat or a choice", piece.start())
    if any(int(times) > _TIMES_MAX for times in re.findall(r"\d+", piece[0])):
        raise RegexError(f"a regex repeats at most {_TIMES_MAX} times", piece.start())
