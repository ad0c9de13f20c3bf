"""`RunTable`, Textual's `DataTable` and `textual-fastdatatable` with the same rows and operations, at any size.

Each does what an application must do with it. The other two get ready texts; `RunTable` makes its own. `DataTable` cannot
hide rows, so a filter clears it and adds the remaining rows. `textual-fastdatatable` copies a whole column to change a
cell, and has no `clear`: for more than a few changes its table is removed and a new one mounted, as its documentation
recommends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.widget import Widget

from benchmarks.hosts import CONTEXT, Host, OurHost, StockHost, as_next, cells, rows, snapshot_of, take_in
from flowtui.model.columns.columns import COLUMNS, DEFAULT
from flowtui.model.state.changes import Change
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.ranking import Ranking
from flowtui.model.view.view import View
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.table.cell_style import CellStyle

COLUMN = "tokens"
"""The column that the sort uses."""

FEW = 1
"""The largest number of changes for which `textual-fastdatatable` is changed cell by cell."""

TITLES = [COLUMNS[name].title for name in DEFAULT]


@dataclass(frozen=True, slots=True)
class News:
    """The data of one tick: the snapshots before and after it, the changes, and (place, column, text) of each changed
    cell."""

    last: Snapshot
    known: Snapshot
    changes: list[Change]
    texts: list[tuple[int, int, str]]


class World:
    """`count` runs, 20 of each thread, and their changes."""

    def __init__(self, count: int) -> None:
        self.runs = rows(count, threads=max(1, count // 20))
        self.known = snapshot_of(self.runs)
        self.texts = [cells(run) for run in self.runs]
        self._turn = 0

    def change(self, changes: int, *, first: int = 0) -> News:
        """Change `changes` runs, spread evenly over all; the first `first` runs are among them."""
        self._turn += 1
        step = max(1, (len(self.runs) - first) // max(1, changes - first))
        places = [*range(first), *range(first, len(self.runs), step)][:changes]
        changed, texts = [], []
        for number, place in enumerate(places):
            run = self.runs[place] = as_next(self.runs[place], self._turn + 2 * (number % 97))
            changed.append(run)
            old, self.texts[place] = self.texts[place], cells(run)
            both = enumerate(zip(old, self.texts[place], strict=True))
            texts += [(place, column, new) for column, (before, new) in both if before != new]
        last, (self.known, changes) = self.known, take_in(self.known, changed)
        self._news = News(
            last, self.known, changes, texts
        )  # keeps the last snapshot alive: freeing it is not work of the table
        return self._news

    def half(self, *, upper: bool) -> tuple[str, list[tuple[str, ...]]]:
        """Return a filter that leaves about half of the rows, and the texts of those."""
        middle = median(run.total_tokens or 0 for run in self.runs)
        text = f"tokens{'>' if upper else '<='}{middle:.0f}"
        return text, [cells(run) for run in Ranking().arrange(self.known, View(text=text), CONTEXT)]


class Ours(OurHost):
    name = "`RunTable`"

    def __init__(self) -> None:
        super().__init__()
        self.animation_level = "none"
        self.view = View()
        self._ranking = Ranking()

    async def fill(self, world: World) -> None:
        self._show(world.known)
        await self.painted()

    @property
    def _style(self) -> CellStyle:
        return CellStyle(CONTEXT, UNICODE, order=(self.view.sort, self.view.descending))

    def _show(self, known: Snapshot, *, at_once: bool = False) -> None:
        rows = self._ranking.arrange(known, self.view, CONTEXT)
        show = partial(self.table.show, rows, self._style, find=known.run, at_once=at_once)
        self.inside.run(show)

    async def tick(self, news: News) -> None:
        """As the dashboard does, move changed rows to their places, or sort all rows if too many changed."""
        moved = self._ranking.follow(news.last, news.known, self.view, CONTEXT, news.changes)
        if moved is None:
            self._show(news.known)
        else:
            order, find = self._ranking.order, news.known.run
            self.inside.run(partial(self.table.follow, order, self._style, find=find, moved=moved))
        await self.painted()

    move = tick

    async def sort(self, world: World, *, descending: bool) -> None:
        self.view = View(sort=COLUMN, descending=descending)
        self._show(world.known, at_once=True)
        await self.painted()

    async def keep(self, world: World, text: str, _: Sequence[tuple[str, ...]]) -> None:
        self.view = View(text=text)
        self._show(world.known, at_once=True)
        await self.painted()

    async def page(self) -> None:
        self.inside.run(self.table.action_page, 1)
        await self.painted()


class Stock(StockHost):
    name = "`DataTable`"

    def __init__(self) -> None:
        super().__init__()
        self.animation_level = "none"

    async def fill(self, world: World) -> None:
        await self.load(world.texts)

    def _change(self, texts: Iterable[tuple[int, int, str]]) -> None:
        for place, column, text in texts:
            self.table.update_cell(self.keys[place], DEFAULT[column], text)

    async def tick(self, news: News) -> None:
        self._change(news.texts)
        await self.painted()

    async def move(self, news: News) -> None:
        self._change(news.texts)
        self.table.sort(COLUMN)  # as text, which is the cheapest
        await self.painted()

    async def sort(self, _: World, *, descending: bool) -> None:
        self.table.sort(COLUMN, reverse=descending)
        await self.painted()

    async def keep(self, _: World, __: str, texts: Sequence[tuple[str, ...]]) -> None:
        self.table.clear()
        await self.load(texts)

    async def page(self) -> None:
        self.table.action_page_down()
        await self.painted()


class Fast(Host):
    name = "`textual-fastdatatable`"
    CSS: ClassVar[str] = "DataTable { height: 1fr; scrollbar-size-vertical: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.animation_level = "none"
        self._columns: list[list[str]] = [[] for _ in TITLES]

    def compose(self) -> ComposeResult:
        yield self._table([[] for _ in TITLES])

    def _table(self, columns: Sequence[Sequence[str]]) -> Widget:
        from textual_fastdatatable import ArrowBackend, DataTable  # noqa: PLC0415  only in the extra `bench`

        backend = ArrowBackend.from_pydict(dict(zip(TITLES, columns, strict=True)))
        return DataTable(backend=backend, cursor_type="row", render_markup=False)

    @property
    def table(self) -> Any:
        return self.screen.children[0]

    async def _mount(self, columns: Sequence[Sequence[str]]) -> None:
        """Replace the table by one with these columns."""
        await self.table.remove()
        await self.screen.mount(self._table(columns))

    async def fill(self, world: World) -> None:
        self._columns = [list(column) for column in zip(*world.texts, strict=True)]
        await self._mount(self._columns)
        await self.painted()

    async def _change(self, texts: Sequence[tuple[int, int, str]]) -> None:
        for place, column, text in texts:
            self._columns[column][place] = text
        if len({place for place, _, _ in texts}) > FEW:
            await self._mount(self._columns)
            return
        for place, column, text in texts:
            self.table.update_cell(place, column, text)

    async def tick(self, news: News) -> None:
        await self._change(news.texts)
        await self.painted()

    async def move(self, news: News) -> None:
        await self._change(news.texts)
        self.table.sort(COLUMNS[COLUMN].title)
        await self.painted()

    async def sort(self, _: World, *, descending: bool) -> None:
        self.table.sort([(COLUMNS[COLUMN].title, "descending" if descending else "ascending")])
        await self.painted()

    async def keep(self, _: World, __: str, texts: Sequence[tuple[str, ...]]) -> None:
        await self._mount(list(zip(*texts, strict=True)))
        await self.painted()

    async def page(self) -> None:
        self.table.action_page_down()
        await self.painted()


Side = Ours | Stock | Fast
