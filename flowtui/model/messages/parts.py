"""The parts of a message, each as a few display-safe lines, with the raw value for a foldable tree. Pure.

Accepts parts of any shape, and reads only as much as a pane can show; what is left out is counted. The value for a tree
is raw JSON, cut if it is huge: the code that draws the tree makes it display-safe.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from flowtui.model.messages.payload_ref import PayloadRef, payload_ref
from flowtui.model.run.json_body import decode
from flowtui.text import safe_lines, safe_text, shorten, shorten_counted

TEXT: Final = "text"
REASONING: Final = "reasoning"
TOOL_CALL: Final = "tool_call"
TOOL_RESULT: Final = "tool_result"
TOOL_ERROR: Final = "tool_error"
FILE: Final = "file"
DATA: Final = "data"
GUARDRAIL: Final = "guardrail"
OTHER: Final = "other"

MAX_TEXT: Final = 20_000
"""The most characters of one text that are read."""
MAX_LINES: Final = 1_000
MAX_NODES: Final = 2_000
"""The most values of one tree that are read."""
MAX_DEPTH: Final = 60
MAX_LEAF: Final = 4_000
"""The most characters of one text in a tree."""
MAX_BRIEF: Final = 600
"""The most characters of a value on one line."""
_MAX_NAME: Final = 200
_MAX_RULES: Final = 3  # guardrails that a title names
_MESSAGE_TEXT: Final = 60_000

_KINDS: Final = {
    "text": TEXT,
    "input-text": TEXT,
    "output-text": TEXT,
    "reasoning": REASONING,
    "thinking": REASONING,
    "tool-call": TOOL_CALL,
    "tool-result": TOOL_RESULT,
    "tool-error": TOOL_ERROR,
    "file": FILE,
    "input-file": FILE,
    "image": FILE,
    "input-image": FILE,
    "data": DATA,
    "output-guardrail": GUARDRAIL,
    "guardrail": GUARDRAIL,
}


class Part(NamedTuple):
    """One part of a message."""

    kind: str
    """One of the constants above, such as TEXT."""
    title: str = ""
    """The name of a tool or file, the kind of data, the names of guardrails, or an unknown type; else ""."""
    lines: tuple[str, ...] = ()
    """The content, display-safe."""
    value: Any = None
    """Raw JSON that is shown as a foldable tree below the lines; None if there is none."""
    error: bool = False
    """Whether a tool call failed."""
    call: str = ""
    """The raw id that connects a tool call with its results; "" if there is none."""
    left_out: int = 0
    """The number of characters that `lines` leaves out."""
    note: str = ""
    """If `lines` is only a preview of what the server keeps elsewhere: its size, and whether it is cut. Else ""."""


class CharacterBudget:
    """How many more characters of one message may be read."""

    def __init__(self) -> None:
        self.left = _MESSAGE_TEXT

    def take(self, wanted: int) -> int:
        """Return how many of `wanted` characters may be read."""
        granted = min(wanted, self.left)
        self.left -= granted
        return granted


def parse_part(raw: Any, budget: CharacterBudget) -> Part:
    """Return the part for a value of any type."""
    if isinstance(raw, str):
        return _text_of(TEXT, raw, budget)
    if not isinstance(raw, Mapping):
        return Part(OTHER, "", (brief(raw),), _tree(raw))
    word = raw.get("type")
    kind = _KINDS.get(word.replace("_", "-").casefold()) if isinstance(word, str) else None
    if kind is None and word is None and isinstance(raw.get("text"), str):
        kind = TEXT
    build = _BUILDERS.get(kind or OTHER, _other)
    return build(kind or OTHER, raw, budget)


def _text_part(kind: str, raw: Mapping[str, Any], budget: CharacterBudget) -> Part:
    text = _first(raw, "text", "content")
    if text is None and (ref := payload_ref(raw, "text", "content")) is not None:
        return _preview(Part(kind), ref, budget)
    return _text_of(kind, text, budget)


def _preview(part: Part, ref: PayloadRef, budget: CharacterBudget) -> Part:
    """Return the part with a reference as its content: the preview, with the other fields as a tree."""
    lines, left_out = cut_lines(ref.preview, budget)
    return part._replace(lines=lines, left_out=left_out, note=ref.note, value=_tree(ref.fields))


def _guardrail(kind: str, raw: Mapping[str, Any], budget: CharacterBudget) -> Part:
    """Return a guardrail's output, in the official SDK {text, guardrail: object[]}, titled by the names of the objects."""
    rules = raw.get("guardrail")
    names = [
        _name(_first(rule, "name", "guardrail", "type"))
        for rule in (rules[:_MAX_RULES] if isinstance(rules, list) else ())
        if isinstance(rule, Mapping)
    ]
    said = _text_of(kind, raw.get("text"), budget)
    return said._replace(title=", ".join(name for name in names if name), value=_tree(rules))


