"""If FLOWTUI_DEV is 1, shows crashes with messages, source lines and local variables, for developers.

Writes to stderr, never to a file. The key is masked; text from a server is made display-safe.
"""

from __future__ import annotations

import os
import reprlib
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from flowtui.config import crash
from flowtui.config.key.environ import SEEKR_KEY
from flowtui.config.key.key import loaded_keys
from flowtui.source.http.key_mask import mask_text
from flowtui.text import safe_text, shorten

_MAX_CRASHES: Final = 3  # most crashes that are shown; later ones are mostly consequences of the first
_MAX_SHOWN: Final = 300  # most characters of one value
_MAX_SEARCHED: Final = 100_000  # characters; longer values are not searched for the key and not shown
_MAX_ITEMS: Final = 12  # most items of a list, dictionary or set
_MAX_FRAMES: Final = 100  # most frames of one exception; the innermost are shown
_KEY_PACKAGE: Final = "flowtui.config."
"""The package that reads keys. From its first frame on, no local variables are shown, nor the exception's message."""


@contextmanager
def shown_afterwards(environ: Mapping[str, str], say: Callable[[str], None]) -> Iterator[None]:
    """Collect the crashes that are reported inside the context. At its end, call `say` with the text of each.

    `environ` is searched for the key, so that the key can be masked in the texts.
    """
    errors: list[BaseException] = []

    def keep(error: BaseException) -> None:
        if len(errors) < _MAX_CRASHES and not any(error is known for known in errors):
            errors.append(error)

    with crash.report_listener(keep):
        yield
    keys = [*(key.get_secret_value() for key in loaded_keys()), environ.get(SEEKR_KEY, "").strip()]
    for error in errors:
        say("".join(f"{line}\n" for line in lines_of(error, keys)))


def lines_of(error: BaseException, keys: Iterable[str]) -> Iterator[str]:
    """Yield display-safe lines about an exception and the exceptions that led to it, with all `keys` masked.

    Of each exception the innermost call comes last.
    """
    keys = sorted(filter(None, keys), key=len, reverse=True)
    for one in crash.exception_chain(error):
        name = type(one).__name__
        yield f"Traceback of {name}, the innermost call last:"
        calls = list(traceback.walk_tb(one.__traceback__))
        places = traceback.StackSummary.extract(iter(calls), limit=len(calls))
        hidden = False
        for number, ((frame, _), place) in enumerate(zip(calls, places, strict=True), start=1):
            hidden = hidden or f"{frame.f_globals.get('__name__')}.".startswith(_KEY_PACKAGE)
            if number <= len(calls) - _MAX_FRAMES:
                continue
            yield _line("  ", f"{place.filename}:{place.lineno} in {place.name}", keys)
            yield _line("    ", place.line or "", keys)
            if not hidden:
                for local, value in list(frame.f_locals.items()):
                    yield _line(f"      {local} = ", _shown(value), keys)
        yield name if hidden else _line(f"{name}: ", _message(one), keys)


def _line(head: str, text: str, keys: Iterable[str]) -> str:
    """Return `head` and after it the text, display-safe and cut. Keys are masked before it is cut: no part of one remains."""
    if len(text) > _MAX_SEARCHED:
        return f"{head}<{len(text):,} characters>"
    for key in keys:
        text = mask_text(text, key)
    return head + shorten(safe_text(text), _MAX_SHOWN)


def _shown(value: object) -> str:
    try:
        text = _Shown().repr(value)
    except Exception as error:  # noqa: BLE001  the repr of an object that is not fully built may fail
        return f"<{type(value).__name__}: no repr, {type(error).__name__}>"
    return text if len(text) <= _MAX_SEARCHED else f"<{type(value).__name__}, {len(text):,} characters>"


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as other:  # noqa: BLE001  as above
        return f"<no message, {type(other).__name__}>"


class _Shown(reprlib.Repr):
    """Makes a repr that leaves out items of long containers but cuts no text, as only a whole key is found and masked."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = self.maxdeque = (
            _MAX_ITEMS
        )
        self.maxstring = self.maxother = self.maxlong = sys.maxsize

    def repr1(self, x: object, level: int) -> str:
        if isinstance(x, BaseException):  # its repr may hold data; messages are shown separately
            return f"<{type(x).__name__}>"
        if x is os.environ:
            return "<the environment>"
        return super().repr1(x, level)
