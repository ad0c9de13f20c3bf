"""The formats of `watch`, a class for each. Only the one that is used is imported, so that the first request is sooner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from flowtui.watch.output.formats.format import Format, FormatContext


def _tty(stage: FormatContext) -> Format:
    from flowtui.watch.output.formats.tty import Tty  # noqa: PLC0415

    return Tty(stage)


def _plain(stage: FormatContext) -> Format:
    from flowtui.watch.output.formats.plain import Plain  # noqa: PLC0415

    return Plain(stage)


def _jsonl(stage: FormatContext) -> Format:
    from flowtui.watch.output.formats.json_lines import JsonLines  # noqa: PLC0415

    return JsonLines(stage)


def _json(stage: FormatContext) -> Format:
    from flowtui.watch.output.formats.json_lines import JsonDocument  # noqa: PLC0415

    return JsonDocument(stage)


def _github(stage: FormatContext) -> Format:
    from flowtui.watch.output.formats.github import GitHub  # noqa: PLC0415

    return GitHub(stage)


def _none(stage: FormatContext) -> Format:
    from flowtui.watch.output.formats.silent import Silent  # noqa: PLC0415

    return Silent(stage)


FORMATS: Final[Mapping[str, Callable[[FormatContext], Format]]] = {
    "tty": _tty,
    "plain": _plain,
    "jsonl": _jsonl,
    "json": _json,
    "github": _github,
    "none": _none,
}
"""Value of `-o` -> function that makes the format. `auto` is not in it: `choose` replaces it."""


def choose(output: str, environ: Mapping[str, str], *, on_terminal: bool) -> str:
    """Return the name of the format for a value of `-o`: that value, unless it is `auto`.

    For `auto` it is `tty` on a terminal that is not dumb, else `github` in GitHub Actions, else `plain`.
    """
    if output != "auto":
        return output
    if on_terminal and environ.get("TERM", "").strip().lower() not in ("", "dumb", "unknown"):
        return "tty"
    return "github" if environ.get("GITHUB_ACTIONS") == "true" else "plain"


__all__ = ["FORMATS", "Format", "FormatContext", "choose"]