def _data(kind: str, raw: Mapping[str, Any], budget: CharacterBudget) -> Part:
    if raw.get("data") is None and (ref := payload_ref(raw, "data")) is not None:
        return _preview(Part(kind, _name(raw.get("data_type"))), ref, budget)
    value = bounded(_first(raw, "data", "data_ref"))
    return Part(kind, _name(raw.get("data_type")), (brief(value),), _tree(value))


def _other(kind: str, raw: Mapping[str, Any], _budget: CharacterBudget) -> Part:
    rest = {key: item for key, item in raw.items() if key not in ("id", "type")}
    return Part(kind, _name(raw.get("type")) or "part", (brief(rest),), _tree(rest))


def _text_of(kind: str, value: Any, budget: CharacterBudget) -> Part:
    if isinstance(value, Mapping) and isinstance(value.get("value"), str):
        value = value["value"]
    if value is not None and not isinstance(value, str):
        return Part(kind, "", (brief(value),), _tree(value))
    lines, left_out = cut_lines(value or "", budget)
    return Part(kind, "", lines, left_out=left_out)


def _call(kind: str, raw: Mapping[str, Any], budget: CharacterBudget) -> Part:
    args = _decoded(_first(raw, "args", "input", "arguments"))
    if args is None:
        if (ref := payload_ref(raw, "args", "input")) is not None:
            return _preview(Part(kind, _name(raw.get("tool_name")) or "tool", call=_id(raw)), ref, budget)
        args = {name: raw[name] for name in ("args_ref", "input_ref") if raw.get(name) is not None}
    args = bounded(args)
    if isinstance(args, dict):
        said = ", ".join(f"{safe_text(key)}={brief(item)}" for key, item in list(args.items())[:20])
    else:
        said = brief(args)
    return Part(kind, _name(raw.get("tool_name")) or "tool", (said[:MAX_BRIEF],), _tree(args), call=_id(raw))


def _result(kind: str, raw: Mapping[str, Any], budget: CharacterBudget) -> Part:
    error = kind == TOOL_ERROR or raw.get("is_error") is True
    output = _decoded(_first(raw, "output", "content", "result"))
    error_text = raw.get("error_text")
    name = _name(raw.get("tool_name"))
    has_error_text = isinstance(error_text, str) and error_text.strip()
    ref = payload_ref(raw, "output") if output is None and not has_error_text else None
    if ref is not None:
        return _preview(Part(kind, name, error=error, call=_id(raw)), ref, budget)
    if output is None and raw.get("output_ref") is not None:
        output = {"output_ref": raw["output_ref"]}
    if isinstance(error_text, str) and error_text.strip():
        lines, left_out = cut_lines(error_text, budget)
        return Part(kind, name, lines, _tree(bounded(output)), error=error, call=_id(raw), left_out=left_out)
    if isinstance(output, str):
        lines, left_out = cut_lines(output, budget)
        return Part(kind, name, lines, error=error, call=_id(raw), left_out=left_out)
    value = bounded(output)
    lines = () if value is None and error else (brief(value),)
    return Part(kind, name, lines, _tree(value), error=error, call=_id(raw))


def _file(kind: str, raw: Mapping[str, Any], _budget: CharacterBudget) -> Part:
    labels = raw.get("metadata")
    names = [*(labels.get(key) for key in ("filename", "name") if isinstance(labels, Mapping))]
    names += [raw.get(key) for key in ("filename", "name", "file_id", "url", "image_url")]
    name = next((name for name in names if isinstance(name, str) and name.strip()), "")
    said = [raw.get(key) for key in ("mime_type", "file_id", "url", "detail")]
    detail_texts = [
        safe_text(word[:MAX_BRIEF])
        for word in said
        if isinstance(word, str) and word.strip() and word != name
    ]
    value = bounded(
        {key: item for key, item in raw.items() if key not in ("id", "type") and item is not None}
    )
    return Part(kind, _name(name) or "file", ("  ".join(detail_texts),), _tree(value))


