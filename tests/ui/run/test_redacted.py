"""The dashboard with `--redact`: no private text is drawn, copied or saved, and hidden values do not look like unknown ones.

Every private text of the server begins with PRIVATE; the same walk without the option finds all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flowtui.config.memory.memory import remember
from flowtui.config.settings import Settings
from flowtui.ui.app.app import FlowtuiApp
from flowtui.ui.run.run_screen import RunScreen

from ...faults.answer_server import FAILED, AnswerServer
from ..conftest import Seat

PRIVATE = re.compile(r"PRIV[A-Za-z-]*")
COLUMNS = ["run", "status", "note", "meta_data.env", ".instructions"]
TABS = {
    "1": "meta_data",
    "2": "Instructions",
    "3": "parameters",
    "4": "assistant",
    "5": "Seen by flowtui",
    "6": "Rests on",
    "7": "tokens/s",
    "8": "instructions",
    "9": "last_error",
}


@pytest.fixture(scope="module")
def server() -> Iterator[AnswerServer]:
    with AnswerServer() as server:
        yield server


@dataclass
class Walk:
    """What was drawn on screens, and what was copied or saved, by name."""

    screens: dict[str, str] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)

    @property
    def drawn(self) -> str:
        return "\n".join(self.screens.values())

    @property
    def everything(self) -> str:
        return "\n".join([self.drawn, *self.taken.values()])


async def _saved(seat: Seat, walk: Walk, name: str, press: Callable[[], Any]) -> None:
    before = set(Path.cwd().glob("flowtui-*"))
    await press()
    await seat.until(lambda: set(Path.cwd().glob("flowtui-*")) - before)
    (new,) = set(Path.cwd().glob("flowtui-*")) - before
    # the report is complete
    await seat.until(lambda: any(new.name in note.message for note in seat.app._notifications))
    await seat.sees("Saved")
    walk.taken[name] = new.read_text()


async def _walk(seat: Seat) -> Walk:
    app, walk = seat.app, Walk()
    await seat.sees(FAILED, "META_DATA.ENV")
    await seat.choose(FAILED)
    await seat.until(lambda: re.search(r"failed .*(502|(\[redacted.*){3})", seat.text))
    walk.screens["table"] = seat.text
    await seat.press("L")
    await seat.sees("Events")
    walk.screens["events"] = seat.text
    await seat.press("escape", "enter")
    await seat.sees("run 1 of")
    for key, shown in TABS.items():
        await seat.press(key)
        await seat.until(lambda shown=shown: shown in seat.text and "Loading" not in seat.text)
        if key == "4":
            await seat.press("Z")
            await seat.sees("file")
        walk.screens[key] = seat.text
    walk.taken["picture"] = app.export_screenshot()
    await _saved(seat, walk, "report", lambda: seat.press("E"))
    await seat.press("Y")
    await seat.sees("Copy of")
    await seat.press("j", "j")
    await _saved(seat, walk, "JSON", lambda: seat.press("s"))
    await seat.press("escape")
    await seat.until(lambda: not isinstance(app.screen, RunScreen))
    for letter, form in (("c", "csv"), ("m", "md"), ("d", "json")):
        await seat.press("E")
        await seat.sees("enter choose")
        await _saved(seat, walk, form, lambda letter=letter: seat.press(letter))
    return walk


@pytest.fixture
def walk(server, own_environment, clock, monkeypatch, tmp_path):
    """Open all screens of a dashboard and copy and save everything, with or without `redact`."""
    monkeypatch.setenv("SEEKR_API_KEY", "a-key-of-no-account")
    monkeypatch.chdir(tmp_path)

    async def walk(*, redact: bool) -> Walk:
        remember(columns=COLUMNS)
        settings = Settings(base_url=server.url, tz="utc", interval=0.5, redact=redact, budget=6_000)
        app = FlowtuiApp(settings, now=clock)
        async with app.run_test(size=(190, 110), notifications=True) as pilot:
            seat = Seat(app, pilot, clock, None)  # type: ignore[arg-type]
            return await _walk(seat)

    return walk


async def test_nothing_private_is_drawn_copied_or_saved_and_the_header_says_so(walk):
    hidden = await walk(redact=True)
    assert PRIVATE.findall(hidden.everything) == []
    for name, screen in hidden.screens.items():
        assert "redacted" in screen.splitlines()[0], name
    for name in ("table", "1", "2", "3", "4", "6", "8", "9"):
        assert "[redacted]" in hidden.screens[name], name
    for name in ("report", "JSON", "csv", "picture"):
        assert "redacted" in hidden.taken[name], name
    # Not hidden are names of tools, kinds of exceptions, and numbers.
    assert "crm_lookup" in hidden.screens["3"]
    assert "crm_lookup" in hidden.screens["4"]
    assert "HTTPError" in hidden.screens["6"]
    assert "18" in hidden.screens["7"]
    # Hidden texts have a sign of their own, not that of unknown values.
    assert "they differ; their text is [redacted]" in hidden.screens["8"]
    assert "Nothing differs" not in hidden.screens["8"]
    rows = [
        line for line in hidden.screens["table"].splitlines() if re.search("(failed|completed) +run_", line)
    ]
    assert [row.count("[redacted]") for row in rows] == [3, 2, 2]


@pytest.mark.slow  # the other tests of the run screen run without the option
async def test_without_the_option_everything_is_shown(walk):
    shown = await walk(redact=False)
    assert "redacted" not in shown.everything
    for word in (
        *("instructions", "tool", "parameter", "env", "key", "format", "choice", "truncation", "usage"),
        *("answer", "thought", "asked", "result", "error", "file", "data", "question", "exception"),
        *("nameless", "part-of-tomorrow", "field-of-tomorrow"),
    ):
        assert f"PRIVATE-{word}" in shown.drawn, word
    for name in ("report", "JSON", "csv", "md"):
        assert PRIVATE.search(shown.taken[name]), name
