"""The brief as Markdown that GitHub and Slack take: sentences as a list, tables as code. Pure."""

from __future__ import annotations

from datetime import tzinfo

from flowtui.model.answers.brief.brief import Brief
from flowtui.model.answers.brief.remarks import Named, open_words, rest_words, title_words
from flowtui.model.answers.brief.wording import Told, told
from flowtui.model.export.brief.sections import sections
from flowtui.model.export.brief.text import WIDTH, table_lines
from flowtui.model.export.markdown import fenced, literal


def brief_markdown(brief: Brief, named: Named, zone: tzinfo | None, remark: str = "") -> str:
    """Return the brief as Markdown. `remark`: where the runs come from."""
    lines = [f"**Brief: {literal(title_words(named, zone))}**", ""]
    lines += [_item(told(one, brief.data, zone)) for one in brief.sentences]
    for section in sections(brief, zone):
        said = f" {literal(section.remark)}" if section.remark else ""
        below = [section.below] if section.below else []
        table = [*table_lines(section.cells, WIDTH), *below]
        lines += ["", f"**{literal(section.title)}**{said}", *fenced(table, "text")]
    active, longer = open_words(brief)
    last = f"Still open: {active}{f'; {longer}' if longer else ''}"
    lines += ["", literal(last), "", literal(rest_words(brief))]
    if remark:
        lines += ["", literal(remark)]
    return "".join(f"{line}\n" for line in lines)


def _item(one: Told) -> str:
    when = f", {literal(one.when)}" if one.when else ""
    return f"- **{literal(one.head)}**{when}: {'; '.join(map(literal, (one.number, *one.remarks)))}"
