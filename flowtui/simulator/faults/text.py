"""Hostile text (control characters, markup, wide characters) in fields of runs and threads and in messages.

Each fault is `text(field, sample)`.
"""

from __future__ import annotations

from typing import Any, Final

from flowtui.simulator.faults.kinds import ALL, Fault
from flowtui.simulator.faults.rows import each
from flowtui.simulator.faults.text_everywhere import hostile_text

Record = dict[str, Any]

_TEXT_FIELDS: Final = ("text", "tool_name", "error_text")


def text(field: str, sample: str) -> Fault:
    """Return a fault that puts `sample` into a field: appended to an id, model or status, else as the whole value.

    `field`: a name or a path with dots, such as `tools.description`, the description of each tool. In a message, all texts
    get `sample` as well, unless the field is `id`.
    """

    def insert(row: Record) -> None:
        if row.get("object") == "thread.message" and field != "id":
            _change_message(row, sample)
        *parents, last = field.split(".")
        targets: list[Any] = [row]
        for name in parents:
            inner = [target.get(name) for target in targets if isinstance(target, dict)]
            targets = [item for value in inner for item in (value if isinstance(value, list) else [value])]
        for target in targets:
            if isinstance(target, dict):
                target[last] = (
                    f"{target.get(last, '')}{sample}" if last in {"id", "model", "status"} else sample
                )

    return each(insert, f"{field} holds {ascii(sample)[1:-1]}"[:90])


def _change_message(message: Record, sample: str) -> None:
    """Append `sample` to each text of a message; add it to arguments and results of tools, there also as a key."""
    content = message.get("content")
    items = content if isinstance(content, list) else []
    if isinstance(content, str):
        message["content"] = content + sample
    for part in (*items, *(message.get("parts") or ())):
        for name in _TEXT_FIELDS:
            if isinstance(part.get(name), str):
                part[name] += sample
        for name in ("args", "output", "data"):
            value = part.get(name)
            if isinstance(value, str):
                part[name] = value + sample
            elif isinstance(value, dict):
                part[name] = {**value, f"note{sample[:40]}": sample}


TEXT: Final[dict[str, Fault]] = {
    "text-escape": text("instructions", "first line\x1b[2J\x1b[Hsecond line"),
    "text-osc52": text("tools.description", "copies \x1b]52;c;cm0gLXJmIH4=\x07 to the clipboard"),
    "text-title": text("model", "\x1b]0;owned\x07"),
    "text-link": text("meta_data.customer", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\"),
    "text-c1": text("status", "\x9b31m"),
    "text-nul": text("meta_data.customer", "a\x00b\x7fc\x0ed"),
    "text-rtl": text("model", "\u202egnp.exe"),
    "text-zero-width": text("id", "\u200b\u2060\ufeff"),
    "text-combining": text("meta_data.customer", "a" + "\u0301" * 30),
    "text-crlf": text("model", "\r\nsecond"),
    "text-tab": text("model", "\tafter"),
    "text-markup": text("model", "[bold]"),
    "text-click": text("model", "[@click=app.quit]quit[/]"),
    "text-bad-markup": text("model", "x[/nope]y"),
    "text-markup-link": text("model", '[link="https://evil.example"]x[/link]'),
    "text-emoji": text("model", "👩‍👩‍👧‍👦🇩🇪ＷＩＤＥ漢字"),
    "text-long": text("model", "m" * 20_000),
    "text-private": text("model", "\ue000\U000f0000\u0378\ufffe"),
    "text-formula": text("meta_data.customer", '=HYPERLINK("https://evil.example")'),
    "text-id": text("id", "\x1b[2J|a,b\n::error::x"),
    "text-table": text("model", "|a|b|\n![x](https://evil.example/x.png)"),
    "text-command": text("model", "\n::error file=x::owned%0A"),
    "text-everywhere": each(
        hostile_text,
        "every string, ids too, holds control characters, markup and its field's name",
        scope=ALL,
    ),
}
"""These faults, by name on the command line."""
