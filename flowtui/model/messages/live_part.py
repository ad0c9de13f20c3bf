"""One part of the text of a running run: a text, a reasoning, or a tool call with its result. Pure.

Of a text the end is kept, as that is what is being written; of the arguments of a tool the beginning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from flowtui.model.messages.parts import MAX_BRIEF, TOOL_CALL, CharacterBudget, parse_part
from flowtui.text import safe_lines, safe_name, safe_text, shorten

TOOL: Final = TOOL_CALL
MAX_TEXT: Final = 8_000
"""The most characters of one text that are kept: the last ones."""
MAX_LINES: Final = 200
"""The most lines of one text that are kept: the last ones."""
MAX_ID: Final = 200
"""The most characters of the id of a tool call that are kept."""

_MARGIN: Final = 1_024  # more characters than a key has: half a key at the place of a cut would not be masked
_MAX_NAME: Final = 200
_HALVES: Final = re.compile("[\ud800-\udfff]")

Mask = Callable[[str], str]
"""Returns a text in which the API key is hidden."""


class LivePart(NamedTuple):
    """One part. All text is display-safe, except `call` and `root`."""

    kind: str
    """TEXT, REASONING or TOOL_CALL."""
    lines: tuple[str, ...] = ()
    """The end of the text; of a tool call one line with the beginning of its arguments."""
    done: bool = False
    """Whether the text is complete, or the tool has returned."""
    depth: int = 0
    """How deep the agent is nested that writes it; 0: it is the agent of the run."""
    agent: str = ""
    """The name of the tool as which a nested agent runs; "" if unknown, or if it is the agent of the run."""
    title: str = ""
    """The name of the tool; "" for a text."""
    result: str | None = None
    """The result of the tool on one line; None if there is none yet."""
    error: bool = False
    """Whether the tool failed."""
    call: str = ""
    """The raw id of the tool call, at most `MAX_ID` characters; "" if there is none."""
    root: str = ""
    """The raw id of the call of the run's own agent in which a nested agent writes; "" if unknown, or if none is nested."""
    left_out: int = 0
    """The number of characters before the first line that are left out."""


class GrowingPart:
    """A part while its events come. `path`: the ids of the tool calls around it."""

    def __init__(self, kind: str, depth: int, path: tuple[str, ...], agent: str, call: str = "") -> None:
        self.kind, self.depth, self.path = kind, depth, path
        self._fixed = LivePart(kind, depth=depth, agent=agent, call=call, root=path[0] if path else "")
        self.restart()

    def restart(self) -> None:
        """Forget everything that came, as it comes again."""
        self.done = False
        self._raw = ""
        self._size = 0
        self._title, self._input = "", ""
        self._result: str | None = None
        self._error = False
        self._shown: LivePart | None = None

    def belongs_to(self, call: str) -> bool:
        """Whether the part is the tool call `call`, or of an agent that this call runs, also indirectly."""
        return self.path[:1] == (call,) or (not self.path and self._fixed.call == call != "")

    def grow(self, delta: str) -> None:
        """Add text."""
        self._shown = None
        self._size += len(delta)
        self._raw = (self._raw + delta[-MAX_TEXT - _MARGIN :])[-MAX_TEXT - _MARGIN :]

    def finish(self) -> None:
        """Note that no more text comes."""
        self.done, self._shown = True, None

    def read_tool(self, kind: str, chunk: Mapping[str, Any]) -> None:
        """Read an event of a tool call, of the type `kind`."""
        self._shown = None
        name = chunk.get("toolName")
        if isinstance(name, str) and name:
            self._title = name[:_MAX_NAME]
        if kind == "tool-input-delta" and isinstance(delta := chunk.get("inputTextDelta"), str):
            self._raw = (self._raw + delta[: MAX_BRIEF + _MARGIN])[: MAX_BRIEF + _MARGIN]
        elif kind in ("tool-input-available", "tool-input-error"):
            self._input = _one_line({"type": "tool-call", "args": chunk.get("input")})
        if kind.endswith("-error"):
            self._result = _one_line({"type": "tool-error", "error_text": chunk.get("errorText")})
            self.done, self._error = True, True
        elif kind == "tool-output-available":
            self._result = _one_line({"type": "tool-result", "output": chunk.get("output")})
            self.done, self._error = True, False

    def shown(self, mask: Mask) -> LivePart:
        """Return the part as it is now."""
        if self._shown is None:
            self._shown = self._tool(mask) if self.kind == TOOL else self._text(mask)
        return self._shown

    def _tool(self, mask: Mask) -> LivePart:
        said = self._input or safe_text(shorten(mask(_joined(self._raw)), MAX_BRIEF))
        return self._fixed._replace(
            lines=(said,) if said else (),
            done=self.done,
            title=safe_name(mask(self._title)) or "tool",
            result=self._result,
            error=self._error,
        )

    def _text(self, mask: Mask) -> LivePart:
        text = mask(_joined(self._raw))[-MAX_TEXT:]
        left_out = max(0, self._size - MAX_TEXT)
        lines = safe_lines(text)
        if len(lines) > MAX_LINES:
            left_out += sum(len(line) + 1 for line in lines[:-MAX_LINES])
            del lines[:-MAX_LINES]
        while lines and not lines[-1].strip():
            lines.pop()
        while lines and not lines[0].strip():
            del lines[0]
        return self._fixed._replace(lines=tuple(lines), done=self.done, left_out=left_out)


def _one_line(raw: Mapping[str, Any]) -> str:
    """Return the content of a part, given as a message has it, on one display-safe line; "" if there is none."""
    lines = parse_part(raw, CharacterBudget()).lines
    first = shorten(lines[0], MAX_BRIEF) if lines else ""
    return f"{first} …" if len(lines) > 1 else first


def _joined(text: str) -> str:
    """Return a text in which two halves of a character that came in two events are one character."""
    if text.isascii() or not _HALVES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
