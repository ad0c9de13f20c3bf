"""A group of runs as a part of a filter, for where another group is chosen already. Pure."""

from __future__ import annotations

from flowtui.model.columns.context import Context
from flowtui.model.language.tree import all_of
from flowtui.model.query.tree import Compare, written
from flowtui.model.view.groups import Grouping, name_of
from flowtui.model.view.view import filter_of


def in_group(text: str, group: Grouping, context: Context) -> str:
    """Return a filter that asks for the same as `text`, and for the runs of a group that has a member.

    A member that rows do not name (an unknown agent) cannot be asked for: the filter stays as it is.
    """
    key = group.member
    if not key:
        return text
    word = name_of("thread", key, context) if group.by == "thread" else key
    asked = Compare(group.by, "=", word)
    return written(all_of([filter_of(text)[0].tree, asked]) if text.strip() else asked)
