"""The Overview, Instructions, Tools, Usage and Raw JSON tabs as lines. Pure.

The fields of the row are always known. The other fields are shown as `…` until the whole run is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flowtui import formatting
from flowtui.model.columns.columns import COLUMNS, findings, note
from flowtui.model.columns.context import Context, status_phrase
from flowtui.model.messages.opened import Opened
from flowtui.model.run import detail
from flowtui.model.run.json_tree import Path, json_rows
from flowtui.model.run.redacted import Redacted
from flowtui.model.run.row import FAILED, QUEUED, RUNNING, Run
from flowtui.model.run.span_facts import ShownTokens, shown_tokens
from flowtui.text import safe_text
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.messages_tab import folded_at_first, message_lines
from flowtui.ui.run.rendering import RenderContext, plain, tree_lines, trouble_lines
from flowtui.ui.run.tabs import MESSAGES, TOOLS
from flowtui.ui.run.timeline_tab import timeline_lines
from flowtui.ui.run.why_tab import why_lines
from flowtui.ui.widgets.line_pane import DocLine

_SCHEMAS: Final = frozenset({"parameters", "input_schema", "schema", "json_schema"})


def _is_schema(path: Path) -> bool:
    """Return whether a path is the schema of a tool. Schemas are long, so they start folded."""
    return len(path) == 2 and path[1] in _SCHEMAS


FOLDED_AT_FIRST: Final[Mapping[int, Callable[[Path], bool]]] = {TOOLS: _is_schema, MESSAGES: folded_at_first}
"""Tab → function that returns whether a path of this tab starts folded. In other tabs nothing starts folded."""

_TWO_COLUMNS_FROM = 80
_JOINTS = "/-"  # characters after which a model's name may be wrapped
_SHARE_BAR = 24  # cells


def detail_lines(tab: int, opened: Opened | None, render: RenderContext) -> list[DocLine]:
    """Return the lines of the tab with the index `tab` for the run `opened`; if it is None, `No run selected`."""
    if opened is None:
        return plain([ink.BLANK, ink.line(("No run selected", "dim"))])
    build: Callable[[], list[DocLine]] = (
        lambda: plain(_overview(opened, render)),
        lambda: _heavy(opened, render, _instructions),
        lambda: _heavy(opened, render, _tools),
        lambda: message_lines(opened.conversation, opened.run, render, live=opened.live),
        lambda: timeline_lines(opened, render),
        lambda: why_lines(opened.evidence, opened, findings(opened.run, render.context), render),
        lambda: plain(_usage(opened, render)),
        lambda: _diff(opened, render),
        lambda: _heavy(opened, render, _raw),
    )[tab]
    return build()


def _diff(opened: Opened, render: RenderContext) -> list[DocLine]:
    from flowtui.ui.run.diff_tab import diff_lines  # noqa: PLC0415  not needed for the first rows

    return diff_lines(opened, render)


def _heavy(
    opened: Opened, render: RenderContext, build: Callable[[dict[str, Any], RenderContext], list[DocLine]]
) -> list[DocLine]:
    if opened.raw is not None:
        return build(opened.raw, render)
    return plain(_trouble(opened, render.cells) or [ink.line(("Loading the whole run …", "dim"))])


def _trouble(opened: Opened, cells: int) -> list[Line]:
    return trouble_lines("The whole run", opened.trouble, cells) if opened.trouble else []


def summary(run: Run, context: Context, glyphs: Glyphs) -> Line:
    """Return one line with the run's status, how long it ran and waited, its tokens, and in what time it expires.

    A narrow table has no room for tokens, so they are here; unknown ones only once the run has ended.
    """
    spans = [Span(f"{glyphs.status[run.status_class]} {status_phrase(run)}", run.status_class)]
    local, seen = context.now - context.clock_offset, context.restored(run)
    context = context.as_known(run)
    now, zone = context.now, context.zone
    if seen is not None:
        spans.append(Span(f"  {formatting.as_of(seen, local, zone)}", "warn"))
    if run.status_class == RUNNING and run.started is not None:
        since = run.started - context.clock_offset  # from server time to the clock of this machine
        spans.append(Span(f"  since {formatting.clock(since, zone)}  {formatting.span(run.duration(now))}"))
    elif run.terminal and run.ended is not None:
        took = formatting.span(run.duration(now))
        spans.append(Span(f"  {formatting.span(now - run.ended)} ago  took {took}"))
    waited = run.wait(now)
    if waited is not None:
        word = "waits" if run.status_class == QUEUED else "waited"
        spans.append(Span(f"  {word} {formatting.span(waited)}", "dim"))
    tokens = COLUMNS["tokens"].text(run, context)
    if tokens != formatting.UNKNOWN or not run.active:
        spans.append(Span(f"  {tokens} tokens"))
    if run.active and run.expires is not None and run.expires > now:
        spans.append(Span(f"  expires in {formatting.span(run.expires - now)}", "dim"))
    return tuple(spans)


def remark(run: Run, context: Context, cells: int) -> list[Line]:
    """Return the run's note, as in the table, as wrapped lines; no lines if the run has no note."""
    role = "warn" if run.active else "bad" if run.status_class == FAILED else "other"
    said = note(run, context)
    return ink.paragraph(said, role, cells) if said else []


