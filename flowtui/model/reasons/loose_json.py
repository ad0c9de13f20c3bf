"""Reads JSON and Python's text of dicts and lists inside other text, even if its end was cut off. Pure, linear time."""

from __future__ import annotations

import re
from typing import Any, Final

_MAX_DEPTH: Final = 12
_MAX_TOKENS: Final = 2_000
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<open>[{\[(])|(?P<close>[}\])])|(?P<comma>,)|(?P<colon>[:=])"
    r"|[bu]?\"(?P<double>(?:[^\"\\]|\\.)*)(?:\"|\\?$)|[bu]?'(?P<single>(?:[^'\\]|\\.)*)(?:'|\\?$)|(?P<word>[^\s{}\[\](),:='\"]+(?: [^{}\[\](),:='\"]{0,80})?))",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": " ", "r": "\n", "b": "", "f": " "}
_CONSTANTS: Final = {"null": None, "None": None, "true": True, "True": True, "false": False, "False": False}
_END: Final = object()


class _BrokenError(Exception):
    """The text is no such value."""


class _Reader:
    """Reads tokens one after the other."""

    def __init__(self, text: str, at: int) -> None:
        self.text, self.at, self.left = text, at, _MAX_TOKENS

    def next(self) -> re.Match[str] | None:
        """Return the next token; None at the end of the text."""
        found = _TOKEN.match(self.text, self.at)
        self.left -= 1
        if self.left < 0:
            return None
        if found is None:
            if self.text[self.at :].strip():
                raise _BrokenError
            return None
        self.at = found.end()
        return found

    def value(self, token: re.Match[str] | None, depth: int) -> Any:
        """Return the value that begins with a token; `_END` at the end of the text."""
        if token is None:
            return _END
        if token["open"]:
            if depth >= _MAX_DEPTH:
                raise _BrokenError
            return self.table(depth + 1) if token["open"] == "{" else self.items(depth + 1)
        if token["double"] is not None or token["single"] is not None:
            return unescaped(token["double"] if token["double"] is not None else token["single"])
        if token["word"]:
            word = token["word"].strip()
            if self.text.startswith("(", self.at):
                self.value(self.next(), depth)  # what a call such as datetime.date(2026, 1, 2) was given
            return _CONSTANTS.get(word, word)
        raise _BrokenError

    def table(self, depth: int) -> dict[str, Any]:
        """Return the dict whose opening brace was read."""
        found: dict[str, Any] = {}
        while True:
            token = self.next()
            if token is None or token["close"]:
                return found
            if token["comma"]:
                continue
            name = self.value(token, depth)
            colon = self.next()
            if colon is None:
                return found
            if not colon["colon"] or not isinstance(name, str):
                raise _BrokenError
            value = self.value(self.next(), depth)
            if value is not _END:
                found.setdefault(name, value)

    def items(self, depth: int) -> list[Any]:
        """Return the list whose opening bracket was read."""
        found: list[Any] = []
        while True:
            token = self.next()
            if token is None or token["close"]:
                return found
            if token["comma"] or token["colon"]:
                continue
            found.append(self.value(token, depth))


def unescaped(text: str) -> str:
    r"""Return a text with its escapes, such as `\n`, replaced. Those that are not safe to draw become blanks."""
    if "\\" not in text:
        return text

    def plain(found: re.Match[str]) -> str:
        if found[1]:
            char = chr(int(found[1], 16))
            return char if char.isprintable() else " "
        return _ESCAPED.get(found[2], found[2])

    return _ESCAPE.sub(plain, text)


def read_value(text: str, at: int) -> tuple[dict[str, Any] | list[Any], int] | None:
    """Return the value that begins at `text[at]`, and where it ends; None if there is none.

    Numbers are returned as text. A missing end is added.
    """
    reader = _Reader(text, at)
    try:
        value = reader.value(reader.next(), 0)
    except _BrokenError:
        return None
    return (value, reader.at) if isinstance(value, dict | list) and value else None