_BUILDERS: Final[dict[str, Callable[[str, Mapping[str, Any], CharacterBudget], Part]]] = {
    TEXT: _text_part,
    REASONING: _text_part,
    TOOL_CALL: _call,
    TOOL_RESULT: _result,
    TOOL_ERROR: _result,
    FILE: _file,
    DATA: _data,
    GUARDRAIL: _guardrail,
}


def cut_lines(text: str, budget: CharacterBudget) -> tuple[tuple[str, ...], int]:
    """Return a text as display-safe lines without blank ones at its ends, and how many characters are left out."""
    read = text[: budget.take(min(len(text), MAX_TEXT))]
    lines = safe_lines(read)
    left_out = len(text) - len(read)
    if len(lines) > MAX_LINES:
        left_out += sum(len(line) + 1 for line in lines[MAX_LINES:])
        del lines[MAX_LINES:]
    while lines and not lines[-1].strip():
        lines.pop()
    while lines and not lines[0].strip():
        del lines[0]
    return tuple(lines), left_out


def brief(value: Any) -> str:
    """Return a JSON value on one display-safe line, cut if it is long."""
    text = json.dumps(bounded(value), ensure_ascii=False, default=str)
    return safe_text(shorten(text, MAX_BRIEF))


def bounded(value: Any) -> Any:
    """Return a JSON value that is small enough to draw; cut places say how much is left out."""
    return _Pruning().of(value, 0)


class _Pruning:
    def __init__(self) -> None:
        self.nodes = MAX_NODES
        self.text = MAX_TEXT

    def of(self, value: Any, depth: int) -> Any:
        self.nodes -= 1
        if isinstance(value, str):
            return self._cut(value)
        if not isinstance(value, Mapping | list | tuple) or not value:
            return value
        if depth >= MAX_DEPTH:
            return f"… {len(value):,} more, nested deeper"
        if isinstance(value, Mapping):
            fields: dict[str, Any] = {}
            for place, (key, item) in enumerate(value.items()):
                if self.nodes <= 0 or self.text <= 0:
                    fields["…"] = f"… {len(value) - place:,} more fields"
                    break
                fields[self._key(str(key), fields)] = self.of(item, depth + 1)
            return fields
        items: list[Any] = []
        for place, item in enumerate(value):
            if self.nodes <= 0 or self.text <= 0:
                items.append(f"… {len(value) - place:,} more items")
                break
            items.append(self.of(item, depth + 1))
        return items

    def _cut(self, text: str) -> str:
        most = max(0, min(MAX_LEAF, self.text))
        self.text -= min(len(text), most)
        return shorten_counted(text, most)

    def _key(self, key: str, fields: dict[str, Any]) -> str:
        self.text -= min(len(key), _MAX_NAME)
        if len(key) <= _MAX_NAME:
            return key
        short = f"{key[:_MAX_NAME]}…"
        return f"{short}{len(fields)}" if short in fields else short


def _tree(value: Any) -> Any:
    """Return the value for a foldable tree: a non-empty object or array; None for other values."""
    return bounded(value) if isinstance(value, dict | list) and value else None


def _decoded(value: Any) -> Any:
    """Return the object or array that a text contains as JSON; the text itself if it contains none."""
    if isinstance(value, str) and len(value) <= MAX_TEXT and value.lstrip()[:1] in ("{", "["):
        found, error = decode(value.encode("utf-8", "replace"))
        return value if error is not None else found
    return value


def _first(raw: Mapping[str, Any], *names: str) -> Any:
    return next((raw[name] for name in names if raw.get(name) is not None), None)


def _id(raw: Mapping[str, Any]) -> str:
    value = raw.get("tool_call_id")
    return value if isinstance(value, str) else ""


def _name(value: Any) -> str:
    """Return a name on one line; "" if there is none."""
    if value is None or value == "":
        return ""
    text = value if isinstance(value, str) else json.dumps(bounded(value), ensure_ascii=False, default=str)
    return safe_text(shorten(text, _MAX_NAME)).strip()
