"""The replacement for values that `--redact` hides. It differs from unknown and from empty values. Pure.

Only a keyed digest of the hidden value is kept, so that it can be compared with others. `model/messages/redaction.py`
decides which values are hidden.
"""

from __future__ import annotations

from typing import Any, Final, Self

REDACTED: Final = "[redacted]"
"""The text shown for a hidden value."""


class Redacted(str):
    """Replaces a hidden value in JSON.

    `digest` is equal for hidden values of the same meaning. It is "" if the hidden value cannot be compared.
    """

    __slots__ = ("digest",)

    def __new__(cls, digest: str = "") -> Self:
        """Return the replacement for a value with this digest."""
        made = super().__new__(cls, REDACTED)
        made.digest = digest
        return made

    digest: str


class RedactedRun(dict[str, Any]):
    """A raw run with its private values hidden. `config` is the fingerprint of its configuration before hiding."""

    __slots__ = ("config",)

    def __init__(self, fields: dict[str, Any], config: str) -> None:
        super().__init__(fields)
        self.config = config

    config: str
