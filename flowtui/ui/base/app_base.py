"""The application as widgets, screens and controllers see it: what they read to draw, and how they show a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.keys import key_to_character

from flowtui.config.settings import Settings
from flowtui.formatting import parse_zone
from flowtui.ui.base.host_label import host_label_of
from flowtui.ui.keys.renamed import current_ids
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.paint.theme import THEMES, Palette, own_variables
from flowtui.ui.terminal.terminal_app import TerminalApp

if TYPE_CHECKING:
    from flowtui.ui.base.services import Severity
    from flowtui.ui.base.view_data import ViewData
    from flowtui.ui.paint.few_colors import FewColors


_MOST_NOTICES: Final = 3  # on the screen at the same time


class AppBase(TerminalApp):
    """What widgets read of the application.

    `now`: returns UTC epoch seconds of the screen's clock. `zone`: the time zone of all times on the screen.
    `user_keys`: key id → the key that the user set for it in the config file. `trouble`: why connecting has failed; "" if
    there is a connection or one is being opened. `data`: what screens draw; set before the first of them opens.
    `last_key_at`: when the user last pressed a key or pasted a text, in UTC epoch seconds of the clock `now`.
    """

    data: ViewData

    def __init__(self, settings: Settings, now: Callable[[], float], css_path: str | None) -> None:
        super().__init__(css_path=css_path)
        self.now = now
        self.glyphs = ASCII if settings.ascii else UNICODE
        self.user_keys = current_ids(settings.keys or {})
        self.trouble = ""
        self.last_key_at = float("-inf")
        self.use_settings(settings)
        for theme in THEMES:
            self.register_theme(theme)
        self._palette: tuple[str, Palette] | None = None
        self._few_colors: FewColors | None = None

    def use_settings(self, settings: Settings) -> None:
        """Use the settings of a profile from now on."""
        self.settings, self.zone, self.host_label = settings, parse_zone(settings.tz), host_label_of(settings)

    def use_colors_of(self, system: str | None) -> None:
        """Draw in the colours that the terminal has. `system`: rich's name of them, such as `256`."""
        if system != "truecolor":
            from flowtui.ui.paint.few_colors import few_colors  # noqa: PLC0415  most terminals show all colours

            self._few_colors = few_colors(system)
            for theme in self._few_colors.themes() if self._few_colors is not None else ():
                self.register_theme(theme)

    @property
    def palette(self) -> Palette:
        """The colours of the current theme."""
        if self._palette is None or self._palette[0] != self.theme:
            near = None if self._few_colors is None else self._few_colors.near
            made = Palette(self.get_css_variables(), plain=self.settings.ascii, near=near)
            self._palette = (self.theme, made)
        return self._palette[1]

    @property
    def theme_names(self) -> list[str]:
        """The names of the themes: first flowtui's own, then Textual's, but not those that use the terminal's colours."""
        ours = [theme.name for theme in THEMES]
        others = (
            name for name, theme in self.available_themes.items() if not theme.ansi and name not in ours
        )
        return [*ours, *sorted(others)]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return values for the variables that Textual's own themes lack: only ours define them."""
        return own_variables(self.current_theme.to_color_system().generate())

    def title_text(self, text: str) -> Content:
        """Return `text` in a form for the border of a frame: Textual would read markup in a plain string."""
        return Content(ink.plain(text) if self.settings.ascii else text)

    def press(self, names: str) -> None:
        """Do what a key does, because the user clicked its hint. `names`: of keys, as in a binding; the first one counts."""
        binding = next(iter(Binding.make_bindings([Binding(names, "press")])))
        self.post_message(events.Key(binding.key, key_to_character(binding.key)))

    def say(
        self, text: str, *, title: str = "", severity: Severity = "information", timeout: float | None = None
    ) -> None:
        """Show a message for `timeout` seconds; no markup is read from it. During the shutdown, show nothing.

        Messages with a title are notices of watches, which may be many: the event log keeps them.
        """
        if self.leaving:
            return  # there may be no screen any more
        if title and len(self.screen.query("Toast")) >= _MOST_NOTICES:
            self.clear_notifications()  # more would cover the screen
        self.notify(text, title=title, severity=severity, timeout=timeout, markup=False)
