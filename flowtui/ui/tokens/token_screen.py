"""Token usage on the whole screen: by agent, model or thread, for the runs that the dashboard shows.

The title says which runs are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, get_args

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container

from flowtui import formatting
from flowtui.model.columns.context import Context
from flowtui.model.run.cost import TokenUsage, UsageBy, by_cost, combined_usage, token_usage
from flowtui.model.run.row import GROUP_KEY, Run
from flowtui.model.view.groups import Grouping, group_name
from flowtui.ui.base.messages import CopyRequested, GroupOpened
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.table.cell_style import runs_title
from flowtui.ui.tokens.rows import TITLES, UsageTable, choices_line, missing_words, price_hint, usage_line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.cursor_list import CursorList
from flowtui.ui.widgets.frame_titles import trouble_text
from flowtui.ui.widgets.framed_screen import MovableScreen
from flowtui.ui.widgets.memory_words import end_words, runs_that_left

_AIRY: Final = 20  # least height of the screen for a blank line
_WIDE: Final = 120  # least width of the screen for where older runs are

GROUPINGS: Final[tuple[UsageBy, ...]] = get_args(UsageBy)
"""What token usage can be grouped by, in the order of the tabs."""

WINDOWS: Final[tuple[tuple[str, str, float | None], ...]] = (
    ("all known", "", None),
    ("last hour", "ended in the last hour", 3600.0),
    ("24 h", "ended in the last 24 h", 86_400.0),
)
"""The time windows: name, words for the title, and length in seconds.

