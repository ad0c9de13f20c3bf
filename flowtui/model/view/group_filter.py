"""Adds a group to a filter as a condition, for a view in which a group of another kind is chosen already."""

from __future__ import annotations

from flowtui.model.columns.context import Context
from flowtui.model.language.tree import all_of
from flowtui.model.query.tree import Compare, written
from flowtui.model.view.groups import Grouping, group_name
from flowtui.model.view.view import filter_of


def in_group(text: str, group: Grouping, context: Context) -> str:
    """Return the filter `text` narrowed to the runs of `group`.

    The filter is returned unchanged if no group is chosen, or if the chosen group consists of the runs without an agent
    or model.
    """
    key = group.member
    if not key:
        return text
    word = group_name("thread", key, context) if group.by == "thread" else key
    asked = Compare(group.by, "=", word)
    return written(all_of([filter_of(text)[0].tree, asked]) if text.strip() else asked)
