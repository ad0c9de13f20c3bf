"""The text of a running run, as its event stream brings it: text, reasoning and tool calls, also of nested agents. Pure.

The reference leaves the events of the stream open. The official SDK reads them as messages of Vercel's AI SDK, and so does
`LiveReader`. Nothing in the stream is trusted: texts become display-safe, everything is bounded, and what is not shown
is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from flowtui.model.messages.live_part import MAX_ID, TOOL, GrowingPart, LivePart
from flowtui.model.messages.parts import REASONING, TEXT
from flowtui.model.run.json_body import decode
from flowtui.text import safe_name, safe_text, shorten

MAX_PARTS: Final = 64
"""The most parts that are kept: the last ones."""

_MAX_ERROR: Final = 300
_MAX_LEVEL: Final = 8  # levels of nested agents
_DONE: Final = b"[DONE]"
_NESTED: Final = "data-nestedToolEvent"
_FOR_WEB_PAGES: Final = (
    "mermaid-"  # ids of texts that the official SDK leaves out, too: diagrams for its web page
)
_SILENT: Final = frozenset({"finish", "abort", "message-metadata"})
_KINDS: Final = {"text": TEXT, "reasoning": REASONING}


class LiveText(NamedTuple):
    """What a stream has brought so far. All text is display-safe, except the ids of the parts."""

    parts: tuple[LivePart, ...] = ()
    at: float = 0.0
    """When the last event came, in UTC epoch seconds of the local clock."""
    earlier: int = 0
    """How many parts before these were left out."""
    unknown: int = 0
    """How many events had an unknown type."""
    unreadable: int = 0
    """How many events could not be read, or were too long."""
    middle: bool = False
    """Whether the stream began in the middle of the run, so that the text before it is missing."""
    error: str = ""
    """The last error that the stream told; "" if there was none. It says nothing about the status of the run."""


class _Place(NamedTuple):
    """Where an event belongs: how deep it is nested, the ids of the tool calls around it, and the tool that the agent runs as."""

    depth: int = 0
    path: tuple[str, ...] = ()
    agent: str = ""


class LiveReader:
    """Reads the events of one stream. `mask` hides the API key in a text: a server may spread it over several events.

    `ended`: whether the stream has said that it ends.
    """

    def __init__(self, mask: Callable[[str], str] = str) -> None:
        self.ended = False
        self._mask = mask
        self._parts: list[GrowingPart] = []
        self._by_id: dict[tuple[object, ...], GrowingPart] = {}
        self._at = 0.0
        self._message: str | None = (
            None  # the id of the message that the stream began with; None: it has not begun yet
        )
        self._earlier = self._unknown = self._unreadable = 0
        self._middle = False
        self._error = ""

    @property
    def empty(self) -> bool:
        """Whether no part has come yet."""
        return not self._parts

    def take(self, payload: bytes, at: float) -> None:
        """Read the data of one event; b"" stands for an event that was too long. `at`: now, in UTC epoch seconds."""
        if self.ended:
            return
        self._at = at
        if payload.strip() == _DONE:
            self._end()
            return
        event, _ = decode(payload) if payload else (None, None)
        if isinstance(event, Mapping) and isinstance(event.get("type"), str):
            self._read(event)
        elif b"\n" in payload:  # the official SDK reads each line of data as an event of its own
            for line in filter(None, payload.split(b"\n")):
                self.take(line, at)
        else:
            self._unreadable += 1

    def text(self) -> LiveText:
        """Return what has come so far."""
        parts = tuple(part.shown(self._mask) for part in self._parts)
        error = safe_text(shorten(self._mask(self._error), _MAX_ERROR))
        return LiveText(
            parts, self._at, self._earlier, self._unknown, self._unreadable, self._middle, error.strip()
        )

    # -- events ------------------------------------------------------------------------------------------------

    def _read(self, event: Mapping[str, Any]) -> None:
        chunk, place = _unwrapped(event)
        kind = chunk.get("type")
        if not isinstance(kind, str) or kind == _NESTED:
            self._unreadable += 1
            return
        family, _, step = kind.partition("-")
        if family in _KINDS and step in ("start", "delta", "end"):
            self._read_text(_KINDS[family], step, chunk, place)
        elif kind in _TOOL_EVENTS:
            self._read_tool(kind, chunk, place)
        elif kind in ("start-step", "finish-step"):
            self._close_texts(place)
        elif kind == "start":
            self._begin(chunk, place)
        elif kind == "error":
            said = chunk.get("errorText")
            self._error = (said if isinstance(said, str) else "no text")[: 4 * _MAX_ERROR]
        elif kind not in _SILENT:
            self._unknown += 1

    def _begin(self, chunk: Mapping[str, Any], place: _Place) -> None:
        """A message begins. If it is the one that the stream has sent already, the server sends all of it again."""
        if place.depth:
            return
        message = _id(chunk.get("messageId"))
        if message and message == self._message:
            self._parts.clear()
            self._by_id.clear()
            self._earlier, self._middle = 0, False
        self._message = message

    def _end(self) -> None:
        self.ended = True
        for part in self._parts:
            part.finish()

    def _read_text(self, kind: str, step: str, chunk: Mapping[str, Any], place: _Place) -> None:
        name = _id(chunk.get("id"))
        if kind == TEXT and name.startswith(_FOR_WEB_PAGES):
            return
        key = (kind, place.path, place.depth, name)
        part = self._by_id.get(key)
        if step == "end":
            if part is not None:
                part.finish()
            return
        if step == "start":
            if part is not None and not part.done:
                part.restart()  # the same id again, without an end: the server sends the text again
                return
            self._add(key, GrowingPart(kind, place.depth, place.path, place.agent))
            return
        delta = chunk.get("delta")
        if not isinstance(delta, str):
            self._unreadable += 1
            return
        if part is None:
            part = self._add(key, GrowingPart(kind, place.depth, place.path, place.agent))
        part.grow(delta)

    def _read_tool(self, kind: str, chunk: Mapping[str, Any], place: _Place) -> None:
        call = _id(chunk.get("toolCallId"))
        path = place.path[:-1] if place.path[-1:] == (call,) else place.path  # a tool's own id ends its path
        key = (TOOL, path, place.depth, call)
        part = self._by_id.get(key)
        if part is None:
            part = self._add(key, GrowingPart(TOOL, place.depth, path, place.agent, call))
        elif kind == "tool-input-start":
            part.restart()
        part.read_tool(kind, chunk)

    def _close_texts(self, place: _Place) -> None:
        """A step begins or ends: its ids of texts may be used again for other texts."""
        for key, part in list(self._by_id.items()):
            if part.kind != TOOL and part.depth == place.depth and part.path == place.path:
                part.finish()
                del self._by_id[key]

    def _add(self, key: tuple[object, ...], part: GrowingPart) -> GrowingPart:
        """Add a part at the end. A part of a nested agent goes after the parts of the tool call that runs this agent."""
        self._middle = self._middle or (self._message is None and not self._parts and not self._earlier)
        self._by_id[key] = part
        place = len(self._parts)
        if part.path:
            root = part.path[0]
            inside = [n for n, each in enumerate(self._parts) if each.belongs_to(root)]
            place = inside[-1] + 1 if inside else place
        self._parts.insert(place, part)
        while len(self._parts) > MAX_PARTS:
            self._drop(self._parts.pop(0 if self._parts[0] is not part else 1))
        return part

    def _drop(self, part: GrowingPart) -> None:
        self._earlier += 1
        for key in [key for key, each in self._by_id.items() if each is part]:
            del self._by_id[key]


_TOOL_EVENTS: Final = frozenset(
    [
        *("tool-input-start", "tool-input-delta", "tool-input-available", "tool-input-error"),
        *("tool-output-available", "tool-output-error"),
    ]
)


def _unwrapped(event: Mapping[str, Any]) -> tuple[Mapping[str, Any], _Place]:
    """Return the event of a nested agent that an event carries, and its place; other events are returned as they are."""
    place = _Place()
    for level in range(1, _MAX_LEVEL + 1):
        data = event.get("data")
        if event.get("type") != _NESTED or not isinstance(data, Mapping):
            break
        chunk = data.get("chunk")
        if not isinstance(chunk, Mapping):
            return {}, place
        depth, path, agent = data.get("depth"), data.get("toolCallPath"), data.get("sourceToolName")
        known = isinstance(depth, int) and not isinstance(depth, bool)
        place = _Place(
            depth=min(_MAX_LEVEL, max(level, depth if known and isinstance(depth, int) else level)),
            path=tuple(_id(each) for each in path[:_MAX_LEVEL]) if isinstance(path, list) else place.path,
            agent=safe_name(agent[:MAX_ID]) if isinstance(agent, str) else place.agent,
        )
        event = chunk
    return event, place


def _id(value: Any) -> str:
    return value[:MAX_ID] if isinstance(value, str) else ""
