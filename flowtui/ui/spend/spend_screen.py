"""Who spends, how much of it is wasted, and is it more than before? Tokens and cost on the whole screen.

Runs count by their end; with the time `table`, the runs that the table shows count.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

from textual.app import ComposeResult
from textual.containers import Container

from flowtui.model.answers.reason_news import recent_words
from flowtui.model.answers.spend.chosen import dearest, half_of_waste, rate_since, waste_by_reason
from flowtui.model.answers.spend.spend import Spend, Spender
from flowtui.model.history.past import LIVE, READ
from flowtui.model.state.snapshot import Update
from flowtui.ui.base.workers import start_worker
from flowtui.ui.charts.periods import gap_cells
from flowtui.ui.charts.signs import signs_of
from flowtui.ui.charts.ticks import Tick
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.spend.choices import choices
from flowtui.ui.spend.chosen_pane import ChosenSpender
from flowtui.ui.spend.rows import SpendTable, laid_out
from flowtui.ui.spend.spend_reader import SpendReader
from flowtui.ui.spend.spend_texts import SpendTexts
from flowtui.ui.spend.time_ranges import TABLE
from flowtui.ui.spend.words import title, title_of_one
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.chart_pane import ChartPane

_TALL: Final = 30  # least height of the screen for rows of two lines
_LOW: Final = 18  # least height for the pane of the chosen row
_PANE: Final = (9, 16)  # least lines of that pane: in one column, in two
_AIRY_PANE: Final = 14  # least lines of the pane that blank lines in the list leave
_CHART_PANE: Final = 20  # lines of a pane of one column with a chart; rows of two lines leave as many
_AROUND: Final = 6  # lines of the list's frame besides its rows
_TWO_COLUMNS: Final = 130
_TWO_LINES: Final = 96  # least width for rows of two lines
_DEAREST: Final = 40


class SpendScreen(SpendTexts):
    """Shows the spenders, and below them the chosen one."""

    def __init__(self) -> None:
        super().__init__()
        self._table: SpendTable | None = None
        self._made: dict[tuple[int, bool], tuple[Spender, Sequence[Line]]] = {}  # from `_table`
        self._laid: tuple[object, ...] = ()  # what `_table` was made of
        self._pane: tuple[object, ...] = ()  # what the pane shows

    def compose(self) -> ComposeResult:
        self.put_off_searches()
        yield Bar(id="header")
        with Container(id="spend-frame", classes="frame"):
            yield Bar(id="spend-choices")
            yield Bar(id="spend-titles")
            yield self._list
            yield Bar(id="spend-total")
            yield Bar(id="spend-remark")
        with Container(id="spender-frame", classes="frame"):
            yield ChartPane()
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Style the widgets, give the list the focus, and have the range read."""
        for name in ("choices", "titles", "total", "remark"):
            self.query_one(f"#spend-{name}").styles.background = "transparent"
        if self.shown.filtered is not None:
            self.time = TABLE  # the user looks at these runs
        if self.app.settings.prices is None:
            self.order = "tokens"
        self._list.focus()
        super().prepare()

    def new_reader(self) -> SpendReader:
        """Return what reads the range."""
        return SpendReader(
            self.app.data,
            self.app.settings.prices,
            start=lambda work: start_worker(self, work, "spend"),
            changed=self.tick,
            drawn=self._drawn_once,
        )

    # -- drawing -----------------------------------------------------------------------------------------------

    def update(self, update: Update) -> None:
        """Take an update; what it changes is drawn when it is added up."""
        if self._reader is not None:
            self._reader.update(update)
        if self.ready:
            self._ask()

    def tick(self) -> None:
        """Draw everything, of which only what has changed is painted."""
        if not self.ready or self._reader is None:
            return
        self._ask()
        self._arrange()
        filtered = self.time == TABLE and self.shown.filtered is not None
        self.show_header([Span("  filtered", "warn")] if filtered else ())
        self.show_footer(incidents=True, empty=not self.rows or self.found is None)
        self._choices = choices(self.by, self.time, self.order, self._cells)
        self.show_bar("spend-choices", self._choices.line)
        self._draw_list()
        self._draw_pane()

    @property
    def _cells(self) -> int:
        return int(self.query_one("#spend-frame").content_size.width) or self.size.width - 2

    @property
    def _known_since(self) -> float:
        """Since when runs are known: all that are in memory are, and all that are remembered."""
        reader, snapshot = self._reader, self.snapshot
        begin = reader.older.begin if reader is not None else None
        reach = self._reach.of(snapshot) if snapshot is not None else float("-inf")
        return reach if begin is None else min(reach, begin)

    def _draw_list(self) -> None:
        found, cells = self.found, self._cells
        rows = self.rows if found is not None else ()
        which = self._which()
        self.query_one("#spend-frame").set_class(bool(self.cause), "-trouble")
        self.show_titles(title(found, which, self.size.width), self._subtitle())
        each = self._fit(len(rows))
        for name in ("titles", "total", "remark"):
            self.query_one(f"#spend-{name}").display = bool(rows)
        if found is None or not rows:
            self._list.show_all((), lambda _: (), 1, placeholder=self._instead())
            return
        names = self._names
        laid = (
            found,
            rows,
            self.order,
            cells,
            each,
            names.marks,
            names.agents,
            self.old,
            self._known_since,
        )
        if laid != self._laid:
            self._laid, self._made = laid, {}
            self._table = laid_out(
                found,
                rows,
                names,
                self.order,
                cells - 1,
                before="" if self.by == "release" else self.shown_range.before,
                begin=self.shown_range.name
                if self.shown_range.seconds is not None
                else recent_words(found.since, found.until, self.app.zone),
                signs=signs_of(self.app.settings),
                glyphs=self.app.glyphs,
                known_since=self._known_since,
                gaps=self._gap_cells,
            )
        if self._table is not None:
            for name, line in (("titles", self._table.titles()), ("total", self._table.total())):
                self.show_bar(f"spend-{name}", ink.grey(line) if self.old else line)
        self.show_bar("spend-remark", self._remark(found, cells))
        self._list.show_all([one.key for one in rows], partial(self._lines, each), each)

    def _lines(self, each: int, place: int) -> Sequence[Line]:
        if self._table is None or place >= len(self.rows):
            return (ink.BLANK,) * each
        chosen, one = place == self._list.place, self.rows[place]
        kept = self._made.get((place, chosen))
        if kept is None or kept[0] is not one:
            lines = self._table.lines(one, each, chosen=chosen)
            kept = self._made[place, chosen] = (one, [*map(ink.grey, lines)] if self.old else lines)
        return kept[1]

    def _gap_cells(self, axis: TimeAxis) -> Collection[int]:
        """Return the cells of a time nobody watched, and whose runs are not all in memory."""
        reader, snapshot = self._reader, self.snapshot
        watched = reader.older.coverage if reader is not None else None
        reach = self._reach.of(snapshot) if snapshot is not None else float("-inf")
        if watched is None or reach <= axis.since:
            return ()
        read = axis.cell_of(reach)
        return [cell for cell in gap_cells(axis, watched) if read is None or cell < read]

    def _gaps(self) -> list[tuple[float, float]]:
        reader, snapshot = self._reader, self.snapshot
        watched = reader.older.coverage if reader is not None else None
        if watched is None or snapshot is None:
            return []
        reach = self._reach.of(snapshot)
        return [
            (part.since, min(part.until, reach))
            for part in watched.parts
            if part.how not in (LIVE, READ) and part.since < reach
        ]

    def _fit(self, rows: int) -> int:
        """Give the list the lines that its rows need, and the pane below it the rest; return the lines of a row."""
        frame, pane = self.query_one("#spend-frame"), self.query_one("#spender-frame")
        height, around = self.size.height - 2, _AROUND
        shows = self.size.height >= _LOW and rows > 0
        if pane.display != shows:
            pane.display = shows
        room = height - (_PANE[0] if self.size.width < _TWO_COLUMNS else _PANE[1]) if shows else height
        tall = self.size.height >= _TALL and self.size.width >= _TWO_LINES
        least = _PANE[1] if self.size.width >= _TWO_COLUMNS else _CHART_PANE
        each = 2 if tall and rows * 2 + around <= height - least else 1
        least = _AIRY_PANE if self.size.width >= _TWO_COLUMNS else _CHART_PANE
        airy = shows and rows * each + around + 2 <= height - least
        room = height - least if airy else room
        for name, margin in (
            ("choices", (0, 0, 1 if airy else 0, 0)),
            ("total", (1 if airy else 0, 0, 0, 0)),
        ):
            bar = self.query_one(f"#spend-{name}")
            if tuple(bar.styles.margin) != margin:
                bar.styles.margin = margin
        around += 2 if airy else 0
        lines = str(max(around + 2, min(rows * each + around, room))) if shows else "1fr"
        if str(frame.styles.height) != lines:
            frame.styles.height = lines
        return each

    # -- the chosen row ----------------------------------------------------------------------------------------

    def _draw_pane(self) -> None:
        one, found, frame, reader = self.chosen, self.found, self.query_one("#spender-frame"), self._reader
        if one is None or found is None or reader is None or not frame.display:
            self._dear = ()
            return
        pane = self.query_one(ChartPane)
        width, height = pane.size
        if not width or not height:
            return
        shown = self._pane_now
        if shown != self._pane:
            self._pane = shown
            lines = self._chosen(found, one, reader).lines(width, height)
            pane.show([*map(ink.grey, lines)] if self.old else lines)
        place = f"{self._list.place + 1:,} of {len(self.rows):,}"
        name = self._names.names(self.by, [one.key])[one.key]
        self.show_titles(title_of_one(one, name, self.size.width), place, frame="#spender-frame")

    @property
    def _pane_now(self) -> tuple[object, ...]:
        reader, one = self._reader, self.chosen
        if reader is None or one is None:
            return ()
        known = (reader.failed(one.key), reader.reasons, reader.dearest(one.key))
        return (self.found, one, self.query_one(ChartPane).size, self.old, *known, self._marks)

    def _chosen(self, found: Spend, one: Spender, reader: SpendReader) -> ChosenSpender:
        """Return what draws the pane of a row."""
        prices, names = self.app.settings.prices, self._names
        near, far, failed = found.runs.get(one.key, ()), reader.dearest(one.key), reader.failed(one.key)
        runs = None if far is None else dearest((*near, *far), prices, _DEAREST)
        self._dear = runs or ()
        all_known = sum(one.now.counts.values()) == len(near)
        mark = next((mark for mark in reversed(names.marks) if found.since < mark.at < found.until), None)
        rate = None if mark is None else rate_since(one, mark.at, found.since, found.until, found.step)
        return ChosenSpender(
            found,
            one,
            names,
            runs,
            reader.reasons,
            None if failed is None else waste_by_reason(failed, reader.reasons, prices),
            half_of_waste(near) if all_known else None,
            rate if self.by != "release" else None,
            "" if mark is None else mark.name,
            self.shown_range.before,
            reader.older.why,
            self._known_since,
            [Tick(mark.at, mark.name) for mark in names.marks],
            self._gaps(),
            self._scales,
            signs_of(self.app.settings),
            self.app.glyphs,
        )

    def on_chart_pane_resized(self) -> None:
        """Draw the pane for its new size."""
        self._draw_other_pane()

    def _draw_other_pane(self) -> None:
        """Draw the pane, if it shows another row, or has another size."""
        if self.ready and self._pane_now != self._pane:
            self._draw_pane()

    def on_cursor_list_moved(self) -> None:
        """Draw the pane of the row under the cursor."""
        if not self.ready:
            return
        before = self._pane[1] if len(self._pane) > 1 else None
        if self.chosen is None or not isinstance(before, Spender) or before.key != self.chosen.key:
            self._scales.forget()
        self._draw_other_pane()
