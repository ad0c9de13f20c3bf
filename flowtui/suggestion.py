"""Hints for error messages: which known name is most like a mistyped one.

Imports nothing of flowtui, so that every file may use it.
"""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(
    name: str, known: Iterable[str], *, prefix: str = "", rest: str = "", otherwise: str = ""
) -> str:
    """Return a hint such as `Did you mean status?` with the known name that is most like `name`.

    Upper and lower case count as the same. `prefix` is put before the known name, `rest` after the question. If no
    known name is like `name`, returns `otherwise`, or `rest` if `otherwise` is empty.

    The known names must be display-safe.
    """
    from difflib import get_close_matches  # noqa: PLC0415  only after a mistake

    by_folded: dict[str, str] = {}
    for each in known:
        by_folded.setdefault(each.casefold(), each)
    near = get_close_matches(name.casefold(), list(by_folded), n=1)
    if not near:
        return otherwise or rest
    hint = f"Did you mean {prefix}{by_folded[near[0]]}?"
    return f"{hint} {rest}" if rest else hint
