"""The list of groups beside the table: threads, agents, models or statuses, and "all". The cursor chooses one.

In a pane one line high it is a picker, in a wide one a table with totals. Only visible lines are computed.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Group, Grouping, keep_order
from flowtui.ui.grouping.columns import MIN_WIDTH, GroupTable
from flowtui.ui.grouping.rows import GroupEntry, entry_line, entry_of, picker_line
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.line_pane import LinePane


class GroupList(LinePane):
    """The groups, with a cursor on one of them or on "all". Their order is held while the user works in the list."""

    BINDINGS = bindings.bindings(bindings.THREADS)

    class Chosen(Message):
        """The user chose another group: its key, None for all."""

        def __init__(self, key: str | None) -> None:
            super().__init__()
            self.key = key

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
        self._painted: dict[int, Line] = {}
        self._places: dict[str | None, int] = {}

    @property
    def chosen(self) -> str | None:
        """The key of the chosen group; None for all."""
        return self._grouping.member

    @property
    def text(self) -> str:
        """The text of the list, without colours."""
        head = [] if self._table is None else [self._table.head()]
        lines = [*head, *(self._line(place) for place in range(len(self._groups)))]
        return "\n".join("".join(span.text for span in line) for line in lines)

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
            before, self._given = list(self._places), groups
            self._groups = keep_order(groups, [group.key for group in held])
            if before != [group.key for group in self._groups] or self._table != self._wide():
                self._lay_out()
                return
        for y, line in list(self._painted.items()):
            if self._line_at(y) != line:
                self.refresh(Region(0, y, self.size.width, 1))

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lay_out()

    def _lay_out(self) -> None:
        """Choose between picker, list and table, and repaint everything."""
        self._places = {group.key: place for place, group in enumerate(self._groups)}
        self._table = self._wide()
        self.virtual_size = Size(0, 1 if self.size.height <= 1 else len(self._groups) + self._head)
        self._painted.clear()
        self.refresh()

    def _wide(self) -> GroupTable | None:
        """Return the table that fits; None if there is no room for one."""
        wide = self.size.width >= MIN_WIDTH and self.size.height > 1 and bool(self._groups)
        return GroupTable.laid_out(self._named(), self._cells) if wide else None

    def _named(self) -> list[GroupEntry]:
        """Return all entries, for the layout."""
        return [self._entry(place) for place in range(len(self._groups))]

    @property
    def _head(self) -> int:
        """How many lines the header takes: 1 in a table, else 0."""
        return 0 if self._table is None else 1

    @property
    def _place(self) -> int:
        return self._places.get(self.chosen, 0)

    def _go(self, place: int) -> None:
        if not self._groups:
            return
        place = min(max(place, 0), len(self._groups) - 1)
        if self._groups[place].key != self.chosen:
            self._grouping = self._grouping._replace(member=self._groups[place].key)
            self.post_message(self.Chosen(self.chosen))
            self._painted.clear()
            self.refresh()
        self.scroll_to_region(Region(0, place, 1, 1 + self._head), animate=False)

    def choose(self, key: str | None) -> None:
        """Move the cursor to a group."""
        self._go(self._places.get(key, 0))

    def action_move(self, lines: int) -> None:
        """Choose the next or previous group."""
        self._go(self._place + lines)

    def action_page(self, pages: float) -> None:
        """Choose the group `pages` pages below; above, if negative."""
        self._go(self._place + int(pages * max(1, self.size.height - 1 - self._head)))

    def action_first(self) -> None:
        """Choose all runs together."""
        self._go(0)

    def action_last(self) -> None:
        """Choose the last group."""
        self._go(len(self._groups) - 1)

    def action_open(self) -> None:
        """Go to the runs of the chosen group."""
        self.post_message(self.RunsRequested())

    def action_find(self) -> None:
        """Open the filter of the runs: the list itself has no search."""
        self.app.call_later(self.screen.run_action, "filter")

    def on_click(self, event: events.Click) -> None:
        """Choose the group that was clicked."""
        position = event.get_content_offset(self)
        if position is None or self.size.height <= 1 or position.y < self._head:
            return
        place = self.scroll_offset.y + position.y - self._head
        if place < len(self._groups):
            self._go(place)

    # -- drawing -----------------------------------------------------------------------------------------------

    @property
    def _cells(self) -> int:
        """Width of a line in cells, without the scrollbar."""
        width: int = self.scrollable_content_region.width
        return width

    def _entry(self, place: int) -> GroupEntry:
        group = self._groups[place]
        if self._snapshot is None:
            return GroupEntry(group, self._grouping.by)
        return entry_of(group, self._grouping.by, self._snapshot, self._now)

    def _line(self, place: int) -> Line:
        """Return the line of a group."""
        entry, chosen = self._entry(place), place == self._place
        if self._table is None:
            return entry_line(entry, self._now, self._cells, self.app.glyphs, chosen=chosen)
        snapshot = self._snapshot
        server_now = self._now if snapshot is None else snapshot.server_time(self._now)
        return self._table.line(entry, self._now, server_now, self.app.glyphs, chosen=chosen)

    def _line_at(self, y: int) -> Line:
        """Return the line at `y` of the pane; the header of a table does not scroll."""
        if self.size.height <= 1:
            place = self._place
            entry = self._entry(place) if self._groups else None
            return (
                ink.BLANK
                if entry is None
                else picker_line(
                    entry, place, len(self._groups) - 1, self._now, cells=self._cells, glyphs=self.app.glyphs
                )
            )
        if self._table is not None and y == 0:
            return self._table.head()
        place = self.scroll_offset.y + y - self._head
        return self._line(place) if 0 <= place < len(self._groups) else ink.BLANK

    def render_line(self, y: int) -> Strip:
        """Return the line at `y`; the chosen group has the cursor's background."""
        line = self._painted[y] = self._line_at(y)
        base = self.rich_style
        at = self.scroll_offset.y + y - self._head
        if self.size.height > 1 and self._groups and at == self._place and (y or not self._head):
            base += self.app.palette.cursor_row
        return ink.strip(line, self.app.palette, base, self.size.width)
