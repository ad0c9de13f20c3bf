"""Hints for error messages: which known name is most like a mistyped one.

Imports nothing of flowtui, so that every file may use it.
"""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(
    name: str, known: Iterable[str], *, prefix: str = "", rest: str = "", otherwise: str = ""
) -> str:
    """Return the question `Did you mean NAME?` with the known name that is most like `name`, regardless of case.

    `known`: the known names, which must be display-safe.
    `prefix`: what to put before the known name.
    `rest`: a sentence to put after the question.
    `otherwise`: returned if no known name is like `name`; if `otherwise` is empty, `rest` is returned.
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
