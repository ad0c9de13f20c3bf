"""Compiles the regular expressions of filters so that none can hang the program, whatever text the server sends.

Python's engine backtracks and cannot be interrupted. Therefore a pattern that could take exponential time is refused,
and only the first characters of a text are searched.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from math import factorial
from typing import Final

from flowtui.text import safe_text

PATTERN_MAX: Final = 100
"""Greatest length of a regex in characters."""
TEXT_MAX: Final = 1000
"""The most characters of a text that are searched. If the regex has several repeats, fewer are searched."""
TEXT_MIN: Final = 80
"""The number of characters of a text that are searched at least. A regex that is too slow for that is refused."""

_STEPS: Final = 4_000_000  # greatest number of steps of the engine on one text, about 40 ms
_TIMES_MAX: Final = 200
_REPEAT: Final = re.compile(r"\{\d*,?\d*\}|[*+?]")
_PIECE: Final = re.compile(rf"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|{_REPEAT.pattern}|.", re.DOTALL)
_HIDES: Final = re.compile(r"\(\?(?:#|[A-Za-z-]*x)")
# A leading .* changes nothing, but the engine would try it at every character.
_IDLE: Final = re.compile(r"(?:\.\*\??(?![?+{]))+")


class RegexError(ValueError):
    """A regex is wrong or too slow; `position` is the offset of the problem, counted from 0."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


def read_regex(pattern: str) -> Callable[[str], bool]:
    """Return a function that tells whether a text contains a match of the regex, ignoring case.

    Raises:
        RegexError: the regex is wrong, empty, too long, or too slow because of its repeats and choices.
    """
    if not pattern:
        raise RegexError("this regex is empty")
    if len(pattern) > PATTERN_MAX:
        raise RegexError(f"this regex has more than {PATTERN_MAX} characters", PATTERN_MAX)
    try:
        with warnings.catch_warnings():
            # FutureWarning: a later Python may read some character sets differently.
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern, re.IGNORECASE)
            reach = _reach(pattern)
            front = _IDLE.match(pattern)
            if front is not None:
                compiled = re.compile(pattern[front.end() :], re.IGNORECASE)
    except re.error as error:
        raise RegexError(f"this regex is wrong: {safe_text(error.msg)}", error.pos or 0) from None
    except RegexError:
        raise
    except (ValueError, OverflowError, RecursionError) as error:  # contradicting flags, absurd numbers
        raise RegexError(f"this regex is wrong: {safe_text(error)}") from None
    search = compiled.search
    return lambda text: search(text[:reach]) is not None


def _reach(pattern: str) -> int:
    """Return how many characters of a text the regex can search within `_STEPS` steps.

    For n characters, each repeat of variable length multiplies the work by n; trying every start multiplies it once
    more. Each choice doubles it. If a repeated group contains a repeat or a choice, the work has no bound, and the
    regex is refused. This also refuses some harmless patterns: to tell them apart would take another regex engine.

    Raises:
        RegexError: the regex is too slow.
    """
    # Whether each open group, and the group just closed, contains a repeat or a choice.
    groups, closed = [False], False
    previous, loops, choices, reach = "", 0, 0, TEXT_MAX
    for piece in _PIECE.finditer(pattern):
        text = piece[0]
        repeats = _REPEAT.fullmatch(text) is not None
        if repeats and (previous == "(" or (_REPEAT.fullmatch(previous) and text in "+?")):
            previous = ""  # the ? of (?: is no repeat, and +? or ++ is a single one
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
            loops, choices = 0, 0  # top-level branches are tried one after the other
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
