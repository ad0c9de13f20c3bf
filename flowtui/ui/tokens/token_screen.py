"""What the tokens were spent on, on the whole screen: by agent, model or thread, of the runs that the dashboard shows.

Counts again when those runs changed, not when a second passed. Says what its sums cover.
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
from flowtui.model.run.cost import TokenUsage, UsageBy, by_cost, combined_usage, token_usage, usage_key
from flowtui.model.run.row import Run
from flowtui.model.state.health import LOADING, Health
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Grouping, name_of
from flowtui.ui.base.view_screen import ViewScreen
from flowtui.ui.keys import bindings
from flowtui.ui.keys.footer import footer_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.table.cell_style import runs_title
from flowtui.ui.tokens.rows import TITLES, SpenderTable, choices_line, missing_words, price_hint, spender_line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.frame_titles import set_titles, trouble_text
from flowtui.ui.widgets.freshness_words import health_words
from flowtui.ui.widgets.keyed_list import KeyedList
from flowtui.ui.widgets.placeholders import placeholder

_AIRY: Final = 20  # lines

WAYS: Final[tuple[UsageBy, ...]] = get_args(UsageBy)
"""By what the tokens are shown, in the order in which one goes through them."""

WINDOWS: Final[tuple[tuple[str, str, float | None], ...]] = (
    ("all known", "", None),
    ("last hour", "ended in the last hour", 3600.0),
    ("24 h", "ended in the last 24 h", 86_400.0),
)
"""Name, words and seconds of how far back runs may have ended; None: all that is known, and those that still run."""


class SpendersScreen(ViewScreen):
    """Shows who used tokens."""

    BINDINGS = bindings.bindings(bindings.USAGE)

    def __init__(self) -> None:
        super().__init__(bindings.USAGE)
        self.by: UsageBy = WAYS[0]
        self.window = 0
        self.found: Sequence[TokenUsage] = ()
        """Who used tokens, the most first."""
        self._snapshot: Snapshot | None = None
        self._runs: Sequence[Run] = ()
        self._counted: tuple[object, ...] = ()
        self._within: Sequence[Run] = ()
        self._table: SpenderTable | None = None

    @property
    def spenders(self) -> KeyedList:
        """The lines."""
        return self.query_one(KeyedList)

    @property
    def spender(self) -> TokenUsage | None:
        """Who is under the cursor."""
        return next((one for one in self.found if one.key == self.spenders.key), None)

    def compose(self) -> ComposeResult:
        """Make the parts."""
        yield Bar(id="head")
        with Container(id="spenders-frame", classes="frame"):
            yield Bar(id="spender-ways")
            yield Bar(id="spender-titles")
            yield Bar(id="spender-all")
            yield KeyedList()
        yield Bar(id="price-hint")
        yield Bar(id="spender-detail")
        yield Bar(id="foot")

    def prepare(self) -> None:
        """Set up the parts."""
        self.query_one("#spenders-frame").styles.height = "1fr"
        for name in ("#spender-ways", "#spender-titles", "#spender-all", "#price-hint"):
            self.query_one(name).styles.background = "transparent"
        self.spenders.focus()

    def show(self, snapshot: Snapshot | None, runs: Sequence[Run]) -> None:
        """Draw a new picture; `runs` are those that the dashboard shows."""
        self._snapshot, self._runs = snapshot, runs
        self.tick()

    def on_resize(self) -> None:
        """Give it some air where there is height for it; the base draws."""
        airy = self.size.height >= _AIRY
        self.query_one("#spender-ways").styles.margin = (0, 0, 1 if airy else 0, 0)

    # -- counting ----------------------------------------------------------------------------------------------

    @property
    def _priced(self) -> bool:
        return self._app.settings.prices is not None

    def _count(self, context: Context) -> None:
        """Count again, where the runs, their names or what is asked are others than the last time."""
        span = WINDOWS[self.window][2]
        runs = self._runs
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
        """Let a second pass."""
        if not self.ready:
            return
        context = self._app.dashboard.cell_context()
        self._count(context)
        self._draw_table()
        app = self._app
        self.query_one("#head", Bar).show(self._head())
        hint = self.query_one("#price-hint", Bar)
        hint.display = not self._priced
        models = Counter(run.model for run in self._within if run.model)
        hint.show(price_hint(next((name for name, _ in models.most_common(1)), ""), self.size.width))
        incidents = self._snapshot.incidents if self._snapshot is not None else ()
        places = (bindings.USAGE, bindings.APP)
        notice = incidents[-1] if incidents else ""
        self.query_one("#foot", Bar).show(
            footer_line(places, self.size.width, notice, remapped=app.user_keys)
        )
        frame = self.query_one("#spenders-frame")
        set_titles(frame, app.title_text(self._title()), app.title_text(self._subtitle()))

    def _draw_table(self) -> None:
        lines, cells = self.spenders, self.spenders.size.width
        left = [Span(" By ", "dim"), *choices_line([TITLES[by] for by in WAYS], WAYS.index(self.by))]
        right = [*choices_line([name for name, _, _ in WINDOWS], self.window), Span(" ")]
        if ink.width((*left, *right)) >= cells:
            right = [Span(f"{WINDOWS[self.window][0]} ", "tab")]
        self.query_one("#spender-ways", Bar).show(ink.spread(left, right, cells))
        everything = combined_usage(self.found, f"all {TITLES[self.by].lower()}")
        some = bool(self.found)
        self._table = (
            SpenderTable.laid_out(self.found, everything, self.by, cells, priced=self._priced)
            if some
            else None
        )
        titles, total = self.query_one("#spender-titles", Bar), self.query_one("#spender-all", Bar)
        titles.show(self._table.head() if self._table is not None else ink.BLANK)
        total.show(self._table.total() if self._table is not None else ink.BLANK)
        if some:
            lines.hold([one.key for one in self.found])
            self._draw_rows()
        else:
            lines.show_instead(self._placeholder())
        self._draw_detail()

    def _draw_rows(self) -> None:
        if self._table is not None:
            place, glyphs = self.spenders.place, self._app.glyphs
            self.spenders.show_rows(
                [
                    self._table.line(one, glyphs, chosen=number == place)
                    for number, one in enumerate(self.found)
                ]
            )

    def _draw_detail(self) -> None:
        one = self.spender
        self.query_one("#spender-detail", Bar).show(
            spender_line(one, self.size.width, priced=self._priced) if one is not None else ink.BLANK
        )

    def _placeholder(self) -> list[Line]:
        """Return what stands where lines would be."""
        app = self._app
        if self._runs:
            key = app.user_keys.get("token_window", "w")
            return [
                ink.line((f"No run {WINDOWS[self.window][1]}", "strong")),
                ink.line((key, "key"), (" looks at another time", "dim")),
            ]
        view, cells = app.dashboard.view, self.size.width - 2
        return placeholder(self._snapshot, view, app.trouble, app.now(), cells, glyphs=app.glyphs)

    def _head(self) -> Line:
        app, now = self._app, self._app.now()
        health = self._snapshot.health(now) if self._snapshot is not None else Health(LOADING, "", None)
        word = health_words(health, now)
        place = [Span(" flowtui ", "badge"), Span(f" {app.place.profile}", "strong")]
        host = [Span(f" {app.place.host}", "dim")]
        state = [Span(f"  {app.glyphs.live} {word.text}", word.role)]
        if app.dashboard.chosen_rows is not None:
            state.append(Span("  filtered", "warn"))
        right = [Span(f" {formatting.clock(now, app.zone)} ", "dim")]
        for left in ([*place, *host, *state], [*place, *state], [*place[:1], *state]):
            if ink.width((*left, *right)) + 1 <= self.size.width:
                return ink.spread(left, right, self.size.width)
        return ink.spread(place[:1], state, self.size.width)

    def _title(self) -> str:
        """Return which runs these are."""
        shown = self._app.dashboard
        which = runs_title(self._snapshot, shown.view, paused=False, name=shown.view_name)
        which, counted = which.removeprefix("Runs · "), self._counted_words()
        room = max(10, self.size.width - 6)
        for before in ("What the tokens were spent on", "Spent"):
            text = f"{before} · {which} · {counted}"
            if cell_len(text) <= room:
                return text
        # Of a long filter there is what the border has room for; how many runs it leaves stays.
        left = room - cell_len(f"Spent ·  · {counted}")
        return f"Spent · {ink.cut(which, max(4, left))} · {counted}"

    def _counted_words(self) -> str:
        """Return how many runs are counted, and of how many: those of the dashboard, which may not be all."""
        words = WINDOWS[self.window][1]
        snapshot, shown = self._snapshot, self._app.dashboard
        read = snapshot is not None and snapshot.read(shown.view.thread)
        count, of = (formatting.count(len(runs) if read else None) for runs in (self._within, self._runs))
        if words:
            return f"{count} of {of} runs {words}"
        if shown.chosen_rows is None or snapshot is None:
            return f"{count} {'run' if len(self._within) == 1 else 'runs'}"
        return f"{count} of {sum(len(state.runs) for state in snapshot.threads.values()):,} runs"

    def _subtitle(self) -> str:
        cause = ""
        if self._snapshot is not None and self._runs:
            cause = self._snapshot.health(self._app.now()).cause
        missing = missing_words(combined_usage(self.found, ""), priced=self._priced)
        return trouble_text(cause, [missing] if missing else [], self.size.width)

    # -- what keys do ------------------------------------------------------------------------------------------

    def action_token_line(self, step: int) -> None:
        """Go to another line."""
        self.spenders.move(self.spenders.place + step)

    def action_token_page(self, pages: int) -> None:
        """Go a page up or down."""
        self.action_token_line(pages * max(1, self.spenders.size.height - 1))

    def action_token_end(self, end: int) -> None:
        """Go to the first or last line."""
        self.action_token_line(end * len(self.found))

    def on_keyed_list_moved(self) -> None:
        """Say who is under the cursor now."""
        self._draw_rows()
        self._draw_detail()

    def action_token_by(self, step: int) -> None:
        """Show the tokens by something else."""
        self.by = WAYS[(WAYS.index(self.by) + step) % len(WAYS)]
        self.spenders.hold(())
        self.spenders.to_top()
        self.tick()

    def action_token_window(self) -> None:
        """Look at the runs of another time."""
        self.window = (self.window + 1) % len(WINDOWS)
        self.tick()

    def action_refresh_all(self) -> None:
        """Look at everything now."""
        self._app.refresh_runs(None)

    def action_copy(self) -> None:
        """Copy the id or the name of who is under the cursor."""
        if self.spender is not None and self.spender.key:
            self._app.copy(self.spender.key)

    def action_open(self) -> None:
        """Go back to the dashboard, and show the runs of who is under the cursor."""
        if self.spender is not None:
            self._app.dashboard.narrow_to(Grouping(self.by, self.spender.key))
            self._app.pop_screen()

    def on_keyed_list_chosen(self) -> None:
        """Show the runs of what was clicked."""
        self.action_open()

    def action_leave(self) -> None:
        """Go back to the dashboard."""
        self._app.pop_screen()


def _names(runs: Sequence[Run], by: UsageBy, context: Context) -> dict[str, str]:
    """Return what each spender is called, those of one name with their keys."""
    names = {key: name_of(by, key, context) for key in map(usage_key(by), runs)}
    alike = Counter(names.values())
    return {
        key: f"{name} ({key})" if alike[name] > 1 and by == "agent" else name for key, name in names.items()
    }
