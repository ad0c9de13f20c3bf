"""The left column: threads, agents, and the outcomes of the last hours. On narrow screens it is one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from flowtui.model.answers.recent_runs import Recent
from flowtui.model.columns.context import Context
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.live_tokens import LiveSum
from flowtui.model.stats.thread_totals import Sums
from flowtui.model.view.groups import Group, Grouping
from flowtui.model.view.view import View
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.base.messages import ScreenRequested
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import signs_of
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.dashboard import titles
from flowtui.ui.dashboard.outcomes import Outcomes, OutcomeStyle, outcome_line, outcome_lines
from flowtui.ui.dashboard.recent_reader import RecentReader
from flowtui.ui.dashboard.side_layout import LATELY, SLIM, WIDE, Side, side_heights, side_width
from flowtui.ui.dashboard.token_sums import sum_lines
from flowtui.ui.grouping.agent_list import AgentList
from flowtui.ui.grouping.group_list import GroupList
from flowtui.ui.grouping.rows import shows_old
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.terminal.partial_paint import set_titles
from flowtui.ui.widgets.chart_pane import ChartPane

_PARTS: Final = ("threads", "agents", "outcomes")
_OTHER_ZOOMS: Final = ("-zoom-runs", "-zoom-detail")
_ONE_LINE: Final = 24  # cells of the axis on a narrow screen


class SideData(NamedTuple):
    """What the column shows.

    `sums`, `live`: of the rows of the table. `per_minute`: their tokens of the last minute, or since the start if that
    `is_short`. `known_agents`: the groups of agents with all known runs.
    """

    recent: RecentReader
    snapshot: Snapshot | None
    view: View
    context: Context
    now: float
    read: bool
    sums: Callable[[], Sums]
    live: Callable[[], LiveSum]
    per_minute: int | None
    known_agents: Callable[[Snapshot, str | None, Context], Sequence[Group]]
    is_short: bool


class OutcomePane(ChartPane):
    """The outcomes. A click opens the screen of spend."""

    class Resized(Message):
        """The pane has another size, so the axis has other cells."""

    def on_resize(self) -> None:
        """Have the lines drawn for the new size."""
        self.post_message(self.Resized())

    def on_click(self) -> None:
        """Open the screen of spend."""
        self.post_message(ScreenRequested(bindings.SPEND))


class LeftColumn(Widget):
    """Gives its three parts their room, and draws them."""

    app: AppBase

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._plan: tuple[Size, Side] | None = None
        self._scales = Scales()
        self._grouping = Grouping()
        self._ever_live = self._complete = False
        self._drawn: tuple[object, ...] = ()
        self._last: tuple[SideData, Sequence[Group]] | None = None

    def compose(self) -> ComposeResult:
        with Container(id="threads-frame", classes="frame"):
            yield GroupList(id="threads")
        with Container(id="agents-frame", classes="frame"):
            yield AgentList(id="agents")
        with Container(id="outcomes-frame", classes="frame"):
            yield OutcomePane(id="outcomes")

    @property
    def threads(self) -> GroupList:
        """The upper list: of threads, models or statuses; of agents if these have no list of their own."""
        return self.query_one("#threads", GroupList)

    @property
    def agents(self) -> AgentList:
        """The list of agents."""
        return self.query_one("#agents", AgentList)

    @property
    def chosen_list(self) -> GroupList:
        """The list that has the chosen group."""
        return self.agents if self._grouping.by == "agent" and self.has_agents else self.threads

    @property
    def lists(self) -> Sequence[GroupList]:
        """Both lists."""
        return self.threads, self.agents

    @property
    def focused_list(self) -> GroupList | None:
        """The list that has the focus."""
        return next((each for each in self.lists if each.has_focus), None)

    @property
    def focused_name(self) -> str:
        """The name of the list that has the focus, `threads` or `agents`; "" if none has it."""
        found = self.focused_list
        return (found.id or "") if found is not None else ""

    @property
    def has_agents(self) -> bool:
        """Whether the agents have a list of their own: only the lowest screens have no room for it."""
        return self._plan is None or self._plan[1].agents > 0

    @property
    def upper(self) -> Grouping:
        """What the upper list shows."""
        return Grouping() if self._grouping.by == "agent" and self.has_agents else self._grouping

    @property
    def reachable(self) -> Sequence[GroupList]:
        """The lists that can get the focus: on a slim screen also those that are not there until then."""
        if self._slim and not any(map(self.screen.has_class, _OTHER_ZOOMS)):
            return self.lists
        return [each for each in self.lists if each.size.height > 0 and each.size.width > 0]

    @property
    def screen_size(self) -> Size:
        """The size of the screen; before its first layout that of the terminal, which it will have."""
        return self.screen.size or self.app.size

    @property
    def _slim(self) -> bool:
        return self.screen_size.width < SLIM

    def show_while_used(self, pane: Widget | None) -> None:
        """On a slim screen, show the list that has or gets the focus, alone; else hide the column. `pane`: what has the focus."""
        frames = [self.query_one(f"#{name}-frame") for name in _PARTS]
        if not self._slim:
            for each in (self, *frames):
                each.styles.display = None  # unlike `clear_rule` this lays the screen out again
            return
        used = pane if pane in self.lists else None
        self.styles.display = "none" if used is None else "block"
        for frame in frames:
            frame.styles.display = "block" if used is not None and used.parent is frame else "none"

    def follow(self, grouping: Grouping) -> None:
        """Show which group is chosen."""
        self._grouping = grouping
        by_agent = grouping.by == "agent"
        self.threads.follow(self.upper, current=not by_agent or not self.has_agents)
        self.agents.follow(Grouping("agent", grouping.member if by_agent else None), current=by_agent)

    # -- layout ------------------------------------------------------------------------------------------------

    def lay_out(self, screen: Size, lines: int) -> None:
        """Give the parts their heights in `lines` lines; on a narrow screen, and for a list alone, they take all there are."""
        zoomed = any(map(self.screen.has_class, ("-zoom-threads", "-zoom-agents")))
        width = 0 if zoomed else side_width(screen.width)
        wanted = (each.lines_wanted for each in self.lists) if self.threads.count else ()
        alone = lines if zoomed else 1
        plan = side_heights(lines, *wanted) if width else Side(alone, alone, alone)
        if self._plan == (screen, plan):
            return
        had_agents = self.has_agents
        self._plan = screen, plan
        self.show_while_used(self.focused_list)
        self.styles.width = width or "100%"
        for name, height in zip(_PARTS, plan, strict=True):
            frame = self.query_one(f"#{name}-frame")
            frame.styles.height = height or 1
            frame.set_class(height == 0, "-gone")
        if had_agents is not self.has_agents:
            self.follow(self._grouping)

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, data: SideData, groups: Sequence[Group]) -> None:
        """Draw all parts; `groups`: those of the upper list."""
        self._last = data, groups
        self._draw_titles(data)
        self.threads.show_groups(groups, data.snapshot, data.now)
        pane = self.query_one(OutcomePane)
        narrow = self.screen_size.width < WIDE
        axis = data.recent.axis(data.snapshot, data.now, _ONE_LINE if narrow else pane.size.width)
        found = data.recent.recent(axis)
        if data.snapshot is not None and self.agents.wide:
            member = self.agents.chosen
            self.agents.show_whole(
                data.known_agents(data.snapshot, member, data.context), data.snapshot, data.now
            )
        elif data.snapshot is not None:
            self.agents.show_agents(found, data.context, data.snapshot, data.now)
        self._draw_outcomes(data, found, axis, pane, narrow=narrow)

    def on_outcome_pane_resized(self) -> None:
        """Draw what was drawn last, for the new size."""
        if self._last is not None:
            self.draw(*self._last)

    def _draw_outcomes(
        self, data: SideData, found: Recent, axis: TimeAxis, pane: OutcomePane, *, narrow: bool
    ) -> None:
        """Draw the outcomes, if something has changed."""
        sums, live, marks = data.sums(), data.live(), data.context.marks
        old = data.snapshot is not None and shows_old(data.snapshot, data.now)
        begun = self._complete
        self._complete = begun or (data.snapshot is not None and data.snapshot.coverage.complete)
        drawn = (
            found,
            axis,
            marks,
            data.per_minute,
            data.is_short,
            sums,
            live,
            data.view,
            self._complete,
            pane.size,
            narrow,
            old,
        )
        if (drawn, data.read) == self._drawn:
            return
        self._drawn = drawn, data.read
        if not begun:  # a scale that the first few threads gave would stay
            self._scales.forget()
        if not data.read:
            pane.show([ink.line(("nothing read yet", "dim"))])
            return
        more = [] if narrow else self._more(data, sums, live, axis.cells)
        part = not narrow and (data.view.narrowed or data.view.group.member is not None)
        brief = [more[place] for place in (0, 3, 4, -1)] if part else ()  # total, reported, wasted
        shown = Outcomes(found, axis, marks, data.per_minute, more, brief, self._complete, data.is_short)
        style = OutcomeStyle(signs_of(self.app.settings), self.app.glyphs, self._scales, self.app.zone)
        if narrow:
            lines = [outcome_line(shown, style, pane.size.width, LATELY)]
        else:
            lines = outcome_lines(shown, style, pane.size.height)
        pane.show([*map(ink.grey, lines)] if old else lines)

    def _draw_titles(self, data: SideData) -> None:
        app = self.app
        title = titles.groups_title(replace(data.view, group=self.upper), data.snapshot)
        texts = {
            "threads": (title, titles.threads_subtitle(data.snapshot)),
            "agents": (self._agents_title(data), ""),
            "outcomes": (f"Outcomes · {LATELY}", ""),
        }
        for name, (above, below) in texts.items():
            set_titles(self.query_one(f"#{name}-frame"), app.title_text(above), app.title_text(below))

    def _agents_title(self, data: SideData) -> str:
        """Return which runs the list of agents counts: as a table it has all known ones, as `draw` chooses."""
        if data.snapshot is None or not self.agents.wide:
            return f"Agents · {LATELY}"
        return titles.groups_title(replace(data.view, group=Grouping("agent")), data.snapshot)

    def _more(self, data: SideData, sums: Sums, live: LiveSum, cells: int) -> list[Line]:
        """Return the sums of the rows of the table, which may be others than those of the last hours."""
        self._ever_live = self._ever_live or bool(live.runs)
        frame = self.query_one("#outcomes-frame")
        title = titles.totals_title(data.snapshot, data.view, cells=frame.outer_size.width)
        return [ink.line((title, "strong")), *sum_lines(sums, live if self._ever_live else None, cells)]
