"""The pane of one run: tabs, the lines of the chosen tab, and a search. Part of the dashboard and of the run screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import is_not
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from flowtui.model.columns.context import Context
from flowtui.model.messages.opened import Opened
from flowtui.model.run.json_tree import Path
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.charts.signs import signs_of
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Span
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.run.tab_lines import FOLDED_AT_FIRST, detail_lines
from flowtui.ui.run.tabs import MESSAGES, OVERVIEW, TABS, tab_line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.line_pane import LinePane
from flowtui.ui.widgets.prompt import Prompt

if TYPE_CHECKING:  # not at the start
    from flowtui.model.answers.news import FailureNews
    from flowtui.model.answers.run.same_reason import SameReason
    from flowtui.model.reasons.reason import Reason

_INDENT: Final = 1  # cells before the lines, which the tint of a line has, too
CURSORLESS: Final = frozenset({OVERVIEW})
"""The tabs whose lines scroll although one of them folds: there is no cursor in a card."""


class Folds:
    """Which paths of a tree are folded: `path in folds` is True for these. `at_first` returns whether a path starts folded."""

    def __init__(self, at_first: Callable[[Path], bool] = lambda _: False) -> None:
        self._at_first = at_first
        self._toggled: set[Path] = set()
        self._all: bool | None = None

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, tuple) or not path:
            return False  # a folded root would leave the pane empty
        folded = self._at_first(path) if self._all is None else self._all
        return folded != (path in self._toggled)

    def toggle(self, path: Path | None) -> None:
        """Fold or unfold a path; if `path` is None, fold all paths, or unfold them the next time."""
        if path is None:
            self._all = not self._all
            self._toggled.clear()
        else:
            self._toggled ^= {path}


class KnownReasons:
    """Counts the runs in memory that failed for the reason of a run, again only when more reasons are known."""

    def __init__(self) -> None:
        self._key: tuple[RunKey, Mapping[RunKey, Reason], Sequence[FailureNews]] | None = None
        self._found: SameReason | None = None

    def of(self, run: Run, context: Context, news: Sequence[FailureNews]) -> SameReason | None:
        """Return how often its reason is known; None if its own is not known. `news`: what is known to be new."""
        if run.key not in context.reasons:
            return None
        key = (run.key, context.reasons, news)
        if self._key is None or key[0] != self._key[0] or any(map(is_not, key[1:], self._key[1:])):
            from flowtui.model.answers.run.same_reason import known_runs, with_news  # noqa: PLC0415  not at the start

            found = known_runs(run, context)
            self._key, self._found = key, found and with_news(found, news)
        return self._found


class DetailPane(Vertical):
    """Shows one run. `tab` is the chosen tab, counted from 0.

    `chosen`: whether the user chose it. `opens`: whether the user opened the run, on a screen of its own. `same_reason`: the runs that failed for the same reason,
    as the history knows them; None: only those in memory are counted. `news`: what is known to be new and wrong. `old`: the run is drawn in grey, as the server does not answer.
    """

    app: AppBase

    DEFAULT_CSS = """
    DetailPane > Prompt { padding: 0 1 0 2; }
    DetailPane > LinePane { height: 1fr; margin-top: 1; scrollbar-gutter: stable; }
    """

    class Chosen(Message):
        """Posted when the user has chosen a tab."""

    def __init__(self, *, opens: bool = False, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.tab = 0
        self.opens, self.chosen = opens, False
        self.same_reason: SameReason | None = None
        self.news: Sequence[FailureNews] = ()
        self.old = False
        self._known = KnownReasons()
        self._opened: Opened | None = None
        self._cell_context = Context(now=0.0)
        self._folds: dict[tuple[RunKey, int], Folds] = {}
        self._found: int | None = None

    def compose(self) -> ComposeResult:
        yield Bar()
        yield LinePane(indent=_INDENT)
        yield Prompt("find in this pane")

    @property
    def body(self) -> LinePane:
        """The lines of the chosen tab."""
        return self.query_one(LinePane)

    @property
    def text(self) -> str:
        """The text of the pane, without colours."""
        return f"{self.query_one(Bar).text}\n{self.body.text}"

    def show(self, opened: Opened | None, context: Context) -> None:
        """Show a run; if `opened` is None, show the words `No run selected`."""
        other = opened is None or self._opened is None or opened.run.key != self._opened.run.key
        self._opened, self._cell_context = opened, context
        if other:
            self._folds.clear()
            self.body.go(0)
        self._draw()

    def choose(self, tab: int) -> None:
        """Show the tab with the index `tab`, which the user chose. After the last index comes 0 again."""
        self.chosen = True
        self.tab = tab % len(TABS)
        self.body.go(0)
        self._find("")
        self.post_message(self.Chosen())

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._draw()

    def _folds_here(self) -> Folds:
        key = (self._opened.run.key if self._opened is not None else ("", ""), self.tab)
        return self._folds.setdefault(key, Folds(FOLDED_AT_FIRST.get(self.tab, lambda _: False)))

    def _draw(self) -> None:
        cells = self.body.scrollable_content_region.width - _INDENT - 1  # a cell before the scrollbar
        if cells <= 0:
            return
        edge = Span(" " * _INDENT)
        if self._found is None:
            self.query_one(Bar).show((edge, *tab_line(self.tab, self._opened, cells)))
        else:
            note = "1 line matches" if self._found == 1 else f"{self._found} lines match"
            tabs = tab_line(self.tab, self._opened, 0)
            self.query_one(Bar).show((edge, *tabs, Span(f"   {note}", "dim")))
        render = self._render_context(cells)
        follow = self.tab == MESSAGES and self._opened is not None and self._opened.run.active
        lines = detail_lines(self.tab, self._opened, render)
        if self.old:
            lines = [line._replace(spans=ink.grey(line.spans)) for line in lines]
        self.body.show_document(lines, follow=follow, cursor=self.tab not in CURSORLESS)

    def _render_context(self, cells: int) -> RenderContext:
        app, opened, context = self.app, self._opened, self._cell_context
        same = self.same_reason
        if same is None and opened is not None and opened.run.status_class == FAILED:
            same = self._known.of(opened.run, context, self.news)
        return RenderContext(
            context,
            app.glyphs,
            cells,
            self._folds_here(),
            signs_of(app.settings),
            None if self.opens else self.body.scrollable_content_region.height,
            same,
            self.opens,
            app.user_keys,
        )

    def on_line_pane_folded(self, message: LinePane.Folded) -> None:
        """Fold or unfold the path that the user chose."""
        message.stop()
        self._folds_here().toggle(message.path)
        self._draw()

    def on_line_pane_find_asked(self, message: LinePane.FindAsked) -> None:
        """Open the search."""
        message.stop()
        self.query_one(Prompt).open()

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Search after each typed character."""
        message.stop()
        self._find(message.text)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Move the focus to the lines; n and N then go from match to match."""
        message.stop()
        self._find(message.text)
        self.body.focus()

    def _find(self, text: str) -> None:
        """Search the lines for `text`, and show beside the tabs how many lines match. "" ends the search."""
        self._draw()
        found = self.body.find(text)
        self._found = found if text.strip() else None
        self._draw()
