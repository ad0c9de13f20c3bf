"""Each place where server text is drawn or sent, in one session: the text is there, and its control sequences have no effect.

With the fault `text-everywhere` each field has its own word after an escape character. The word on the screen proves that
the field was drawn; the raw bytes must have no control sequence but flowtui's own.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from flowtui.cli import main
from flowtui.simulator.faults import FAULTS, statuses
from flowtui.simulator.faults.kinds import ALL, Fault
from flowtui.simulator.faults.text_everywhere import LONG
from flowtui.simulator.server import Simulator
from flowtui.source.clock import Clock

from ..clocks import WaitingClock
from ..terminal import Terminal, environment
from .capture import copied, foreign, told, unsafe
from .conftest import KEY, NOW, Outcome
from .places import ACTS, LISTS, NEWS, PLACES, RUN, SCREENS, TROUBLE, WORDS, Step
from .user_views import show_models

RAY: Final = "a\x9bZerrorRay\x9d0;pwn\x9c"
ERRORS: Final = {
    "hostile-error": Fault(
        "422 with hostile text",
        reply=statuses.answer(422, {"detail": f"\x1bZerrorDetail{LONG}"}),
        scope=ALL,
    ),
    "hostile-ray": Fault("a hostile cf-ray", reply=statuses.header("cf-ray", RAY), scope=ALL),
}


@pytest.fixture
def ids():
    return "short"


class Walk(NamedTuple):
    """The results of the session: the screen at each place, all bytes, and the folder of saved files."""

    drawn: dict[str, str]
    raw: bytes
    home: Path

    def saved(self, pattern: str) -> str:
        """Return the saved file of a kind."""
        (path,) = self.home.glob(pattern)
        return path.read_bytes().decode()


def _go(terminal: Terminal, steps: tuple[Step, ...], drawn: dict[str, str]) -> None:
    for step in steps:
        terminal.press(*step.keys)
        screens: list[str] = []  # a notification may be gone once the screen is at rest
        try:
            terminal.until(lambda step=step, screens=screens: _keep(terminal.text, step.shows, screens))
        except pytest.fail.Exception as failed:
            pytest.fail(f"{step}: {failed}")
        if step.place:
            drawn[step.place] = screens[-1]


def _keep(screen: str, shows: str, screens: list[str]) -> bool:
    """Keep the screen if it shows this text; return whether it or an earlier one did."""
    if re.search(shows, screen):
        screens.append(screen)
    return bool(screens)


@pytest.fixture(scope="module")
def walk(tmp_path_factory) -> Walk:
    """One dashboard that visits each place, in a world whose time the test moves."""
    home, clock, drawn = tmp_path_factory.mktemp("home"), [NOW], {}
    config = home / "config.toml"
    notify = f'[notify]\nbell = true\nosc9 = true\ncommand = ["tee", "{home}/told"]\n'
    config.write_text(f"reduced_motion = true\n{notify}")
    config.chmod(0o600)
    environ = environment(home, SEEKR_API_KEY=KEY, FLOWTUI_CONFIG=str(config))
    show_models(home)
    assert main(["mark", "v1", "--at", "2026-11-06T21:00:00Z"], environ) == 0
    with pytest.MonkeyPatch.context() as patch:
        for name, fault in ERRORS.items():
            patch.setitem(FAULTS, name, fault)
        faults = ["text-everywhere", "labels-on-runs", "hostile-ray"]
        with Simulator(seed=1, threads=3, runs=24, clock=lambda: clock[0], key=KEY, faults=faults) as world:
            words = ("--base-url", world.url, "--tz", "utc", "--allow-actions")
            terminal = Terminal(("-m", "flowtui", *words), environ, columns=210, rows=40)
            try:
                _go(terminal, RUN + LISTS + SCREENS + ACTS, drawn)
                clock[0] += 5
                _go(terminal, NEWS, drawn)
                world.add_fault("hostile-error")
                _go(terminal, TROUBLE, drawn)
                terminal.press("q")
                assert terminal.end() == 0
                terminal.check_restored()
            finally:
                terminal.close()
    return Walk(drawn, bytes(terminal.raw), home)


# -- the dashboard ---------------------------------------------------------------------------------------------
# Attacks on a terminal are also in test_text.py, each place in the tests of its screen.


@pytest.mark.slow
def test_every_place_shows_its_fields_without_control_characters(walk):
    assert list(walk.drawn) == PLACES
    assert {place: unsafe(screen) for place, screen in walk.drawn.items() if unsafe(screen)} == {}
    assert set(WORDS) - set(re.findall(r"Z[a-z]+[A-Z][a-z]+", "".join(walk.drawn.values()))) == set()


@pytest.mark.slow
def test_no_text_moves_the_frames_of_panes(walk):
    """A row that begins with a border ends with one, in the last column."""
    rows = {place: screen.split("\n") for place, screen in walk.drawn.items()}
    framed = {place: [row for row in found if row[:1] in ("│", "╭", "╰")] for place, found in rows.items()}
    assert [place for place, found in framed.items() if len(found) < 20] == []
    assert {row for found in framed.values() for row in found if row[-1] not in "│╮╯"} == set()


@pytest.mark.slow
def test_no_control_byte_of_the_server_is_sent_to_the_terminal(walk):
    assert b"ZrunId" in walk.raw  # only the words of the table are always written in one piece
    assert foreign(walk.raw, bells=1) == []  # the bell of the config
    for sequence in (b"\x1b]0;", b"\x1b]2;", b"\x1b]8;", b"\x1bP", b"pwn\x07"):
        assert sequence not in walk.raw


def test_control_bytes_in_a_capture_are_found():
    """Control characters are found, also single bytes, and between flowtui's own sequences."""
    attack = f"{LONG}{RAY}"
    wanted = unsafe(attack.replace("\x1b]52;c;cHdu\x07", "").replace("\r\n", ""), but="")
    assert len(wanted) > 30
    assert foreign(f"\x1b[0;1m\x1b[3;4H{attack}\x1b[?25h\r\n".encode()) == wanted
    assert copied(attack.encode()) == ["pwn"]  # has flowtui's own form, so it is counted
    assert len(foreign(b"\x9b2J \x90q \xff")) == 3
    assert foreign(b"\x1b[5m \x1b[8m \x1b[2J \x1b[?47h \x1b]9;4;1;50\x07") == ["U+001B"] * 5 + ["U+0007"]


