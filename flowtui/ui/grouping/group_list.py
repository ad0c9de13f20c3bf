"""The list of groups beside the table: threads, agents, models or statuses, and "all". The cursor chooses one.

In a pane one line high it is a picker, in a wide one a table with totals. Only visible lines are computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style
from textual.geometry import Size
from textual.message import Message

from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Group, Grouping, keep_order
from flowtui.ui.grouping.columns import MIN_WIDTH, GroupTable
from flowtui.ui.grouping.rows import GroupEntry, entry_line, entry_of, picker_line
from flowtui.ui.keys import bindings
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.cursor_list import CursorList
from flowtui.ui.widgets.movement import clamp


class GroupList(CursorList[str | None]):
    """The groups, with a cursor on one of them or on "all". Their order is held while the user works in the list."""

    BINDINGS = [*bindings.bindings(bindings.THREADS), *bindings.bindings(bindings.PANE, "find")]  # noqa: RUF012  Textual's own form

    @dataclass
    class Chosen(CursorList.Chosen):
        """The user chose another group: its key, None for all."""

        key: str | None

    class RunsRequested(Message):
        """The user wants to go to the runs of the chosen group."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._grouping = Grouping()
        self._given: Sequence[Group] = ()
        self._groups: Sequence[Group] = ()
        self._snapshot: Snapshot | None = None
        self._now = 0.0
        self._table: GroupTable | None = None
        self._draw = self._line

    @property
    def chosen(self) -> str | None:
        """The key of the chosen group; None for all."""
        return self._grouping.member

    def follow(self, grouping: Grouping) -> None:
        """Change the grouping or the chosen group without posting `Chosen`."""
        if grouping.by != self._grouping.by:
            self._given = self._groups = ()
            self.scroll_home(animate=False, force=True, immediate=True)
        self._grouping = grouping
        self._lay_out()

    def show_groups(self, groups: Sequence[Group], snapshot: Snapshot | None, now: float) -> None:
        """Show these groups, the first of which is all runs together; `now` is in local epoch seconds."""
        self._snapshot, self._now = snapshot, now
        if groups is not self._given:
            held = self._groups if self.has_focus or self.is_mouse_over or self.chosen is not None else ()
            before, self._given = self._keys, groups
            self._groups = keep_order(groups, [group.key for group in held])
            if before != [group.key for group in self._groups] or self._table != self._wide():
                self._lay_out()
                return
        self.repaint()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lay_out()

    def _lay_out(self) -> None:
        """Choose between picker, list and table, and repaint everything."""
        self._keys = [group.key for group in self._groups]
        self._place = self._keys.index(self.chosen) if self.chosen in self._keys else 0
        self._table = self._wide()
        self._head = [] if self._table is None else [self._table.head()]
        self.virtual_size = Size(0, 1 if self.size.height <= 1 else len(self._groups) + len(self._head))
        self.refresh()

    def _wide(self) -> GroupTable | None:
        """Return the table that fits; None if there is no room for one."""
        wide = self.size.width >= MIN_WIDTH and self.size.height > 1 and bool(self._groups)
        return GroupTable.laid_out(list(map(self._entry, range(self.count))), self.cells) if wide else None

    def go(self, place: int) -> None:
        """Choose the group at `place`, or the nearest one."""
        if not self._groups:
            return
        key = self._groups[clamp(place, len(self._groups))].key
        if key != self.chosen:
            self._grouping = self._grouping._replace(member=key)
            self.post_message(self.Chosen(key))
        super().go(place)

    def choose(self, key: str | None) -> None:
        """Move the cursor to a group."""
        self.go(self._keys.index(key) if key in self._keys else 0)

    def action_open(self) -> None:
        """Go to the runs of the chosen group."""
        self.post_message(self.RunsRequested())

    def action_find(self) -> None:
        """Open the filter of the runs: the list itself has no search."""
        self.app.call_later(self.screen.run_action, "filter")

    def clicked(self, place: int, clicks: int) -> None:
        """Choose the group that was clicked."""
        del clicks
        if self.size.height > 1:
            self.go(place)

    # -- drawing -----------------------------------------------------------------------------------------------

    def _entry(self, place: int) -> GroupEntry:
        group = self._groups[place]
        if self._snapshot is None:
            return GroupEntry(group, self._grouping.by)
        return entry_of(group, self._grouping.by, self._snapshot, self._now, self.app.zone)

    def _line(self, place: int) -> Line:
        """Return the line of a group."""
        entry, chosen = self._entry(place), place == self.place
        if self._table is None:
            return entry_line(entry, self._now, self.cells, self.app.glyphs, chosen=chosen)
        snapshot = self._snapshot
        server_now = self._now if snapshot is None else snapshot.server_time(self._now)
        return self._table.line(entry, self._now, server_now, self.app.glyphs, chosen=chosen)

    def line_at(self, y: int, place: int) -> Line:
        """Return the line at `y` of the list, which is a picker if it has only one line."""
        if self.size.height > 1 or not self._groups:
            return super().line_at(y, place)
        entry, last = self._entry(self.place), len(self._groups) - 1
        return picker_line(entry, self.place, last, self._now, cells=self.cells, glyphs=self.app.glyphs)

    def cursor_style(self) -> Style:
        """Return the background of the chosen group's line; a picker has none."""
        return self.app.palette.cursor_row if self.size.height > 1 else Style.null()
