"""The formats of `watch`, a class for each. Only the one that is used is imported, so that the first request is sooner."""

from __future__ import annotations

from collections.abc import Mapping

from flowtui.watch.output.formats.format import Format, FormatContext


def make_format(output: str, stage: FormatContext) -> Format:
    """Return the format for a value of `-o`, which must not be `auto`: `choose` replaces that."""
    match output:
        case "tty":
            from flowtui.watch.output.formats.tty.tty import Tty  # noqa: PLC0415

            return Tty(stage)
        case "plain":
            from flowtui.watch.output.formats.plain import Plain  # noqa: PLC0415

            return Plain(stage)
        case "github":
            from flowtui.watch.output.formats.github import GitHub  # noqa: PLC0415

            return GitHub(stage)
        case "jsonl":
            from flowtui.watch.output.formats.json_lines import JsonLines  # noqa: PLC0415

            return JsonLines(stage)
        case "json":
            from flowtui.watch.output.formats.json_lines import JsonDocument  # noqa: PLC0415

            return JsonDocument(stage)
    return Format(stage)


def choose(output: str, environ: Mapping[str, str], *, on_terminal: bool) -> str:
    """Return the name of the format for a value of `-o`: that value, unless it is `auto`.

    For `auto` it is `tty` on a terminal that is not dumb, else `github` in GitHub Actions, else `plain`.
    """
    if output != "auto":
        return output
    if on_terminal and environ.get("TERM", "").strip().lower() not in ("", "dumb", "unknown"):
        return "tty"
    return "github" if environ.get("GITHUB_ACTIONS") == "true" else "plain"


__all__ = ["Format", "FormatContext", "choose", "make_format"]
