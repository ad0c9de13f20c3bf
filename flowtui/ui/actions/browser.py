"""Opens a run's page in the browser. Makes no request to the API."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from urllib.parse import quote

from flowtui.model.run.row import Run
from flowtui.text import safe_text
from flowtui.ui.base.services import Say


def open_page(run: Run, template: str | None, launch: Callable[[str], None], say: Say) -> None:
    """Open a run's page with `launch`. `template`: the setting `run_url`; without it, say that it has to be set."""
    if template is None:
        say("Set run_url in the config file to say where a run's page is", timeout=4)
        return
    address = page_of(run, template)
    launch(address)
    say(f"Opened {safe_text(address)}", timeout=3)


def page_of(run: Run, template: str) -> str:
    """Return the address of a run's page. `template`: the setting `run_url`."""
    thread, run_id = quote(run.thread_key, safe=""), quote(run.raw_id, safe="")
    return template.replace("{thread_id}", thread).replace("{run_id}", run_id)


def launch_browser(environ: Mapping[str, str], url: str) -> None:
    """Open an address in a browser, from a process with this environment, which must not contain the API key."""
    # A thread waits for the process, because some browsers block the process that starts them.
    call = partial(_browse, url, dict(environ))
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
