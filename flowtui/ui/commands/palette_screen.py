"""The command palette: all commands of the current screen with their keys; what the user types narrows the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from flowtui.ui.base.view_screen import Dialog
from flowtui.ui.commands.palette import Offer, found_offers
from flowtui.ui.keys.footer import Hint, hint_foot
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.prompt import Prompt
from flowtui.ui.widgets.skipping_list import SkippingList

HINTS: Final = (
    Hint("enter", "run", "enter"),
    Hint("↓", "", "down"),
    Hint("↑", "choose", "up"),
    Hint("esc", "close", "escape"),
)
_SECTION: Final = 24  # least cells between a text and its key for the name of its section

_KEYS: Final[list[BindingType]] = [
    Binding("enter", "screen.choose", "run", show=False),
    Binding("escape", "screen.dismiss", "close", show=False),
    Binding("down,ctrl+n", "screen.move(1)", "next", show=False),
    Binding("up", "screen.move(-1)", "previous", show=False),
    Binding("pagedown", "screen.page(1)", "a page down", show=False),
    Binding("pageup", "screen.page(-1)", "a page up", show=False),
    Binding("ctrl+home,shift+home", "screen.first", "first", show=False),
    Binding("ctrl+end,shift+end", "screen.last", "last", show=False),
]


def offer_line(offer: Offer, cells: int, *, section: bool) -> Line:
    """Return a command as a line of at most `cells` cells: its text, with `section` where it belongs, and its key."""
    key = Span(ink.cut(offer.key, max(0, cells // 3)), "key")
    text = Span(f"   {ink.cut(offer.text, max(1, cells - 5 - ink.width((key,))))}", "text")
    room = cells - ink.width((text, key)) - 4
    where = Span(f"{offer.section}  " if section and room >= max(_SECTION, len(offer.section)) else "", "dim")
    return ink.spread((text,), (where, key, Span(" ")), cells)


class PaletteInput(Prompt):
    """What the user types; its keys move the cursor of the list."""

    DEFAULT_CSS = "PaletteInput.-textual-compact { display: block; padding: 0 1; }"
    BINDINGS = _KEYS


class PaletteList(SkippingList[Offer | str], can_focus=False):
    """The commands, and the titles of their sections. The input keeps the focus."""

    CLICKS = 1

    def is_title(self, key: Offer | str) -> bool:
        """Whether an entry is the title of a section."""
        return isinstance(key, str)

    def cursor_style(self) -> Style:
        """Return the style of the cursor's line."""
        return self.app.palette.cursor_row


class PaletteScreen(Dialog[None]):
    """The dialog. `offers`: all commands; the chosen one is run after the dialog has closed."""

    BINDINGS = _KEYS

    DEFAULT_CSS = """
    PaletteScreen { align: center top; }
    #palette-frame { width: 80; max-width: 100%; height: 80%; margin-top: 2; }
    #palette { height: 1fr; }
    """

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__(name="palette")
        self._offers = offers
        self._shown: Sequence[Offer | str] = ()
        self._words: str | None = None  # those for which the list is drawn
        self._drawn = False

    @property
    def takes_keys(self) -> bool:
        """Whether the list is drawn. Until then keys wait, so that page keys know how long a page is."""
        return self._drawn

    @property
    def entries(self) -> PaletteList:
        """The list of commands."""
        return self.query_one(PaletteList)

    @property
    def offers(self) -> list[Offer]:
        """The commands in the list."""
        return [offer for offer in self._shown if isinstance(offer, Offer)]

    def compose(self) -> ComposeResult:
        with Container(classes="frame dialog", id="palette-frame"):
            yield PaletteInput("search for a command, or a key")
            yield PaletteList(id="palette")
            yield Bar(id="palette-keys", classes="hints")

    def on_mount(self) -> None:
        """Show all commands."""
        self.query_one("#palette-frame").border_title = "Commands"
        self.query_one(PaletteInput).open()
        self.after_paint(self._fit)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.after_paint(self._fit)

    def _fit(self) -> None:
        self.query_one(PaletteInput).focus()  # it loses the focus where it has no room
        bar = self.query_one("#palette-keys", Bar)
        bar.show_foot(hint_foot(HINTS, bar.size.width))
        self._narrow(again=True)
        self._drawn = True

    def _narrow(self, *, again: bool = False) -> None:
        """Show the commands for what is typed now. With nothing typed, they have their sections."""
        words = self.query_one(PaletteInput).value
        if words == self._words and not again:
            return
        fresh, self._words = words != self._words, words
        found = found_offers(self._offers, words) if words.strip() else self._offers
        self._shown = found if words.strip() else _in_sections(found)
        said = [ink.line((f'No command matches "{words.strip()}"', "strong"))]
        self.entries.show_entries(self._shown, self._line, words=words.casefold().split(), placeholder=said)
        if fresh:
            self.entries.action_first()

    def _line(self, place: int) -> Line:
        offer, cells = self._shown[place], self.entries.cells
        if isinstance(offer, str):
            return ink.line((f" {offer}", "title")) if offer else ink.BLANK
        return offer_line(offer, cells, section=bool(self._words))

    # -- keys --------------------------------------------------------------------------------------------------

    def on_prompt_typed(self) -> None:
        """After each typed character, show only the matching commands."""
        self._narrow()

    def action_move(self, step: int) -> None:
        """Move the cursor of the list."""
        self.entries.action_move(step)

    def action_page(self, pages: float) -> None:
        """Move the cursor of the list by pages."""
        self.entries.action_page(pages)

    def action_first(self) -> None:
        """Move the cursor of the list to the first command."""
        self.entries.action_first()

    def action_last(self) -> None:
        """Move the cursor of the list to the last command."""
        self.entries.action_last()

    def action_choose(self) -> None:
        """Close, and run the command under the cursor."""
        self._narrow()
        offer = self.entries.key
        if isinstance(offer, Offer):
            self.dismiss(None)
            self.app.call_later(offer.run)

    def on_cursor_list_chosen(self) -> None:
        """Run the command that was clicked."""
        self.action_choose()


def _in_sections(offers: Sequence[Offer]) -> list[Offer | str]:
    """Return commands with a title above each section, and an empty line above each title but the first."""
    lines: list[Offer | str] = []
    section = ""
    for offer in offers:
        if offer.section != section:
            section = offer.section
            lines += ["", section] if lines else [section]
        lines.append(offer)
    return lines
