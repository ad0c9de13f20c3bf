"""The welcome screen, shown if there is no API key. It offers the demo, and says in three lines how to connect."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.screen import Screen

from flowtui.ui.base.messages import DemoRequested
from flowtui.ui.keys.footer import Hint, hint_foot
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.line_pane import LinePane

CONNECT: Final = (
    "export SEEKR_API_KEY=...        # your key; never an argument",
    "flowtui config init             # optional: a commented config file",
    "flowtui                         # every thread of the key's owner",
)


def welcome_lines() -> list[Line]:
    """Return the text of the welcome screen."""
    return [
        ink.line(("A live window on the runs of your SeekrFlow agents.", "strong")),
        ink.BLANK,
        ink.line(("There is no API key here yet.", "warn")),
        ink.BLANK,
        ink.line(
            ("enter", "key"),
            ("  look around in the demo: simulated runs over real HTTP, on this machine", "text"),
        ),
        ink.line(("q", "key"), ("      quit", "text")),
        ink.BLANK,
        ink.line(("Connect to SeekrFlow in three lines", "strong")),
        ink.BLANK,
        *(ink.line("  ", (text, "accent")) for text in CONNECT),
        ink.BLANK,
        ink.line(("A key in a password manager or a file works too: api_key_command, api_key_file.", "dim")),
        ink.line(("flowtui sends data only to the API. The dashboard remembers runs in a private", "dim")),
        ink.line(("file, unless it is started with --no-history.", "dim")),
    ]


class Welcome(Screen[None]):
    """Offers the demo and says how to connect."""

    BINDINGS = [  # noqa: RUF012  Textual's own form
        Binding("enter,d", "demo", "look around in the demo", show=False),
        Binding("q,escape", "app.quit_now", "quit", show=False),
    ]

    AUTO_FOCUS = ""  # nothing has the focus, so keys go to the screen

    def compose(self) -> ComposeResult:
        yield Bar(id="header")
        with Container(id="welcome-frame", classes="frame"):
            yield LinePane(id="welcome")
        yield Bar(id="footer")

    def on_mount(self) -> None:
        """Show the text."""
        self.query_one("#header", Bar).show((Span(" flowtui ", "badge"),))
        hints = (Hint("enter", "demo", "enter"), Hint("q", "quit", "q"))
        self.query_one("#footer", Bar).show_foot(hint_foot(hints, self.size.width))
        self.query_one("#welcome-frame").border_title = "Welcome"
        self.query_one(LinePane).show(welcome_lines())

    def action_demo(self) -> None:
        """Start the demo."""
        self.post_message(DemoRequested())