@pytest.mark.slow
def test_copied_text_is_the_wanted_one_and_safe_to_paste(walk):
    run_id, row, command, whole, report = copied(walk.raw)
    assert re.fullmatch(r"run_\w+␛ZrunId\S*", run_id)
    assert "␛ZagentName" in row
    assert command.startswith("curl ")
    assert "%1BZrunId" in command
    assert json.loads(whole)["instructions"].startswith("\x1bZrunInstructions")
    assert whole.isascii()
    assert "ZrunMetadatakey" in report
    assert [unsafe(text, but="") for text in (run_id, command)] == [[], []]
    assert [unsafe(text, but="\n\t") for text in (row, whole, report)] == [[], [], []]


@pytest.mark.slow
def test_a_notification_of_the_terminal_is_one_safe_line(walk):
    (said,) = told(walk.raw)
    assert re.match(r"flowtui: .*run_\w+␛ZrunId", said)
    assert unsafe(said, but="") == []


@pytest.mark.slow
def test_the_command_of_notify_gets_json_in_ascii(walk):
    line = walk.saved("told")
    assert line.isascii()
    assert unsafe(line) == []
    assert "\x1bZrunId" in json.dumps(json.loads(line), ensure_ascii=False).encode().decode("unicode_escape")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("*.csv", ["ZrunId", "ZagentName", "ZrunModel", "ZthreadId", "ZspanSeekrmetadatakey"]),
        ("*.md", ["ZrunId", "ZagentName", "ZspanMessage", "ZrunMetadatakey", "ZrunInstructions"]),
        ("*.md", ["ZspanGroup", "ZspanSeekrmetadatakey", "ZspanSeekrmetadata␛"]),
        ("*.svg", ["ZrunId", "ZagentName", "…8m�8m␀␈␎␡�����[b]␍␊␉|"]),  # the last is the end of a thread's id
    ],
)
def test_saved_files_have_the_text_without_control_characters(walk, kind, words):
    text = walk.saved(kind)
    assert [word for word in words if word not in text] == []
    assert unsafe(text) == []


