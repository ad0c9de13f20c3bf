"""Finds the ids that a user means by a part of one, such as the end that a table shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable

_CUT = "…."  # a part begins or ends with one of these where the rest of the id is left out
_MIDDLE = 4  # characters that a part from the middle of an id must have


def id_end(shown: str) -> str:
    """Return the end of an id that is shown as `…8f2c41d0`, without the sign before it."""
    return shown.removeprefix("…") or shown


def whole_part(part: str) -> str:
    """Return a part of an id without the dots that stand for the rest, as in `…8f2c41d0` and `run_8f…`."""
    return part.strip(_CUT) or part


def is_cut(part: str) -> bool:
    """Whether dots at the beginning or the end say that a text is only a part of an id."""
    return whole_part(part) != part


def matching_ids(part: str, ids: Iterable[str]) -> list[str]:
    """Return the ids that a user may mean by `part`, each once: an equal one alone, else all that have this part.

    The part may be the beginning or the end of an id, or at least 4 characters from its middle. After leading dots it is
    the end, before trailing dots the beginning. Capitals count as small letters, as in UUIDs.
    """
    known = list(dict.fromkeys(ids))
    if part in known:
        return [part]
    wanted = whole_part(part).casefold()
    at_end, at_begin = part[:1] in _CUT, part[-1:] in _CUT

    def fits(name: str) -> bool:
        folded = name.casefold()
        if at_end or at_begin:
            return (not at_end or folded.endswith(wanted)) and (not at_begin or folded.startswith(wanted))
        return (
            folded.startswith(wanted)
            or folded.endswith(wanted)
            or (len(wanted) >= _MIDDLE and wanted in folded)
        )

    return [name for name in known if fits(name)] if wanted else []
