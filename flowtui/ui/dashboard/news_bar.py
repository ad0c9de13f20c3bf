"""The tinted line under the header that says what is new and wrong. Without news it takes no line."""

from __future__ import annotations

from textual import events
from textual.strip import Strip

from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base.messages import ScreenRequested
from flowtui.ui.dashboard.news_reader import NewsReader
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.table.run_table import RunTable
from flowtui.ui.widgets.bar import Bar


class NewsBar(Bar):
    """A click opens the screen of failures. `reader`: finds the news."""

    DEFAULT_CSS = "NewsBar { display: none; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.reader = NewsReader()

    def draw(self, snapshot: Snapshot | None, table: RunTable, *, hold: bool) -> None:
        """Show the news, or remove the line if there are none. With `hold`, the line neither comes nor goes.

        When it does, `table` moves by a line of the screen, but the row under its cursor does not.
        """
        if snapshot is None:
            return
        app = self.app
        marks, known = app.data.deploy_marks.marks, app.data.reasons()
        self.reader.look(app.data.past, snapshot, marks, known, redact=app.settings.redact)
        line = self._line_of(snapshot) if self.reader.news else ink.BLANK
        if bool(line) is not bool(self.display):
            if hold:
                return
            table.move_down(1 if line else -1)
            self.display = bool(line)
            # Textual would only ask for the layout in a message: a frame that is due before it showed the table scrolled, but
            # in its old place.
            self.screen.refresh(layout=True, repaint=False)
        if line:
            self.show(line)

    def _line_of(self, snapshot: Snapshot) -> Line:
        from flowtui.ui.dashboard.news_line import NewsContext, news_line  # noqa: PLC0415  not at the start

        app = self.app
        now = snapshot.server_time(app.now())
        context = NewsContext(snapshot.agents, now, app.zone, app.glyphs, app.user_keys)
        return news_line(self.reader.news, self.screen.size.width, context)

    def render_line(self, y: int) -> Strip:
        """Return the line on its tint."""
        base = self.rich_style + self.app.palette.news
        return ink.strip(self._line if y == 0 else ink.BLANK, self.app.palette, base, self.size.width)

    def on_click(self, event: events.Click) -> None:
        """Open the screen of failures."""
        event.stop()
        self.post_message(ScreenRequested(bindings.FAILURES))
