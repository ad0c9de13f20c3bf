"""Further cases of the process: job control, terminals that stall or send invalid input, and the shutdown."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import signal
import sys

import pytest

from flowtui.config.memory import marks, memory
from flowtui.errors import ConfigError
from flowtui.source.daemon_threads import run_loop
from flowtui.ui.terminal.driver import encoded

JOB = 'set -m; "$@"; echo "first=$?"; fg; echo "second=$?"; kill %%; bg; wait %%; echo "third=$?"'
BASH = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp('bash', ['bash', '--norc', '-c', sys.argv[1], 'bash', *sys.argv[2:]])"


@pytest.fixture
def ids():
    return "short"


def rows(live):
    return lambda: len(set(re.findall(r"run_[0-9a-f]{6}", live.text))) > 3


def test_ctrl_z_restores_the_terminal_fg_draws_again_and_a_stopped_job_can_be_killed(terminal, simulator):
    """ctrl+z twice with `fg` between, then `kill` and `bg` of the stopped job: each time the terminal is as before."""
    words = ("-m", "flowtui", "--interval", "0.5s")
    live = terminal("-c", BASH, JOB, sys.executable, *words, python=True, SEEKR_BASE_URL=simulator.url)
    live.until(rows(live))
    live.press("\x1a", then=lambda: b"first=148" in live.raw)
    away = bytes(live.raw).partition(b"first=148")[0]
    assert away.rindex(b"\x1b[?1049l") > away.rindex(b"\x1b[?1049h")
    assert away.rindex(b"\x1b[?25h") > away.rindex(b"\x1b[?25l")
    live.until(lambda: live.raw.count(b"\x1b[?1049h") == 2 and rows(live)() and live.sees("Tokens")())
    live.press("?", then=live.sees("In the table of runs"))
    live.press("\x1b", then=live.misses("In the table of runs"))
    live.press("\x1a")
    assert live.end() == 0
    assert b"second=148" in live.raw
    assert b"third=143" in live.raw
    live.check_restored()


# The test above sees the same pause with a shell, and `test_key_queue.py` keys in odd packets.
@pytest.mark.slow
def test_ctrl_z_without_a_shell_sigstop_and_invalid_keys_do_no_harm(terminal, simulator):
    """ctrl+z without a job-control shell does nothing, after SIGSTOP the screen is drawn again, and invalid UTF-8 from a
    non-blocking terminal hides no key: keys work after each, and the terminal is as before."""
    live = terminal("--interval", "0.5s", SEEKR_BASE_URL=simulator.url)

    def check_keys(keys):
        os.write(live.master, keys)
        live.until(live.sees("In the table of runs"))
        live.press("\x1b", then=live.misses("In the table of runs"))

    live.until(rows(live))
    live.press("\x1a", then=lambda: live.raw.count(b"\x1b[?1049h") == 2)
    check_keys(b"?")
    live.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, live.process.pid, os.WSTOPPED | os.WNOWAIT)
    live.process.send_signal(signal.SIGCONT)
    live.until(lambda: live.raw.count(b"\x1b[?1049h") == 3)
    live.until(rows(live))
    check_keys(b"?")
    fcntl.fcntl(live.slave, fcntl.F_SETFL, fcntl.fcntl(live.slave, fcntl.F_GETFL) | os.O_NONBLOCK)
    for noise in (b"\xe9", b"\xff\xfe\x80", b"\x1b[M\xff\xff\xff", b"\x1b[<999999999;1;1M"):
        os.write(live.master, noise)
        live.read(0.05)
    check_keys(b"\xff\x80?")  # a key among invalid bytes is still a key
    live.press("q")
    assert live.end() == 0
    live.check_restored()


STALLED = """
import sys
from flowtui.ui.terminal import shutdown
shutdown.GRACE = 0.3
from flowtui.cli import main
sys.exit(main(["--interval", "0.5s"]))
"""


def test_a_terminal_that_reads_nothing_does_not_block_sigterm(terminal, simulator):
    """The terminal reads nothing until the event loop blocks; one SIGTERM still ends the process."""
    live = terminal("-c", STALLED, python=True, SEEKR_BASE_URL=simulator.url)
    live.until(rows(live))
    held = 0
    while held < 400:  # keys that make it draw; the output is not read
        os.write(live.master, b"?\x1b" if held % 2 else b"jjkk")
        held += 1
    live.process.send_signal(signal.SIGTERM)
    assert live.process.wait(50) == 143
    live.read(0)


def test_a_second_signal_ends_the_process_at_once(terminal, simulator):
    script = """
import asyncio, sys, time
from flowtui.ui.app.app import FlowtuiApp
async def stay(self):
    print("stays", file=sys.__stderr__, flush=True)
    await asyncio.Event().wait()
