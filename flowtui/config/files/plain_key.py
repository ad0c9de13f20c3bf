"""Keeps API keys and other secrets out of tracebacks that print local variables."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar

from flowtui.errors import ConfigError

P = ParamSpec("P")
T = TypeVar("T")


class Secret(Protocol):
    """A key or another secret. `PlainKey` is one, `SecretStr` of pydantic another."""

    def get_secret_value(self) -> str:
        """Return the secret."""


class PlainKey:
    """An API key or another secret, whose repr hides it.

    `SecretStr` of pydantic hides one as well, but takes 50 ms to import.
    """

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "PlainKey(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainKey) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)

    def get_secret_value(self) -> str:
        """Return the secret."""
        return self._key


def without_inner_frames(call: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function so that the traceback of its ConfigErrors lacks inner calls: their locals may hold a key."""

    @wraps(call)
    def guarded(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return call(*arguments, **named)
        except ConfigError as error:
            failure = ConfigError(error.message, hint=error.hint)
        raise failure

    return guarded