def _overview(opened: Opened, render: RenderContext) -> list[Line]:
    run, raw, context, cells = opened.run, opened.raw, render.context, render.cells
    agent = context.agents.get(run.agent_id, "")
    pairs = detail.overview(
        run, raw, agent=agent, now=context.now, zone=context.zone, facts=context.span_facts(run)
    )
    if raw is not None and (locked := _locked(run, context)):
        pairs = [(name, f"{text}  {locked}" if name == "thread_id" else text) for name, text in pairs]
    lines = [*ink.flow(summary(run, context, render.glyphs), cells), *remark(run, context, cells), ink.BLANK]
    lines += _trouble(opened, cells)
    lines += _columns(pairs, cells) if cells >= _TWO_COLUMNS_FROM else _column(pairs, cells)
    if raw is not None:
        lines += [ink.BLANK, *_preview(raw, cells)]
    return lines


def _locked(run: Run, context: Context) -> str:
    """Return a text saying that the run's thread is locked, and for how long if that is unusual; "" if it is not locked."""
    state = context.threads.get(run.thread_key)
    if state is None or not (run.active or (state.thread is not None and state.thread.locked)):
        return ""
    lock = state.lock(active=True if run.active else None)
    return lock.text(context.now - context.clock_offset, state.interval)


def _column(pairs: list[tuple[str, str]], cells: int) -> list[Line]:
    label_cells = max(len(label) for label, _ in pairs) + 2
    lines: list[Line] = []
    for label, text in pairs:
        role = "dim" if text in ("—", "…") or text.startswith("— ") else "text"
        head = ink.line((ink.fit(label, label_cells), "dim"))
        lines += ink.paragraph(text, role, cells, head, joints=_JOINTS)
    return lines


def _columns(pairs: list[tuple[str, str]], cells: int) -> list[Line]:
    """Return the pairs (label, text) in two columns: on the left those before `model`, on the right the others."""
    half = cells // 2
    middle = next(index for index, (label, _) in enumerate(pairs) if label == "model")
    left, right = _column(pairs[:middle], half - 2), _column(pairs[middle:], cells - half)
    return ink.side_by_side(left, right, half)


def _preview(raw: dict[str, Any], cells: int) -> list[Line]:
    """Return the first lines of the instructions and the names of the tools."""
    words = detail.instructions(raw)
    lines: list[Line] = []
    if words:
        wrapped = [part for text in words if text.strip() for part in ink.wrap(text, cells)]
        lines += [ink.line((part, "text")) for part in wrapped[:3]]
        size = sum(len(text) + 1 for text in words) - 1
        hidden = isinstance(raw.get("instructions"), Redacted)
        lines.append(ink.line(("instructions" if hidden else f"instructions: {size:,} characters", "dim")))
    tools = detail.tools(raw)
    names = [tool.name if tool.name == tool.type else f"{tool.type}({tool.name})" for tool in tools]
    if names:
        lines += [ink.BLANK, *ink.paragraph("tools  " + "  ".join(names), "text", cells)]
    return lines


def _instructions(raw: dict[str, Any], render: RenderContext) -> list[DocLine]:
    words = detail.instructions(raw)
    if not words:
        return plain([ink.line(("This run has no instructions of its own.", "dim"))])
    lines: list[Line] = []
    for text in words:
        role = "strong" if text.startswith("#") else "text"
        lines += ink.paragraph(text, role, render.cells)
    return plain(lines)


def _tools(raw: dict[str, Any], render: RenderContext) -> list[DocLine]:
    lines: list[DocLine] = []
    for index, tool in enumerate(detail.tools(raw)):
        path: Path = (index,)
        fold = path if tool.fields else None
        kind = f"  {tool.type}" if tool.type != tool.name else ""
        head = ink.line((f"{render.fold_sign(fold)} ", "dim"), (tool.name, "strong"), (kind, "accent"))
        lines.append(DocLine(head, fold))
        if path not in render.folds:
            for key, value in tool.fields.items():
                lines += tree_lines(json_rows(value, render.folds, (index, key), safe_text(key), 1), render)
    return lines or plain([ink.line(("This run has no tools.", "dim"))])


def _raw(raw: dict[str, Any], render: RenderContext) -> list[DocLine]:
    return tree_lines(json_rows(raw, render.folds), render)


def _usage(opened: Opened, render: RenderContext) -> list[Line]:
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
