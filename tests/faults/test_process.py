"""P48 to P52 and P54: crashes, signals, streams and state files, on a real terminal and in real pipes."""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import resource
import signal
import sys
from functools import cache

import pytest

from flowtui.simulator.server import Simulator
from flowtui.source.poll.poller import Poller

from .. import processes
from ..terminal import environment
from .conftest import KEY, NOW
from .repeated_dashboard import SCRIPT, RepeatedDashboard
from .user_views import show_models

AT_HOME = {1049: False, 25: True, 7: True, 1000: False, 1003: False, 1004: False, 1006: False, 2004: False}

PRESSED = {"key": "?", "input": "x", "way out": "q"}
"""The key that triggers a crash, by its place; the other crashes need no key."""

CRASHES = ("start", "mount", "worker", "painting", "thread", "key", "way out")
MORE_CRASHES = (
    "application",
    "stylesheet",
    "opening frame",
    "compose",
    "mount!",
    "timer",
    "update",
    "message",
    "input",
)
"""Each is close to one of `CRASHES`: while it opens, in a task, in a callback, or under a key."""


@pytest.fixture
def ids():
    return "short"


@pytest.fixture(scope="module")
def world():
    with Simulator(seed=7, threads=5, runs=60, clock=lambda: NOW, key=KEY) as simulator:
        yield simulator


@pytest.fixture
def stage(world, tmp_path):
    opened = []

    def start(*places):
        opened.append(RepeatedDashboard(places, tmp_path, world.url, KEY))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
        assert KEY.encode() not in each.raw


@pytest.fixture(scope="module")
def crashes(world, tmp_path_factory):
    """How the dashboard ended at each of some places; it runs once for each, all in one process."""

    @cache
    def ended(places):
        stage = RepeatedDashboard(places, tmp_path_factory.mktemp("crashes"), world.url, KEY)
        found = {}
        try:
            for place in places:
                if place != "start":
                    stage.opens()
                if place in PRESSED and stage.shows_rows():
                    stage.press(PRESSED[place])
                found[place] = stage.ended()
        finally:
            stage.close()
        return found

    return ended


def restored(ended):
    assert ended.same, "termios"
    assert {mode: on for mode, on in ended.modes.items() if AT_HOME.get(mode, on) != on} == {}


@pytest.mark.parametrize(
    "place", [*CRASHES, *(pytest.param(place, marks=pytest.mark.slow) for place in MORE_CRASHES)]
)
def test_p48_a_crash_anywhere_restores_the_terminal(place, crashes):
    """An exception in mount, timer, worker, paint, a key, a thread, while starting or ending: the terminal is as
    before, exit 1, one line with the path of a report; no traceback, no key, no text of the error.
    """
    ended = crashes(CRASHES if place in CRASHES else MORE_CRASHES)[place]
    restored(ended)
    assert ended.code == "1"
    said = ended.after.strip()
    assert said.count("flowtui: error: flowtui crashed") == 1
    report = re.search(r"(/\S+crash-\S+\.txt)", said)[1]
    for word in (KEY, "Traceback", "holds"):
        assert word.encode() not in ended.raw, word
    with open(report) as file:  # noqa: PTH123
        text = file.read()
    assert "flowtui" in text
    assert KEY not in text


