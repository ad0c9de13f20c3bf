"""References to payloads that the server keeps elsewhere because they are large. Pure.

Documented fields: `object_id`, `size_bytes`, `mime_type`, `preview_text`, `truncated`, and `sha256`, which may be
missing. A reference stands in a field such as `output_ref`, and the field `output` is then null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flowtui import formatting

_DOCUMENTED: Final = frozenset({"object_id", "size_bytes", "mime_type", "preview_text"})


class PayloadRef(NamedTuple):
    """A reference to a payload."""

    note: str
    """The size of the payload, and whether the server cut its preview: `4.8 MB, cut by the server`."""
    preview: str
    """The beginning of the payload, raw; "" if there is none."""
    fields: dict[str, Any]
    """All other fields, raw."""


def payload_ref(raw: Mapping[str, Any], *names: str) -> PayloadRef | None:
    """Return the reference that replaces one of the fields `names` of a part: the first one in its documented shape.

    None if there is none; a reference of another shape is for the caller to show as it is.
    """
    for name in names:
        value = raw.get(f"{name}_ref")
        if isinstance(value, Mapping) and not _DOCUMENTED.isdisjoint(value):
            preview = value.get("preview_text")
            rest = {key: item for key, item in value.items() if key != "preview_text" and item is not None}
            return PayloadRef(_note(value), preview if isinstance(preview, str) else "", rest)
    return None


def _note(value: Mapping[str, Any]) -> str:
    size = value.get("size_bytes")
    words = ["of unknown size"]
    if isinstance(size, int) and not isinstance(size, bool) and size >= 0:
        words = [formatting.size(size)]
    if value.get("truncated") is True:
        words.append("cut by the server")
    if not value.get("preview_text"):
        words.append("no preview")
    return ", ".join(words)
