"""Copies one line to the terminal's clipboard and opens a run's page in the browser. Makes no request to the API.

Its messages do not claim that anything was copied, because no terminal confirms that.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from flowtui.config.key.environ import environ_without_key
from flowtui.config.settings import Settings
from flowtui.text import safe_text
from flowtui.ui.terminal.terminal_app import TerminalApp

if TYPE_CHECKING:
    from flowtui.model.run.row import Run


class OutsideApp(TerminalApp):
    """The part of the application that copies one line and opens pages in the browser."""

    settings: Settings

    @property
    def child_environ(self) -> Mapping[str, str]:
        """The environment for child processes, without the API key."""
        return environ_without_key(os.environ, "", self.settings.api_key_env, *self.settings.key_names)

    def copy(self, text: str) -> None:
        """Copy one line through the terminal (OSC 52). The message says only that it was sent: no terminal confirms a copy."""
        from flowtui.ui.actions import clipboard  # noqa: PLC0415  not needed for the first frame

        text = safe_text(text)
        written = clipboard.sequence(text, tmux="TMUX" in os.environ)
        if written is None:
            self.notify("Too long for a terminal's clipboard", severity="warning", markup=False)
            return
        self.write_to_terminal(written)
        self.notify(f"Sent {text} to the terminal's clipboard (OSC 52)", timeout=3, markup=False)

    def open_in_browser(self, run: Run) -> None:
        """Open a run's page in the browser; without `run_url` in the config file, say that it has to be set."""
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

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Open an address in a browser. The process that opens it does not get the API key in its environment.

        If flowtui itself is shown in a browser, or has no terminal, Textual's own method is used instead.
        """
        if self.is_web or self.is_headless:
            super().open_url(url, new_tab=new_tab)
        else:
            # A thread waits for the process, because some browsers block the process that starts them.
            call = partial(_browse, url, dict(self.child_environ))
            threading.Thread(target=call, name="flowtui-browser", daemon=True).start()


def _browse(url: str, environ: Mapping[str, str]) -> None:
    nothing = subprocess.DEVNULL
    with suppress(OSError):  # if no process can be started, nothing happens, as without a browser
        subprocess.run(  # noqa: S603  the address is one argument, and no shell reads it
            [sys.executable, "-I", "-m", "webbrowser", "-t", url],
            env=environ,
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            start_new_session=True,
            check=False,
        )
