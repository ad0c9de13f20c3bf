"""The list of agents below the threads: which are active, which fail, which use tokens. The cursor chooses one."""

from __future__ import annotations

from collections.abc import Sequence

from flowtui.model.answers.recent_runs import Recent
from flowtui.model.columns.context import Context
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Group, Grouping
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import signs_of
from flowtui.ui.grouping.agent_rows import AgentColumns, AgentRow, agent_rows, is_few
from flowtui.ui.grouping.columns import GroupTable
from flowtui.ui.grouping.group_list import GroupList
from flowtui.ui.grouping.rows import shows_old
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line


class AgentList(GroupList):
    """The agents of the last hours. In a wide pane it is the table of all known runs, as for the other groups."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._grouping = Grouping("agent")
        self.current = False
        self._rows: dict[str | None, AgentRow] = {}
        self._made: tuple[tuple[object, ...], Sequence[Group]] | None = None
        self._old = False
        self._whole = False  # whether the groups have all known runs
        self._scales = Scales()
        self._top = 1.0

    def show_whole(self, groups: Sequence[Group], snapshot: Snapshot, now: float) -> None:
        """Show the agents with all known runs, in a wide pane."""
        self._whole = True
        self.show_groups(groups, snapshot, now)

    def show_agents(self, found: Recent, context: Context, snapshot: Snapshot | None, now: float) -> None:
        """Show what is known of the agents in a span of time."""
        made_of = (found, context.agents, self.chosen)
        if self._made is None or any(one is not two for one, two in zip(made_of, self._made[0], strict=True)):
            rows = agent_rows(found, context, self.chosen)
            self._rows = {row.group.key: row for row in rows}
            shares = (row.group.failure_rate or 0.0 for row in rows[1:] if not is_few(row.group.totals))
            share = max(shares, default=0.0)
            self._top = self._scales.top("failed", share, "share")
            self._made = made_of, [row.group for row in rows]
        self._whole = False
        self._old = snapshot is not None and shows_old(snapshot, now)
        self.show_groups(self._made[1], snapshot, now)

    def _wide(self) -> GroupTable | None:
        return super()._wide() if self._whole else None

    @property
    def _folds(self) -> bool:
        return True

    def _is_lively(self, group: Group) -> bool:
        row = self._rows.get(group.key)
        return row is None or row.lively

    def _titles(self) -> Sequence[Line]:
        return [AgentColumns.laid_out(self.cells).head()] if self.size.height > 1 and self._groups else ()

    def _line(self, place: int) -> Line:
        row = self._rows.get(self._groups[place].key)
        if self._table is not None or row is None:
            return super()._line(place)
        app, marked = self.app, place == self.place and self._marked
        columns = AgentColumns.laid_out(self.cells)
        line = columns.line(row, self._top, signs_of(app.settings), app.glyphs, marked=marked)
        return (*line[:1], *ink.grey(line[1:])) if self._old else line
