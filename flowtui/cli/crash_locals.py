"""A crash as a developer may see it: messages, source lines and local variables. Only where FLOWTUI_DEV is 1.

Goes to stderr and never into a file of ours. The key is masked in it; what a server wrote is made display-safe.
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
from flowtui.config.key.key import loaded_keys
from flowtui.config.key.keyless import SEEKR_KEY
from flowtui.source.http.key_mask import mask_text
from flowtui.text import safe_text

_MOST: Final = 3  # crashes that are shown: those that follow come of the first
_LONGEST: Final = 300  # characters of one value
_WHOLE: Final = (
    100_000  # characters of a value in which the key is looked for; of a longer one only its length is shown
)
_ITEMS: Final = 12  # of a list, dictionary or set
_FRAMES: Final = 100  # of one exception, the innermost
_READS_KEYS: Final = "flowtui.config."
"""The package that reads keys, and knows them before they are loaded: from its frames on, no locals and no message."""


@contextmanager
def shown_afterwards(environ: Mapping[str, str], say: Callable[[str], None]) -> Iterator[None]:
    """Say the crashes that are reported meanwhile, with their locals, at the end. `environ` may hold the key."""
    errors: list[BaseException] = []

    def keep(error: BaseException) -> None:
        if len(errors) < _MOST and not any(error is known for known in errors):
            errors.append(error)

    with crash.heard_by(keep):
        yield
    keys = [*(key.get_secret_value() for key in loaded_keys()), environ.get(SEEKR_KEY, "").strip()]
    for error in errors:
        say("".join(f"{line}\n" for line in lines_of(error, keys)))


def lines_of(error: BaseException, keys: Iterable[str]) -> Iterator[str]:
    """Yield an exception and those behind it as display-safe lines without any of the keys; the innermost call last."""
    keys = sorted(filter(None, keys), key=len, reverse=True)
    for one in crash.with_causes(error):
        name = type(one).__name__
        yield f"Traceback of {name}, the innermost call last:"
        calls = list(traceback.walk_tb(one.__traceback__))
        places = traceback.StackSummary.extract(iter(calls), limit=len(calls))
        hidden = False
        for number, ((frame, _), place) in enumerate(zip(calls, places, strict=True), start=1):
            hidden = hidden or f"{frame.f_globals.get('__name__')}.".startswith(_READS_KEYS)
            if number <= len(calls) - _FRAMES:
                continue
            yield _line("  ", f"{place.filename}:{place.lineno} in {place.name}", keys)
            yield _line("    ", place.line or "", keys)
            if not hidden:
                for local, value in list(frame.f_locals.items()):
                    yield _line(f"      {local} = ", _shown(value), keys)
        yield name if hidden else _line(f"{name}: ", _message(one), keys)


def _line(head: str, text: str, keys: Iterable[str]) -> str:
    """Return a line: the text first without the keys, then display-safe, then cut, so that no part of a key is left."""
    if len(text) > _WHOLE:
        return f"{head}<{len(text):,} characters>"
    for key in keys:
        text = mask_text(text, key)
    text = safe_text(text)
    return head + (text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")


def _shown(value: object) -> str:
    try:
        text = _Shown().repr(value)
    except Exception as error:  # noqa: BLE001  an object half made may fail to describe itself
        return f"<{type(value).__name__}: no repr, {type(error).__name__}>"
    return text if len(text) <= _WHOLE else f"<{type(value).__name__}, {len(text):,} characters>"


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as other:  # noqa: BLE001  as above
        return f"<no message, {type(other).__name__}>"


class _Shown(reprlib.Repr):
    """The repr of a value: few items of a container, but whole texts, as half a key would not be recognised."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = self.maxdeque = _ITEMS
        self.maxstring = self.maxother = self.maxlong = sys.maxsize

    def repr1(self, x: object, level: int) -> str:
        if isinstance(x, BaseException):  # some hold the data that they failed on; messages are shown anyway
            return f"<{type(x).__name__}>"
        if x is os.environ:
            return "<the environment>"
        return super().repr1(x, level)
