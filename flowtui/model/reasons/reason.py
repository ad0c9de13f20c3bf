"""The reason of a failure: its text with `#` for numbers and ids, and where it came from. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

VERSION: Final = 1
"""The version of the rules by which texts are folded. Reasons of different versions have different ids."""

SOME_TOOL: Final = "tool"
"""The source of a failure in a tool without a known name."""

_ID_BYTES: Final = 5


class Reason(NamedTuple):
    """Why runs failed. Two failures with the same cause have equal reasons."""

    text: str
    """The folded text, display-safe, on one line, such as `'tax_rate' is not in the order`."""
    source: str = ""
    """What failed, display-safe, such as `tool run_python`, `tool` or `model`; "" if unknown."""
    version: int = VERSION
    """The version of the rules that folded the text."""
    hidden_id: str = ""
    """The id, if `--redact` has hidden the text, so that different reasons stay different; "" if the text is shown.

    Two hidden reasons with the same id are equal, though the history knows less of what may be shown than the evidence does.
    """

    def __eq__(self, other: object) -> bool:
        if self.hidden_id and isinstance(other, Reason):
            return self.hidden_id == other.hidden_id
        return tuple.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.hidden_id) if self.hidden_id else tuple.__hash__(self)


def reason_of_failure(message: str, *, tool: str = "", exception: str = "") -> Reason:
    """Return the reason of one failure.

    `message` is its text, display-safe, of one or more lines. `tool` is the name of the tool that failed; "" if no tool
    did, `tool` if its name is unknown. `exception` is the class of the exception; "" if unknown. The class is in the
    text only where the message alone does not say what happened, since the same failure may be told with and without it.
    """
    from flowtui.model.reasons.folding import fold, fold_text  # noqa: PLC0415  its patterns take 100 ms to compile
    from flowtui.model.reasons.prefixes import adds, last_name  # noqa: PLC0415

    known = "" if tool == SOME_TOOL else tool
    found = fold(message, known)
    name = last_name(exception) if exception else ""
    text = found.text
    if not text:
        text = fold_text(name) or "no message"
    elif name and name != text and adds(name, text):
        text = fold_text(f"{name}: {text}")
    named = known or found.tool
    is_tool = bool(tool) or found.is_tool
    return Reason(text, f"tool {named}" if named else SOME_TOOL if is_tool else "model")


def refold(reason: Reason) -> Reason | None:
    """Return a reason of older rules folded by the present ones; None if it cannot be compared with newer reasons."""
    if reason.version > VERSION or reason.hidden_id:
        return None
    from flowtui.model.reasons.folding import fold_text  # noqa: PLC0415  see above

    return reason._replace(text=fold_text(reason.text), version=VERSION)


def reason_id(reason: Reason, key: bytes = b"") -> str:
    """Return a short hash of a reason: ten hexadecimal digits.

    `key`: a secret of the installation, so that nobody can find a hidden text by hashing guesses; b"" for no secret. The
    id of a reason whose text is hidden was computed before that, with such a secret.
    """
    if reason.hidden_id:
        return reason.hidden_id
    from hashlib import blake2s  # noqa: PLC0415  takes 3 ms

    told = "\0".join((str(reason.version), reason.source, reason.text))
    return blake2s(told.encode("utf-8", "replace"), digest_size=_ID_BYTES, key=key[:32]).hexdigest()