@pytest.mark.parametrize("more", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_p49_signals_restore_the_terminal(more, stage):
    """SIGTERM and SIGINT while rows are shown, SIGHUP during the first frame, SIGQUIT under a dialog, and ctrl+c twice:
    the terminal is as before, exit 143, 130, 129, 131 and 130, and no output.
    """
    live = stage("SIGTERM", "SIGHUP", "twice ctrl+c", *(("SIGINT", "SIGQUIT") if more else ()))

    def check(code):
        ended = live.ended()
        restored(ended)
        assert (ended.code, "crashed" in ended.after) == (str(code), False)

    live.opens()
    assert live.shows_rows()
    live.process.send_signal(signal.SIGTERM)
    check(143)
    live.opens()
    live.process.send_signal(signal.SIGHUP)
    check(129)
    live.opens()
    assert live.shows_rows()
    live.press("\x03", then=live.has_seen("ctrl+c to quit"))
    live.press("\x03")
    check(130)
    if more:
        live.opens()
        assert live.shows_rows()
        live.process.send_signal(signal.SIGINT)
        check(130)
        live.opens()
        assert live.shows_rows()
        live.press("?", then=live.sees("In the table of runs"))
        live.process.send_signal(signal.SIGQUIT)
        check(131)
    assert live.end() == 0


def test_p49_q_does_not_wait_for_requests(terminal, simulator):
    """All answers take an hour: with requests under way `q` ends at once, and the terminal is as before."""
    simulator.add_fault("slow:3600@all")
    before = len(simulator.requests)
    live = terminal("--base-url", simulator.url, "--interval", "0.5s")
    live.until(lambda: len(simulator.requests) > before and re.search("Connecting|Loading", live.text))
    live.press("q")
    assert live.end() == 0
    live.check_restored()


OWNING = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from flowtui.cli import main
sys.exit(main(sys.argv[1:]))
"""


SILENT, HANGS_UP = ["-m", "flowtui"], ["-c", OWNING]


@pytest.mark.parametrize(
    ("program", "keys"),
    [
        pytest.param(SILENT, b"?\x1bjk" * 50, marks=pytest.mark.slow),  # the one that hangs up draws the same
        pytest.param(SILENT, b"q", marks=pytest.mark.slow),  # the silence is the same as while it draws
        (HANGS_UP, b"?\x1bjk" * 50),
        pytest.param(HANGS_UP, b"", marks=pytest.mark.slow),
    ],
    ids=["silent while it draws", "silent on the way out", "hangs up while it draws", "hangs up at rest"],
)
def test_p49_a_closed_terminal_ends_the_process(program, keys, simulator, tmp_path):
    """The terminal is closed, without a signal, and with SIGHUP and SIGCONT as the system sends them, while drawing and
    during the shutdown: the process ends with 129.
    """
    words = [sys.executable, *program, "--interval", "0.5s"]
    environ = environment(tmp_path, SEEKR_API_KEY=KEY, SEEKR_BASE_URL=simulator.url)
    # Without a controlling terminal there is no SIGHUP.
    with processes.on_terminal(words, env=environ) as (process, master):
        seen = b""
        while b"run_" not in seen:
            seen += os.read(master, 65536)
        os.write(master, keys)
        os.close(master)
        assert process.wait() in ((129, 0) if keys == b"q" else (129,))


@pytest.mark.slow  # a hang-up sends SIGCONT in the test above
def test_p49_sigcont_during_the_shutdown_does_not_stop_it(terminal, simulator):
    """Repeated SIGCONT during the shutdown, as with a hang-up: the process ends, and the terminal is as before."""
    live = terminal("--interval", "0.5s", SEEKR_BASE_URL=simulator.url)
    live.until(live.sees("run_", "Tokens"))
    live.press("q")
    for _ in range(4000):
        if live.process.poll() is not None:
            break
        live.process.send_signal(signal.SIGCONT)
        live.read(0.002)
    assert live.end() == 0
    live.check_restored()


# -- P50: missing and limited terminals ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_p50_without_a_terminal_it_refuses_and_names_the_headless_commands(name, tmp_path):
    """One of stdin, stdout and stderr is not a terminal: exit 2, one line that names the stream, `flowtui watch` and
    `flowtui runs`; nothing is drawn."""
    master, slave = os.openpty()
    ends = dict.fromkeys(("stdin", "stdout", "stderr"), slave)
    done = processes.run(
        [sys.executable, "-m", "flowtui", "demo"],
        env=environment(tmp_path),
        check=False,
        **{**ends, "stderr": processes.PIPE if name == "stderr" else slave, name: processes.PIPE},
    )
    os.close(slave)
    said = done.stderr or b""
    while name != "stderr" and not said.endswith(b"\n"):
        said += os.read(master, 65536)
    os.close(master)
    assert (done.returncode, done.stdout or b"") == (2, b"")
    assert said.count(b"\n") == 1
    assert all(word in said for word in (name.encode(), b"`flowtui watch`", b"`flowtui runs`"))
    assert b"\x1b" not in said


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_p50_a_terminal_that_cannot_draw_refuses(term, flowtui):
    """TERM is dumb, unknown or not set: exit 2, and the line names TERM."""
    said = flowtui("dash", TERM=term)
    assert (said.code, said.out) == (2, "")
    assert f"TERM is {term}" in said.err if term else "TERM is not set" in said.err
    assert "flowtui watch" in said.err
    assert said.err.count("\n") == 1


PLACES = (("", "run_"), ("?", "In the table of runs"), (":", ":sort"))
"""Keys, and what is on the screen then."""


# The tests of screens see each of them at small sizes, and those of `ui.terminal` a terminal that changes its size.
@pytest.mark.slow
def test_p50_a_hundred_sizes_in_a_row_do_not_end_it(terminal, simulator):
    """A terminal of 1x1 grows, and then has 100 sizes in a row, 0x0 and 2x2 among them, under the help and the command
    line: the last one is drawn completely, and the terminal is as before."""
    before = len(simulator.requests)
    live = terminal("--base-url", simulator.url, "--interval", "10s", columns=1, rows=1)
    live.until(lambda: len(simulator.requests) > before)
    sizes = random.Random(50)
    for key, words in PLACES:
        live.resize(150, 40)
        live.press(*key, then=live.sees(words, "─ Runs"))
        for _ in range(30):
            live.announce_size(sizes.randrange(200), sizes.randrange(60))
            live.read(0)
        for size in ((2, 2), (1, 1), (0, 0), (1, 60), (200, 1), (0, 40), (150, 0)):
            live.announce_size(*size)
            live.read(0.02)
        live.resize(150, 40)
        live.until(live.sees(words, "─ Runs"))
        if key:
            live.press("\x1b", then=live.misses(words))
    live.press("q")
    assert live.end() == 0
    live.check_restored()


def test_p50_the_c_locale_gets_ascii(terminal, simulator):
    """LC_ALL=C: the dashboard draws frames and symbols in ASCII only."""
    live = terminal("--base-url", simulator.url, "--interval", "0.5s", LC_ALL="C")
    live.until(live.sees("+- Runs", "run_", "Tokens", "now remembers"))
    live.press("q")
    assert live.end() == 0
    live.check_restored()
    assert re.findall(rb".{,40}[^\x00-\x7f]+.{,20}", live.raw) == []


# The C locale above gets the same frames; `encoded` is tested in test_unlisted_process.py.
@pytest.mark.slow
def test_p50_characters_outside_latin_1_become_question_marks(terminal, simulator, tmp_path):
    """A terminal in Latin-1 and models of emoji and wide letters: each cell that cannot be written is a question mark,
    and no column moves."""
    simulator.add_fault("text-emoji")
    show_models(tmp_path)
    live = terminal("--base-url", simulator.url, "--interval", "0.5s", PYTHONIOENCODING="latin-1")

    def with_lost_signs() -> list[str]:
        return [line for line in live.text.splitlines() if re.search(r"run_[0-9a-f]{6} .*\?\?\?", line)]

    live.until(with_lost_signs)
    rows = with_lost_signs()
    live.press("q")
    assert live.end() == 0
    live.check_restored()
    assert "+- Runs" in live.text
    assert len({line.rindex("|") for line in rows}) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("runs", "-o", "table"),
        # Printed in the same way as `runs`.
        *(
            pytest.param(words, marks=pytest.mark.slow)
            for words in (("watch", "--once"), ("threads", "-o", "table"))
        ),
    ],
)
def test_p50_commands_do_not_crash_on_characters_outside_the_encoding(words, process, simulator):
    """`runs`, `threads` and `watch` with emoji and an ASCII output: rows are printed, and stderr is empty."""
    simulator.add_fault("text-emoji")
    said = process(*words, PYTHONIOENCODING="ascii", LC_ALL="POSIX", SEEKR_BASE_URL=simulator.url)
    assert said.code in (0, 1)
    assert said.err == ""
    assert said.out.isascii()
    assert "thr_" in said.out


COMMANDS = (("runs", "--limit", "2"), ("watch", "--once", "-o", "jsonl"), ("--version",))
MORE_COMMANDS = (("mark", "x"), ("config", "show"), ("dash",), ("runs", "--bad"))
"""They print in the same way as one of `COMMANDS`."""
STREAMS = {
    "whole": ("", "", ""),
    "closed stdin": ("closed", "", ""),
    "closed stdout": ("", "closed", ""),
    "closed stderr": ("", "", "closed"),
    "all closed": ("closed", "closed", "closed"),
    "full stdout": ("", "full", ""),
    "full stderr": ("", "", "full"),
}


@pytest.fixture(scope="module")
def streams(tmp_path_factory):
    """Each of some commands with each kind of stream, in forks of one process."""
    world = Simulator(seed=7, threads=1, runs=3, clock=lambda: NOW, key=KEY)

    @cache
    def said(commands):
        home = tmp_path_factory.mktemp("streams")
        cases = [
            {"words": words, "streams": how, "environ": {}} for words in commands for how in STREAMS.values()
        ]
        (home / "cases").write_text(json.dumps(cases))
        with world:
            processes.run(
                [sys.executable, SCRIPT.with_name("streams.py"), home / "cases", home / "results"],
                env=environment(home, SEEKR_API_KEY=KEY, SEEKR_BASE_URL=world.url),
                check=True,
            )
        results = iter(json.loads((home / "results").read_text()))
        return {words: {name: next(results) for name in STREAMS} for words in commands}

    return said


@pytest.mark.parametrize(
    "words",
    [*COMMANDS, *(pytest.param(words, marks=pytest.mark.slow) for words in MORE_COMMANDS)],
    ids=" ".join,
)
def test_p50_closed_and_full_streams_do_not_change_the_exit_code(words, streams):
    """stdin, stdout, stderr closed or full, for every command: the exit code is the same, and the open streams get their
    output; a full stdout is exit 1 and one line, but `watch` keeps the exit code of its verdict."""
    found = streams(COMMANDS if words in COMMANDS else MORE_COMMANDS)[words]
    whole = found["whole"]
    for name, said in found.items():
        for text in (said["out"], said["err"]):
            assert "Traceback" not in text, name
            assert KEY not in text, name
        if name == "full stdout" and whole["out"]:
            assert said["code"] == (whole["code"] if "watch" in words else 1)
            assert "No space left on device" in said["err"]
            assert said["err"].count("\n") == 1
        else:
            assert said["code"] == whole["code"], name
        if STREAMS[name][1] == "":
            assert bool(said["out"]) == bool(whole["out"]), name
        if STREAMS[name][2] == "" and name != "full stdout":
            assert said["err"] == whole["err"], name


# -- P51 -----------------------------------------------------------------------------------------------------------

CODES = {
    "8 still pending": (8, ("--once", "--filter", "status:running")),
    "5 some were cancelled": (5, ("--once", "--fail-on", "overdue")),
    "1 a run failed": (1, ("--once",)),
    "2 a usage error": (2, ("--once", "--fail-on", "nonsense")),
    "3 nobody answers": (3, ("--give-up-after", "5s", "--base-url", "http://127.0.0.1:9")),
    "4 out of time": (4, ("--timeout", "5s", "--filter", "status:running")),
    "6 nothing matches": (6, ("--run", "run_of_nobody", "--wait-start", "5s")),
    "7 too many tokens": (7, ("--max-tokens", "1", "--fail-on", "overdue")),
    "0 whatever it was": (0, ("--once", "--fail-on", "overdue", "--max-tokens", "1", "--exit-zero")),
}


@pytest.mark.parametrize("case", CODES)
def test_p51_watch_in_a_pipe_is_plain_text_and_exits_as_documented(case, flowtui):
    """`watch` without a terminal: lines of plain text, one summary that names the exit code, and that code: 0 to 8."""
    code, words = CODES[case]
    said = flowtui("watch", *words)
    assert said.code == code
    assert "\x1b" not in said.out + said.err
    if code == 2:
        assert said.out == ""
        return
    lines = said.out.splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d  ", line) for line in lines)
    assert [f"exit={code}" in line for line in lines if "  summary  " in line] == [True]
    assert "  summary  " in lines[-1]


@pytest.mark.parametrize("name", ["run", "updates"])
def test_a_watch_whose_tasks_fail_reports_it_and_ends(name, flowtui, monkeypatch):
    """The tasks of a watch cannot continue: it prints its summary and exits with 3, `could not answer`."""

    async def dead(_self):
        raise LookupError(KEY)
        yield

    async def dead_run(_self):
        raise LookupError(KEY)

    monkeypatch.setattr(Poller, name, dead if name == "updates" else dead_run)
    said = flowtui("watch", "-o", "jsonl")
    assert said.code == 3
    assert "LookupError" in said.summary["reason"]


# -- P52 -----------------------------------------------------------------------------------------------------------


def command(live, words, then):
    """Type a command, once the last command line has closed."""
    live.until(live.sees("enter open"))
    live.press(":", then=live.sees("sort by a column"))
    live.press(*words, "\r", then=then)


# The tests of the files of `config.memory` see each of the broken files and errors by itself.
@pytest.mark.slow
def test_p52_broken_state_files_do_not_hide_the_rows(terminal, simulator, tmp_path):
    """The files of the view and of the marks are corrupt and readable by others; then another process holds the lock and
    the disk is full: rows are shown all the time, each error once on the screen, and the broken files are set aside."""
    state = tmp_path / "STATE" / "flowtui"
    state.mkdir(parents=True)
    broken = state / "marks.broken.json"
    for name in ("state.json", "marks.json"):
        (state / name).write_text('{"v": 1, "profiles": [', encoding="utf-8")
        (state / name).chmod(0o666)
    live = terminal("--base-url", simulator.url, "--interval", "10s")
    live.until(live.has_seen("state.json was broken", "marks.json is broken", "run_"))
    assert (state / "state.broken.json").read_text() == '{"v": 1, "profiles": ['
    command(live, "mark first", lambda: all(map(os.path.exists, (broken, state / "marks.json"))))
    assert broken.read_text() == '{"v": 1, "profiles": ['
    with (state / "marks.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command(live, "mark second", live.has_seen("Another process has held"))
    resource.prlimit(live.process.pid, resource.RLIMIT_FSIZE, (0, 0))
    command(live, "mark third", live.has_seen("Cannot write the mark"))
    command(live, "theme day", live.has_seen("written:", "holds"))  # the text may wrap after the path
    assert live.sees("run_")()
    live.press("q")
    assert live.end() == 0
    live.check_restored()
    assert "first" in (state / "marks.json").read_text()
    shared = [path.name for path in state.iterdir() if path.stat().st_mode & 0o077]
    assert shared in ([], ["marks.broken.json"])


# -- P54 -----------------------------------------------------------------------------------------------------------

KILLED = """
import signal, sys
from flowtui.cli import main
from flowtui.source.poll.poller import Poller
from flowtui.ui.app.app import FlowtuiApp

plain, asked = FlowtuiApp._every_second, []
signal.signal(signal.SIGUSR1, lambda *_: asked.append("step"))

def steps(poller):
    poller.tasks["poller"].cancel()
    yield
    pop, poller.schedule.pop = poller.schedule.pop, None
    poller.refresh()
    yield
    poller.schedule.pop = pop
    yield

def second(self):
    if asked:
        self.steps = getattr(self, "steps", None) or steps(self.session.connection.feed)
        asked.pop()
        next(self.steps)
    plain(self)

FlowtuiApp._every_second = second
sys.exit(main(sys.argv[1:]))
"""
"""At each SIGUSR1 it kills or breaks its poller in another way."""


# `test_poller_supervision.py` sees the restarts, and `test_footer_help.py` their note.
@pytest.mark.slow
def test_p54_a_dead_poller_task_is_reported_and_restarted(terminal, simulate):
    """The polling task is killed in a running dashboard, and later fails repeatedly: the footer shows it, and new runs
    still appear."""
    simulator = simulate(clock=None, key=KEY)
    live = terminal("-c", KILLED, "--base-url", simulator.url, "--interval", "0.5s", python=True)
    live.until(live.sees("run_"))
    for said in ("poller restarted: it was stopped", "poller restarted: TypeError"):
        live.process.send_signal(signal.SIGUSR1)
        live.until(live.sees(said, "run_"))
    live.process.send_signal(signal.SIGUSR1)
    asked = len(simulator.requests)
    live.until(lambda: len(simulator.requests) > asked + 3)
    live.until(live.sees("live", "run_"))
    live.press("q")
    assert live.end() == 0
    live.check_restored()
