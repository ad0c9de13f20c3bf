"""The list of groups beside the table: threads, models or statuses, and "all". The cursor chooses one.

In a pane one line high it is a picker, in a wide one a table with totals. Without the focus, threads at rest are one line.
Only visible lines are computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style
from textual.geometry import Size
from textual.message import Message

from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import By, Group, Grouping, keep_order
from flowtui.ui.grouping.columns import MIN_WIDTH, GroupTable
from flowtui.ui.grouping.rows import GroupEntry, count_widths, entry_line, entry_of, has_news, picker_line
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.cursor_list import CursorList
from flowtui.ui.widgets.movement import clamp


class GroupList(CursorList[str | None]):
    """The groups, with a cursor on one of them or on "all". Their order is held while the user works in the list."""

    BINDINGS = [*bindings.bindings(bindings.THREADS), *bindings.bindings(bindings.PANE, "find")]  # noqa: RUF012  Textual's own form

    @dataclass
    class Chosen(CursorList.Chosen):
        """The user chose another group: what the list groups by, and the key; None for all."""

        by: By
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
        self.current = True
        """Whether the table shows the runs of the chosen group. If not, it shows those of a group of another list."""
        self._lively: set[str | None] = {None}  # the groups that had something to say
        self._awake: set[str | None] = {None}  # these, the chosen one, and those that were not read yet
        self._resting = 0  # how many groups at the end have not, and are one line

    @property
    def chosen(self) -> str | None:
        """The key of the chosen group; None for all."""
        return self._grouping.member

    @property
    def by(self) -> By:
        """What the list groups by."""
        return self._grouping.by

    @property
    def lines_wanted(self) -> int:
        """How many lines show everything, with the groups at rest in one."""
        resting = self._count_resting()
        return max(1, len(self._groups) - resting + (resting > 0)) + len(self._head)

    def follow(self, grouping: Grouping, *, current: bool = True) -> None:
        """Change the grouping or the chosen group without posting `Chosen`. `current`: see there."""
        if grouping.by != self._grouping.by:
            self._given = self._groups = ()
            self._lively = self._awake = {None}
            self.scroll_home(animate=False, force=True, immediate=True)
        self._grouping, self.current = grouping, current
        self._lay_out()

    def show_groups(self, groups: Sequence[Group], snapshot: Snapshot | None, now: float) -> None:
        """Show these groups, the first of which is all runs together; `now` is in local epoch seconds."""
        self._snapshot, self._now = snapshot, now
        if groups is not self._given:
            held = self._groups if self.has_focus or self.is_mouse_over or self.chosen is not None else ()
            before, self._given = self._keys, groups
            self._groups = self._arranged(groups, held)
            if (
                before != [group.key for group in self._shown()]
                or self._resting != self._folded()
                or self._table != self._wide()
            ):
                self._lay_out()
                return
        self.repaint()

    @property
    def _folds(self) -> bool:
        """Whether groups without anything to say are one line."""
        return self._grouping.by == "thread"

    def _is_lively(self, group: Group) -> bool:
        """Whether there is something to say of a group."""
        return has_news(group, self._snapshot)

    def _arranged(self, groups: Sequence[Group], held: Sequence[Group]) -> Sequence[Group]:
        """Return the groups in the order to show: threads with something to say first, unless the order is `held`."""
        found = keep_order(groups, [group.key for group in held])
        if not self._folds:
            return found
        self._lively.update(group.key for group in found if self._is_lively(group))
        threads = {} if self._snapshot is None else self._snapshot.threads
        unread = {key for key, state in threads.items() if not state.read}  # these say nothing yet
        self._awake = {*self._lively, *unread, self.chosen}
        return found if held else sorted(found, key=lambda group: group.key not in self._awake)

    def _count_resting(self) -> int:
        """Return how many threads at the end of the list have nothing to say; a single one is shown."""
        if not self._folds:
            return 0
        count = next(
            (place for place, group in enumerate(reversed(self._groups)) if group.key in self._awake), 0
        )
        return count if count > 1 else 0

    def _folded(self) -> int:
        """Return how many groups are one line now: none while the user works in the list, or if it is a picker or a table."""
        return 0 if self.has_focus or self.size.height <= 1 or self._wide() else self._count_resting()

    def _shown(self) -> Sequence[Group]:
        return self._groups[: len(self._groups) - self._resting]

    def on_focus(self) -> None:
        """Show all groups."""
        self._lay_out()

    def on_blur(self) -> None:
        """Show the groups at rest as one line again."""
        self._lay_out()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lay_out()

    def watch_show_vertical_scrollbar(self) -> None:
        """Draw the titles as wide as the lines: the scrollbar takes a cell without a change of the size."""
        self._lay_out()

    def _lay_out(self) -> None:
        """Choose between picker, list and table, and repaint everything."""
        self._resting = self._folded()
        self._keys = [group.key for group in self._shown()]
        self._place = self._keys.index(self.chosen) if self.chosen in self._keys else 0
        self._table = self._wide()
        self._head = self._titles() if self._table is None else [self._table.head()]
        lines = len(self._keys) + len(self._head) + (self._resting > 0)
        self.virtual_size = Size(0, 1 if self.size.height <= 1 else lines)
        self.refresh()

    def _titles(self) -> Sequence[Line]:
        """Return the lines above the list, if it is neither a picker nor a table."""
        by = self._grouping.by
        if self.size.height <= 1 or not self._groups or by == "status":
            return ()
        legend = f"  {self.app.glyphs.lock} locked" if by == "thread" else ""
        return [ink.spread([Span(f"  {by.upper()}{legend}", "dim")], [Span("FAILED", "dim")], self.cells)]

    def _wide(self) -> GroupTable | None:
        """Return the table that fits; None if there is no room for one."""
        wide = self.wide and bool(self._groups)
        return (
            GroupTable.laid_out(list(map(self._entry, range(len(self._groups)))), self.cells)
            if wide
            else None
        )

    @property
    def wide(self) -> bool:
        """Whether there is room for a table with totals."""
        return self.size.width >= MIN_WIDTH and self.size.height > 1

    def go(self, place: int) -> None:
        """Choose the group at `place`, or the nearest one."""
        if not self._groups:
            return
        key = self._groups[clamp(place, len(self._groups))].key
        if key != self.chosen:
            self._grouping = self._grouping._replace(member=key)
            self.post_message(self.Chosen(self._grouping.by, key))
        elif not self.current:
            self.post_message(self.Chosen(self._grouping.by, key))
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
        chosen = chosen and self._marked
        if self._table is None:
            widths = count_widths(self._groups[0].totals, self.app.glyphs)
            return entry_line(entry, self._now, self.cells, self.app.glyphs, chosen=chosen, widths=widths)
        snapshot = self._snapshot
        server_now = self._now if snapshot is None else snapshot.server_time(self._now)
        return self._table.line(entry, self._now, server_now, self.app.glyphs, chosen=chosen)

    def line_at(self, y: int, place: int) -> Line:
        """Return the line at `y` of the list, which is a picker if it has only one line."""
        if self.size.height > 1 and self._resting and place == self.count:
            return ink.line((f"  {self._resting:,} more, at rest", "dim"))
        if self.size.height > 1 or not self._groups:
            return super().line_at(y, place)
        entry, last = self._entry(self.place), len(self._groups) - 1
        return picker_line(entry, self.place, last, self._now, cells=self.cells, glyphs=self.app.glyphs)

    @property
    def _marked(self) -> bool:
        """Whether the line under the cursor is marked: not if the table shows a group of another list."""
        return self.current or self.has_focus

    def cursor_style(self) -> Style:
        """Return the background of the chosen group's line; a picker has none."""
        if self.size.height <= 1 or not self._marked:
            return Style.null()
        return self.app.palette.cursor_row
