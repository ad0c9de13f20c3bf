"""The Usage tab: the tokens of a run, and of which step. Pure."""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.model.messages.opened import Opened
from flowtui.model.run.row import Run
from flowtui.model.run.span_facts import ShownTokens, shown_tokens
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.run.rendering import RenderContext

_SHARE_BAR: Final = 24  # cells


def usage_lines(opened: Opened, render: RenderContext) -> list[Line]:
    """Return the lines of the Usage tab."""
    run, raw = opened.run, opened.raw
    found = shown_tokens(run, render.context.span_facts(run))
    whole = found.total
    lines: list[Line] = []
    for name, tokens in (("prompt", found.prompt), ("completion", found.completion), ("total", whole)):
        more: list[tuple[str, str]] = []
        if tokens is not None and whole and name != "total" and 0 <= tokens <= whole:
            filled = round(tokens / whole * _SHARE_BAR)
            rest = render.glyphs.track * (_SHARE_BAR - filled)
            more = [("   ", "text"), (render.glyphs.bar * filled, "bar"), (rest, "track")]
            more.append((f" {tokens / whole:.0%}", "dim"))
        number = formatting.count(tokens) + ("+" if found.at_least and tokens is not None else "")
        lines.append(_number(name, number, "strong", *more))
    seconds = run.duration(render.context.now)
    pace = whole / seconds if whole is not None and seconds else None
    lines += [ink.BLANK, _number("tokens/s", "—" if pace is None else f"{pace:,.1f}", "text")]
    limit = raw.get("max_completion_tokens") if raw is not None else None
    if isinstance(limit, int) and limit > 0 and found.completion is not None:
        whose = (f"   max_completion_tokens {formatting.count(limit)}", "dim")
        lines.append(_number("of the limit", f"{found.completion / limit:.0%}", "text", whose))
    lines += [ink.BLANK, *ink.paragraph(_usage_remark(run, found), "dim", render.cells)]
    return lines


def _number(name: str, number: str, role: str, *more: tuple[str, str]) -> Line:
    return ink.line((ink.fit(name, 14), "dim"), (ink.fit(number, 14, "right"), role), *more)


def _usage_remark(run: Run, found: ShownTokens) -> str:
    if found.at_least:
        when = "when the run has ended" if run.active else "for most runs, but not for this one"
        return f"From spans, as far as they were read. The API reports usage {when}."
    if found.prompt is None and found.completion is None and found.total is None:
        return "The API has not reported usage for this run" + (" yet." if run.active else ".")
    return "The run is still counting." if run.active else "Totals of the whole run, as the API reports them."
