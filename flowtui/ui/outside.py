"""What leaves the screen: text for the clipboard, a page for the browser, a picture for the disk.

Says truthfully what was done with it. Never asks the API.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from flowtui.config.settings import Settings
from flowtui.text import safe_text
from flowtui.ui.leaving import LeavingApp

if TYPE_CHECKING:
    from flowtui.model.run import Run


class OutsideApp(LeavingApp):
    """Base of the application."""

    settings: Settings

    def copy(self, text: str) -> None:
        """Copy through the terminal, and say what can be said: no terminal answers whether it did."""
        from flowtui.ui import clipboard  # noqa: PLC0415  the first frame needs none

        written = clipboard.sequence(text, tmux="TMUX" in os.environ)
        if written is None:
            self.notify("Too long for a terminal's clipboard", severity="warning", markup=False)
            return
        if self._driver is not None:
            self._driver.write(written)
        self.notify(f"Sent {safe_text(text)} to the terminal's clipboard (OSC 52)", timeout=3, markup=False)

    def open_in_browser(self, run: Run) -> None:
        """Open a run's page, where the config says what its address is."""
        template = self.settings.run_url
        if template is None:
            self.notify(
                "Set run_url in the config file to say where a run's page is", timeout=4, markup=False
            )
            return
        address = template.replace("{thread_id}", quote(run.thread_key, safe="")).replace(
            "{run_id}", quote(run.raw_id, safe="")
        )
        self.open_url(address)
        self.notify(f"Opened {safe_text(address)}", timeout=3, markup=False)

    def action_picture(self) -> None:
        """Save a picture of the screen where flowtui was started."""
        try:
            path = self.save_screenshot(f"flowtui-{time.strftime('%Y%m%d-%H%M%S')}.svg")
        except OSError as error:
            self.notify(f"The picture could not be saved: {error.strerror}", severity="error", markup=False)
        else:
            self.notify(f"Saved {safe_text(path)}", timeout=4, markup=False)
