"""The stand-in for what is hidden on request: it reads neither as unknown nor as empty. Pure; knows no field.

It remembers whether two hidden values are alike, and nothing else of them: comparisons stay true without a word of
what they compare.
"""

from __future__ import annotations

from typing import Any, Final, Self

REDACTED: Final = "[redacted]"
"""What stands for something that is there and not to be shown."""


class Redacted(str):
    """The stand-in as a JSON text. `digest` is equal for values that mean the same, "" where that cannot be told."""

    __slots__ = ("digest",)

    def __new__(cls, digest: str = "") -> Self:
        """Return the stand-in for a value with this digest."""
        made = super().__new__(cls, REDACTED)
        made.digest = digest
        return made

    digest: str


class RedactedRun(dict[str, Any]):
    """A raw run without what is private. `config` is the fingerprint that the whole one has."""

    __slots__ = ("config",)

    def __init__(self, fields: dict[str, Any], config: str) -> None:
        super().__init__(fields)
        self.config = config

    config: str
