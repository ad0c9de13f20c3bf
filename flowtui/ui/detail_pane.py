"""The pane of one run: a line of tabs and the lines of the chosen one. The dashboard and the run screen share it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from flowtui.model.columns import Context
from flowtui.ui.bar import Bar
from flowtui.ui.detail_lines import TABS, Opened, detail_lines, tab_line
from flowtui.ui.lines import Lines


class DetailPane(Vertical):
    """Shows one run. `tab` is the chosen tab, from 0."""

    DEFAULT_CSS = """
    DetailPane > Lines { height: 1fr; margin-top: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.tab = 0
        self._opened: Opened | None = None
        self._cell_context = Context(now=0.0)

    def compose(self) -> ComposeResult:
        """Make the parts."""
        yield Bar()
        yield Lines()

    @property
    def body(self) -> Lines:
        """The lines of the chosen tab."""
        return self.query_one(Lines)

    @property
    def text(self) -> str:
        """What the pane says, without colours."""
        return f"{self.query_one(Bar).text}\n{self.body.text}"

    def show(self, opened: Opened | None, context: Context) -> None:
        """Show a run, or that there is none."""
        other = opened is None or self._opened is None or opened.run.key != self._opened.run.key
        self._opened, self._cell_context = opened, context
        if other:
            self.body.scroll_home(animate=False)
        self._draw()

    def choose(self, tab: int) -> None:
        """Choose a tab, from 0; beyond the last comes the first."""
        self.tab = tab % len(TABS)
        self.body.scroll_home(animate=False)
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._draw()

    def _draw(self) -> None:
        cells = self.body.scrollable_content_region.width
        if cells <= 0:
            return
        glyphs = self.app.glyphs  # type: ignore[attr-defined]
        self.query_one(Bar).show(tab_line(self.tab, self._opened, cells))
        self.body.show(detail_lines(self.tab, self._opened, self._cell_context, glyphs, cells))
