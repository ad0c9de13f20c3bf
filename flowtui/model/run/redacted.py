"""The placeholder for values that `--redact` hides. It differs from unknown and from empty values. Pure; knows no fields.

Keeps only a keyed digest of the hidden value, so that comparisons still work.
"""

from __future__ import annotations

from typing import Any, Final, Self

REDACTED: Final = "[redacted]"
"""The text shown for a hidden value."""


class Redacted(str):
    """The placeholder as a JSON string. `digest` is equal for values with the same meaning; "" if it is unknown."""

    __slots__ = ("digest",)

    def __new__(cls, digest: str = "") -> Self:
        """Return the placeholder for a value with this digest."""
        made = super().__new__(cls, REDACTED)
        made.digest = digest
        return made

    digest: str


class RedactedRun(dict[str, Any]):
    """A raw run with its private values hidden. `config` is the fingerprint of the original run."""

    __slots__ = ("config",)

    def __init__(self, fields: dict[str, Any], config: str) -> None:
        super().__init__(fields)
        self.config = config

    config: str