FlowtuiApp._close_all = stay
from flowtui.cli import main
sys.exit(main(["--interval", "0.5s"]))
"""
    live = terminal("-c", script, python=True, SEEKR_BASE_URL=simulator.url)
    live.until(rows(live))
    live.process.send_signal(signal.SIGHUP)
    live.until(lambda: b"stays" in live.raw)
    live.process.send_signal(signal.SIGTERM)
    assert live.end() == 129
    live.check_restored()


HELD = """
import atexit, os, signal, sys
from flowtui.ui.app.app import FlowtuiApp
def once_more():
    os.kill(os.getpid(), signal.SIGINT)
atexit.register(once_more)
stop = FlowtuiApp.remove_signal_handlers
def stop_and_once_more(self):
    stop(self)
    if "PLACE" == "as signals are given back":
        once_more()
FlowtuiApp.remove_signal_handlers = stop_and_once_more
from flowtui.cli import main
code = main()
once_more()
sys.exit(code)
"""


@pytest.mark.slow  # of ctrl+c twice, `test_p49_signals_restore_the_terminal` sees the code and the terminal
@pytest.mark.parametrize(
    "place",
    [
        "as signals are given back",  # and then also when the code is known
        "when the code is known",
    ],
)
def test_ctrl_c_during_the_shutdown_shows_no_traceback(place, terminal, simulator):
    """A held ctrl+c arrives while the event loop ends, after the exit code is set, and at the very end."""
    script = HELD.replace("PLACE", place)
    live = terminal("-c", script, "--interval", "0.5s", python=True, SEEKR_BASE_URL=simulator.url)
    live.until(rows(live))
    live.press("\x03\x03")
    assert live.end() == 130
    assert b"KeyboardInterrupt" not in live.raw
    assert b"Traceback" not in live.raw
    live.check_restored()


FULL = """
import asyncio, os, signal, sys
from flowtui.ui.app.app import FlowtuiApp
close = FlowtuiApp._close_all
async def close_full(self):
    loop = asyncio.get_running_loop()
    for _ in range(5000):
        loop._write_to_self()
    os.kill(os.getpid(), signal.SIGTERM)
    await close(self)
FlowtuiApp._close_all = close_full
from flowtui.cli import main
sys.exit(main())
"""


@pytest.mark.slow  # signals while it ends are sent by the test above, too
def test_a_signal_prints_nothing_while_the_event_loop_is_busy(terminal, simulator):
    """The wake-up socket of the event loop is full, for which Python would print a line for each signal."""
    live = terminal("-c", FULL, "--interval", "0.5s", python=True, SEEKR_BASE_URL=simulator.url)
    live.until(rows(live))
    live.press("q")
    assert live.end() == 143
    assert b"wakeup fd" not in live.raw
    live.check_restored()


HANGING = """
import socket, sys, threading
def never(*_arguments, **_named):
    print("asked", file=sys.__stderr__, flush=True)
    threading.Event().wait()
socket.getaddrinfo = never
from flowtui.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""The name server does not answer; Python would wait for its thread pool at the end."""


@pytest.mark.parametrize(
    "words",
    [
        ["--interval", "1s"],
        # They ask in the same way.
        *(
            pytest.param(words, marks=pytest.mark.slow)
            for words in (["watch", "--once"], ["runs"], ["doctor"])
        ),
    ],
)
def test_the_shutdown_does_not_wait_for_a_name_server(words, terminal):
    live = terminal("-c", HANGING, *words, python=True, SEEKR_BASE_URL="https://nowhere.example")
    live.until(lambda: b"asked" in live.raw)
    if words[0].startswith("--"):
        live.press("q")
        assert live.end() == 0
        live.check_restored()
    else:
        live.process.send_signal(signal.SIGINT)
        assert live.end() == 130


def test_without_a_home_no_folder_called_tilde_is_made(flowtui, monkeypatch, tmp_path):
    def nobody(_number):
        raise KeyError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    said = flowtui("mark", "release-42")
    assert (said.code, said.out) == (2, "")
    assert "set-HOME" in said.err
    assert flowtui("runs", "--limit", "1").code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["state.json", "marks.json"])
def test_a_named_pipe_instead_of_a_state_file_does_not_block(name, tmp_path):
    path = tmp_path / name
    os.mkfifo(path)
    if name == "state.json":
        assert memory.recall(path=path).trouble
    else:
        with pytest.raises(ConfigError, match="broken"):
            marks.read_marks(marks.Owner("default", "https://flow.seekr.com"), path)


def test_an_error_in_a_thread_is_raised_in_the_waiting_task():
    async def ask():
        with pytest.raises(LookupError):
            await asyncio.to_thread({}.__getitem__, "x")
        return await asyncio.to_thread(str.upper, "x")

    assert run_loop(ask()) == "X"


def test_replaced_characters_keep_their_width_in_cells():
    assert encoded("\x1b[1ma漢é", "latin-1") == b"\x1b[1ma??\xe9"
    assert encoded("漢", "utf-8") == "漢".encode()