# -- commands --------------------------------------------------------------------------------------------------

_LIVE = re.compile(r"\x1b\[(?:\?25[hl]|\d*[AJK]|[\d;]*m)|\r")


@pytest.fixture
def hostile(simulate, flowtui, monkeypatch):
    """Run a command against the server with hostile text."""
    for name, fault in ERRORS.items():
        monkeypatch.setitem(FAULTS, name, fault)
    world = simulate(seed=1, threads=3, runs=24, faults=["text-everywhere", "hostile-ray"])

    def run(*words: str, clock: Clock | None = None, **environ: str) -> Outcome:
        return flowtui(*words, clock=clock, SEEKR_BASE_URL=world.url, **environ)

    run.world = world
    return run


@pytest.mark.parametrize("command", ["runs", "threads"])
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_lists_are_safe_in_every_format(hostile, command, form):
    said = hostile(command, "-o", form)
    assert (said.code, said.err) == (0, "")
    assert unsafe(said.out) == []
    assert "ZthreadId" in said.out
    assert "ZrunId" in said.out


@pytest.mark.parametrize("form", ["table", "csv"])
def test_columns_of_labels_are_safe(hostile, form):
    said = hostile("runs", "--columns", "group,labels", "-o", form)
    assert said.code == 0
    assert "␛ZspanGroup" in said.out
    assert "␛ZspanSeekrmetadatakey" in said.out
    assert unsafe(said.out + said.err) == []


def test_reasons_are_safe_in_every_format(hostile):
    for form in ("table", "csv", "json", "jsonl"):
        said = hostile("runs", "-o", form, "--columns", "run,reason,note")
        assert said.code == 0
        assert "ZspanMessage" in said.out
        assert unsafe(said.out + said.err) == []


def test_one_run_is_safe_in_every_format(hostile):
    failed = next(run for run in hostile("runs", "-o", "jsonl").lines if run["failed_at"] is not None)
    for form, word in (
        ("table", "␛ZrunInstructions"),
        ("json", "u001bZrunInstructions"),
        ("markdown", "␛ZspanMessage"),
    ):
        said = hostile("run", failed["id"], "-t", failed["thread_id"], "-o", form)
        assert said.code == 0
        assert word in said.out
        assert unsafe(said.out + said.err) == []


@pytest.mark.parametrize("form", ["plain", "jsonl", "json", "github", "tty"])
def test_watch_is_safe_in_every_format(hostile, form):
    said = hostile(
        "watch", "--once", "-o", form, clock=WaitingClock(NOW)
    )  # it waits a moment for the reasons of failures
    assert said.code == 1
    text = _LIVE.sub("", said.out) if form == "tty" else said.out
    assert ("ZspanMessage" if form == "tty" else "ZspanExceptiontype") in text
    assert unsafe(text + said.err) == []
    assert len(re.findall(r"(?m)^::error", said.out)) == (2 if form == "github" else 0)


def test_files_and_hooks_of_watch_are_safe(hostile, tmp_path):
    wanted, step, fed = (tmp_path / name for name in ("summary.json", "step.md", "fed"))
    hostile("watch", "--once", "-o", "none", "--summary-file", str(wanted))
    hostile("watch", "--once", "-o", "github", GITHUB_STEP_SUMMARY=str(step))
    hook = f"run.appeared=/usr/bin/env tee -a {fed}"  # watch waits for the hook in real time
    hostile("watch", "--once", "-o", "none", "--latest", "--on", hook, clock=Clock())
    for path in (wanted, step, fed):
        text = path.read_bytes().decode()
        assert "ZrunId" in text, path
        assert unsafe(text) == [], path
    assert wanted.read_bytes().isascii()
    assert fed.read_bytes().isascii()
    assert "[pwn](" not in step.read_text(encoding="utf-8")


def test_error_messages_are_safe(hostile):
    hostile.world.add_fault("hostile-error")
    for words in (("runs",), ("threads",), ("watch", "--once"), ("doctor",)):
        said = hostile(*words)
        assert said.code == 3, words
        assert "␛ZerrorDetail" in said.out + said.err, words
        assert "a�ZerrorRay�0" in said.out + said.err, words
        assert unsafe(said.out + said.err) == [], words