Only runs that ended within the last so many seconds are counted. None: all known runs, also active ones.
"""


class UsageList(CursorList[str], inherit_bindings=False):
    """The usage rows, each identified by the key of its group; the screen binds the keys."""


class TokenScreen(MovableScreen):
    """Shows token usage, with a line for each agent, model or thread.

    `by` is what the runs are grouped by. `window` is the index in `WINDOWS` of the chosen time window.
    """

    BINDINGS = bindings.bindings(bindings.USAGE)
    PLACES = (bindings.USAGE,)

    def __init__(self) -> None:
        super().__init__(bindings.USAGE)
        self.by: UsageBy = GROUPINGS[0]
        self.window = 0
        self.found: Sequence[TokenUsage] = ()
        """The usage rows, the largest first."""
        self._counted: tuple[object, ...] = ()
        self._within: Sequence[Run] = ()
        self._table: UsageTable | None = None

    @property
    def usage_list(self) -> UsageList:
        """The list of usage rows."""
        return self.query_one(UsageList)

    @property
    def usage(self) -> TokenUsage | None:
        """The usage row under the cursor; None if there are no rows."""
        return next((one for one in self.found if one.key == self.usage_list.key), None)

    def compose(self) -> ComposeResult:
        yield Bar(id="header")
        with Container(id="usage-frame", classes="frame"):
            yield Bar(id="usage-ways")
            yield Bar(id="usage-titles")
            yield Bar(id="usage-all")
            yield UsageList()
        yield Bar(id="price-hint")
        yield Bar(id="usage-detail")
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Style the widgets, and give the list the focus."""
        self.query_one("#usage-frame").styles.height = "1fr"
        for name in ("#usage-ways", "#usage-titles", "#usage-all", "#price-hint"):
            self.query_one(name).styles.background = "transparent"
        self.usage_list.focus()

    def on_resize(self) -> None:
        """Add or remove the blank line, depending on the height. The base class then draws."""
        airy = self.size.height >= _AIRY
        self.query_one("#usage-ways").styles.margin = (0, 0, 1 if airy else 0, 0)

    # -- counting ----------------------------------------------------------------------------------------------

    @property
    def _priced(self) -> bool:
        return self.app.settings.prices is not None

    def _count(self, context: Context) -> None:
        """Sum up the usage again, but only if the runs, the names of agents, the prices or the grouping have changed."""
        span = WINDOWS[self.window][2]
        runs = self.shown.rows
        if span is not None:
            since = context.now - span
            runs = [run for run in runs if (ended := run.ended) is not None and ended >= since]
        asked = (self.by, context.prices, context.agents)
        if asked == self._counted and (runs is self._within or runs == self._within):
            return
        self._counted, self._within = asked, runs
        found = token_usage(runs, context.prices, self.by, _names(runs, self.by, context))
        self.found = by_cost(found) if self._priced else found

    # -- drawing -----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        if not self.ready:
            return
        context = self.shown.cell_context()
        self._count(context)
        self._draw_table()
        self.show_header([] if self.shown.filtered is None else [Span("  filtered", "warn")])
        hint = self.query_one("#price-hint", Bar)
        hint.display = not self._priced
        models = Counter(run.model for run in self._within if run.model)
        hint.show(price_hint(next((name for name, _ in models.most_common(1)), ""), self.size.width))
        self.show_footer(incidents=True)
        self.show_titles(self._title(), self._subtitle())

    def _draw_table(self) -> None:
        lines, cells = self.usage_list, self.usage_list.size.width
        ways = choices_line([TITLES[by] for by in GROUPINGS], GROUPINGS.index(self.by))
        left = [Span(" By ", "dim"), *ways]
        right = [*choices_line([name for name, _, _ in WINDOWS], self.window), Span(" ")]
        if ink.width((*left, *right)) >= cells:
            right = [Span(f"{WINDOWS[self.window][0]} ", "tab")]
        self.show_bar("usage-ways", ink.spread(left, right, cells))
        everything = combined_usage(self.found, f"all {TITLES[self.by].lower()}")
        table = UsageTable.laid_out(self.found, everything, self.by, cells, priced=self._priced)
        self._table = table
        self.show_bar("usage-titles", table.titles() if self.found else ink.BLANK)
        self.show_bar("usage-all", table.total() if self.found else ink.BLANK)
        keys = [one.key for one in self.found]
        lines.show_entries(keys, self._row, placeholder=[] if keys else self._placeholder())
        self._draw_detail()

    def _row(self, place: int) -> Line:
        if self._table is None:
            return ink.BLANK
        chosen = place == self.usage_list.place
        return self._table.line(self.found[place], self.app.glyphs, chosen=chosen)

    def _draw_detail(self) -> None:
        one = self.usage
        spans = usage_line(one, self.size.width, priced=self._priced) if one is not None else ink.BLANK
        self.show_bar("usage-detail", spans)

    def _placeholder(self) -> list[Line]:
        """Return the lines shown instead of an empty table."""
        app = self.app
        if self.shown.rows:
            key = app.user_keys.get("token_window", "w")
            said = ink.line((f"No run {WINDOWS[self.window][1]}", "strong"))
            return [said, ink.line((key, "key"), (" shows another time", "dim"))]
        return self.placeholder(self.size.width - 2, self.shown.view)

    def _title(self) -> str:
        """Return the title, which says which runs are counted."""
        shown = self.shown
        which = runs_title(self.snapshot, shown.view, paused=False, name=shown.view_name)
        which, counted = which.removeprefix("Runs · "), self._counted_words()
        room = max(10, self.size.width - 6)
        for before in ("What the tokens were spent on", "Spent"):
            text = f"{before} · {which} · {counted}"
            if cell_len(text) <= room:
                return text
        # A long filter is cut so that the title fits into the border; the number of runs is never cut.
        left = room - cell_len(f"Spent ·  · {counted}")
        return f"Spent · {ink.cut(which, max(4, left))} · {counted}"

    def _counted_words(self) -> str:
        """Return how many runs are counted, and if these are not all runs, out of how many."""
        words = WINDOWS[self.window][1]
        snapshot, shown = self.snapshot, self.shown
        read = snapshot is not None and snapshot.read(shown.view.thread)
        both = (self._within, shown.rows)
        count, of = (formatting.count(len(runs) if read else None) for runs in both)
        if words:
            return f"{count} of {of} runs {words}"
        if self.shown.filtered is None or snapshot is None:
            return f"{count} {'run' if len(self._within) == 1 else 'runs'}"
        return f"{count} of {sum(len(state.runs) for state in snapshot.threads.values()):,} runs"

    def _subtitle(self) -> str:
        cause = self.cause if self.shown.rows else ""
        missing = missing_words(combined_usage(self.found, ""), priced=self._priced)
        brief = self.size.width < _WIDE
        older = end_words(runs_that_left(self.snapshot, self.shown.view), brief=brief)
        return trouble_text(cause, [part for part in (missing, older) if part], self.size.width)

    # -- actions of keys ---------------------------------------------------------------------------------------

    def on_cursor_list_moved(self) -> None:
        """Draw the details of the row under the cursor."""
        self._draw_detail()

    def action_token_by(self, step: int) -> None:
        """Group by the next of `GROUPINGS` (1) or by the previous one (-1)."""
        self.by = GROUPINGS[(GROUPINGS.index(self.by) + step) % len(GROUPINGS)]
        self.usage_list.go(0)
        self.tick()

    def action_window(self) -> None:
        """Count the runs of the next time window."""
        self.window = (self.window + 1) % len(WINDOWS)
        self.tick()

    def action_copy(self) -> None:
        """Copy the id of the agent or thread, or the name of the model, that the row under the cursor stands for."""
        if self.usage is not None and self.usage.key:
            self.post_message(CopyRequested(self.usage.key))

    def action_open(self) -> None:
        """Go back to the dashboard and show the runs of the row under the cursor."""
        if self.usage is not None:
            self.post_message(GroupOpened(Grouping(self.by, self.usage.key)))
            self.action_leave()

    def on_cursor_list_chosen(self) -> None:
        """Show the runs of the clicked row."""
        self.action_open()


def _names(runs: Sequence[Run], by: UsageBy, context: Context) -> dict[str, str]:
    """Return key → name of the groups. If several agents have the same name, their ids are added to it."""
    names = {key: group_name(by, key, context) for key in map(GROUP_KEY[by], runs)}
    alike = Counter(names.values())
    return {
        key: f"{name} ({key})" if alike[name] > 1 and by == "agent" else name for key, name in names.items()
    }
