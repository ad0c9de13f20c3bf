"""Keeps an API key from a config file out of tracebacks that print local variables."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flowtui.errors import ConfigError

P = ParamSpec("P")
T = TypeVar("T")


class PlainKey:
    """An API key whose repr hides it."""

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "PlainKey(***)"

    def reveal(self) -> str:
        """Return the key."""
        return self._key

    get_secret_value = reveal
    """As `SecretStr` of pydantic names it."""


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
