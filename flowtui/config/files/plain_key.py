"""A key that stands in a config file, on its way to `key.py`; and errors that leave no frame behind in which one stands.

Tools that print what functions hold (tracebacks with locals) must find no key: not in a value, not in a caller's frame.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flowtui.errors import ConfigError

P = ParamSpec("P")
T = TypeVar("T")


class PlainKey:
    """A key that shows nothing of itself."""

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "PlainKey(***)"

    def open(self) -> str:
        """Return the key."""
        return self._key


def without_inner_frames(call: Callable[P, T]) -> Callable[P, T]:
    """Return a function whose ConfigErrors come without the frames of what it called, in which a key may stand."""

    @wraps(call)
    def guarded(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return call(*arguments, **named)
        except ConfigError as error:
            failure = ConfigError(error.message, hint=error.hint)
        raise failure

    return guarded
