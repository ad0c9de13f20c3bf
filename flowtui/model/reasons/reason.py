"""The reason of a failure: its text with `#` for numbers and ids, and where it came from. Pure."""

from __future__ import annotations

from hashlib import blake2s
from typing import Final, NamedTuple

from flowtui.model.reasons.folding import fold_text

VERSION: Final = 1
"""The version of the rules by which texts are folded. Reasons of different versions have different ids."""

_ID_BYTES: Final = 5


class Reason(NamedTuple):
    """Why runs failed. Two failures with the same cause have equal reasons."""

    text: str
    """The folded text, display-safe, on one line, such as `'tax_rate' is not in the order`."""
    source: str = ""
    """What failed, display-safe, such as `tool run_python`; "" if unknown."""
    version: int = VERSION
    """The version of the rules that folded the text."""
    hidden_id: str = ""
    """The id, if `--redact` has hidden the text, so that different reasons stay different; "" if the text is shown."""


def reason_of_failure(message: str, *, tool: str = "", exception: str = "") -> Reason:
    """Return the reason of one failure.

    `message` is its text, display-safe, of one or more lines. `tool` is the name of the tool that failed; "" if no tool
    did. `exception` is the type of the exception; "" if unknown.
    """
    source = f"tool {tool}" if tool else "model"
    return Reason(fold_text(message) or exception or "no message", source)


def refold(reason: Reason) -> Reason | None:
    """Return a reason of older rules folded by the present ones; None if it cannot be compared with newer reasons."""
    if reason.version > VERSION or reason.hidden_id:
        return None
    return reason._replace(text=fold_text(reason.text), version=VERSION)


def reason_id(reason: Reason, key: bytes = b"") -> str:
    """Return a short hash of a reason: ten hexadecimal digits.

    `key`: a secret of the installation, so that nobody can find a hidden text by hashing guesses; b"" for no secret. The
    id of a reason whose text is hidden was computed before that, with such a secret.
    """
    if reason.hidden_id:
        return reason.hidden_id
    told = "\0".join((str(reason.version), reason.source, reason.text))
    return blake2s(told.encode("utf-8", "replace"), digest_size=_ID_BYTES, key=key[:32]).hexdigest()
