"""Commands in this process, and a dashboard on a terminal, for fixtures that several tests share."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from flowtui.cli import main
from flowtui.config.memory import memory
from flowtui.model.columns.columns import PRINTED

from ..clocks import WaitingClock, watch_requests
from ..terminal import Terminal, environment
from .capture import foreign, unsafe
from .conftest import KEY, NOW, Outcome

Shell = Callable[..., Outcome]


@contextmanager
def shell(url: str, home: Path) -> Iterator[Shell]:
    """Yield a function that runs a command in this process, in simulated time."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STATE", "CONFIG"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name))
        watch_requests(patch)

        def run(*words: str) -> Outcome:
            given = {"SEEKR_API_KEY": KEY, "SEEKR_BASE_URL": url, "FLOWTUI_CONFIG": ""}
            with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
                code = main([*words, "--tz", "utc"], given, clock=WaitingClock(NOW))
            said = Outcome(code, out.getvalue(), err.getvalue())
            assert KEY not in said.out + said.err
            assert unsafe(said.out + said.err) == []
            return said

        yield run


@contextmanager
def dashboard(
    url: str, home: Path, *, columns: int = 170, rows: int = 54, remember: bool = True
) -> Iterator[Terminal]:
    """Open the dashboard; at the end, assert that it exits with 0 and wrote no control sequence of the server and no key.

    If `remember` is False, it keeps no history: the note about a new one covers the end of the pane for some seconds.
    """
    config = home / "still.toml"
    still = "reduced_motion = true\n"  # animation takes much time in a terminal emulator in Python
    config.write_text(f"{still}remember = {str(remember).lower()}\n")
    given = environment(home, SEEKR_API_KEY=KEY, SEEKR_BASE_URL=url, FLOWTUI_CONFIG=str(config))
    words = ("-m", "flowtui", "--interval", "0.5s", "--tz", "utc")
    opened = Terminal(words, given, columns=columns, rows=rows)
    try:
        yield opened
        opened.press("q")
        assert opened.end() == 0
        opened.check_restored()
        assert foreign(bytes(opened.raw)) == []
        assert KEY.encode() not in opened.raw
    finally:
        opened.close()


def to_threads(screen: Terminal) -> None:
    """Focus the list of threads."""
    screen.press("\t", then=screen.sees("space fold"))
    screen.press("\t", then=screen.sees("enter runs"))


def field_of(text: str, name: str) -> str:
    """Return a field of the API as the screen shows it, in one line and without spaces: long ones are wrapped there."""
    lines = text.splitlines()
    first = next(y for y, line in enumerate(lines) if "API fields" in line)
    label = re.compile(rf"(?<=  ){name} {{2,}}(?=\S)|(?<=│ ){name} {{2,}}(?=\S)")
    y, found = next((y, found) for y, line in enumerate(lines) if y > first and (found := label.search(line)))
    parts = [_until_gap(lines[y][found.end() :])]
    for line in lines[y + 1 :]:
        if line[found.start() : found.end()].strip() or not line[found.end()].strip(" │─"):
            break
        parts.append(_until_gap(line[found.end() :]))
    return "".join("".join(parts).split())


def _until_gap(text: str) -> str:
    """Return a text up to the gap before the next column, or to the frame."""
    return re.split(r" {3}| *│", text, maxsplit=1)[0]


def show_models(home: Path) -> None:
    """Make the table of a dashboard that is started with this home have a column of models."""
    assert memory.remember(columns=PRINTED, path=home / "STATE" / "flowtui" / "state.json")


def line_of(text: str, run_id: str) -> str:
    """Return the row of a run in the table, with single spaces."""
    pattern = re.compile(rf"│ [^│]*? {run_id} .*")
    return " ".join(next(found[0] for line in text.splitlines() if (found := pattern.search(line))).split())
