"""The pane of one run: a line of tabs, the lines of the chosen one, and a search. Dashboard and run screen share it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from flowtui.model.columns.context import Context
from flowtui.model.run.row import RunKey
from flowtui.ui.paint.ink import Span
from flowtui.ui.run.folds import Folds
from flowtui.ui.run.opened import Opened, Sheet
from flowtui.ui.run.overview_tab import FOLDED_AT_FIRST, detail_lines
from flowtui.ui.run.tabs import MESSAGES, TABS, tab_line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.line_pane import LinePane
from flowtui.ui.widgets.prompt import Prompt


class DetailPane(Vertical):
    """Shows one run. `tab` is the chosen tab, from 0."""

    DEFAULT_CSS = """
    DetailPane > LinePane { height: 1fr; margin-top: 1; }
    """

    class Chosen(Message):
        """Another tab is in sight."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.tab = 0
        self._opened: Opened | None = None
        self._cell_context = Context(now=0.0)
        self._folds: dict[tuple[RunKey, int], Folds] = {}
        self._found: int | None = None

    def compose(self) -> ComposeResult:
        """Make the parts."""
        yield Bar()
        yield LinePane()
        yield Prompt("find in this pane")

    @property
    def body(self) -> LinePane:
        """The lines of the chosen tab."""
        return self.query_one(LinePane)

    @property
    def text(self) -> str:
        """What the pane says, without colours."""
        return f"{self.query_one(Bar).text}\n{self.body.text}"

    def show(self, opened: Opened | None, context: Context) -> None:
        """Show a run, or that there is none."""
        other = opened is None or self._opened is None or opened.run.key != self._opened.run.key
        self._opened, self._cell_context = opened, context
        if other:
            self._folds.clear()
            self.body.to_top()
        self._draw()

    def choose(self, tab: int) -> None:
        """Choose a tab, from 0; beyond the last comes the first."""
        self.tab = tab % len(TABS)
        self.body.to_top()
        self._find("")
        self.post_message(self.Chosen())

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._draw()

    def _folds_here(self) -> Folds:
        key = (self._opened.run.key if self._opened is not None else ("", ""), self.tab)
        return self._folds.setdefault(key, Folds(FOLDED_AT_FIRST.get(self.tab, lambda _: False)))

    def _draw(self) -> None:
        cells = self.body.scrollable_content_region.width
        if cells <= 0:
            return
        glyphs = self.app.glyphs  # type: ignore[attr-defined]
        if self._found is None:
            self.query_one(Bar).show(tab_line(self.tab, self._opened, cells))
        else:
            note = "1 line matches" if self._found == 1 else f"{self._found} lines match"
            tabs = tab_line(self.tab, self._opened, 0)
            self.query_one(Bar).show((*tabs, Span(f"   {note}", "dim")))
        sheet = Sheet(self._cell_context, glyphs, cells, self._folds_here())
        follow = self.tab == MESSAGES and self._opened is not None and self._opened.run.active
        self.body.show_document(detail_lines(self.tab, self._opened, sheet), follow=follow)

    def on_line_pane_folded(self, message: LinePane.Folded) -> None:
        """Fold or unfold."""
        message.stop()
        self._folds_here().toggle(message.path)
        self._draw()

    def on_line_pane_find_asked(self, message: LinePane.FindAsked) -> None:
        """Open the search."""
        message.stop()
        self.query_one(Prompt).open()

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Search while somebody types."""
        message.stop()
        self._find(message.text)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Go on in the text; n and N go from match to match."""
        message.stop()
        self._find(message.text)
        self.body.focus()

    def _find(self, text: str) -> None:
        """Search the lines as they are now; how many hold the text stands beside the tabs until it is taken back."""
        self._draw()
        found = self.body.find(text)
        self._found = found if text.strip() else None
        self._draw()
