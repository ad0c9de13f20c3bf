"""Each process of a test starts with default signals and ends with its test, and none starts in another way."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from . import processes

TESTS = Path(__file__).parent
OWN_WAY = {
    TESTS / "processes.py",
    TESTS / "faults" / "streams.py",  # a script that forks itself, started by a test
}
STARTERS = {
    "asyncio": {"create_subprocess_exec", "create_subprocess_shell"},
    "multiprocessing": None,
    "os": {"fork", "forkpty", "popen", "posix_spawn", "posix_spawnp", "startfile", "system"},
    "pty": None,
    "subprocess": None,
}
"""Names that start a process, by module; None is the whole module."""

REPORT = """
import json, signal
numbers = {"SIGINT", "SIGHUP", "SIGQUIT", "SIGTERM", "SIGTSTP"}
ignored = [name for name in numbers if signal.getsignal(signal.Signals[name]) is signal.SIG_IGN]
blocked = [number.name for number in signal.pthread_sigmask(signal.SIG_BLOCK, ()) if number.name in numbers]
print(json.dumps([sorted(ignored), sorted(blocked)]))
"""
CHANGED = (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


NAMES = [name for module, names in STARTERS.items() for name in names or {module}]
SUSPECT = re.compile(rf"\b(?:(?:{'|'.join(NAMES)})\b|exec|spawn)")
"""Found in the text of each module that starts a process; to parse all the others would only take time."""


def starters(tree):
    """Return the lines of a module that start a process or import what does."""
    found = []
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [(alias.name.partition(".")[0], None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [((node.module or "").partition(".")[0], alias.name) for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names = [(node.value.id, node.attr)]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            names = [(getattr(node.value.value, "id", ""), node.attr)]
        for module, name in names:
            starts = STARTERS.get(module, ())
            if (
                starts is None
                or name in starts
                or (module == "os" and (name or "").startswith(("exec", "spawn")))
            ):
                found.append(node.lineno)
    return found


@pytest.mark.parametrize(
    "line",
    [
        "import subprocess",
        "import pty, os",
        "from subprocess import run",
        "import multiprocessing.pool",
        "from multiprocessing import Process",
        "os.fork()",
        "os.execvp('x', [])",
        "from os import system",
        "await asyncio.create_subprocess_exec('x')",
        "def test_it():\n    import subprocess",
    ],
)
def test_a_start_of_a_process_is_found(line):
    assert SUSPECT.search(line)
    assert starters(ast.parse(line))


@pytest.mark.parametrize(
    "line", ["from . import processes", "os.openpty()", "processes.run([])", "'subprocess'"]
)
def test_what_starts_no_process_is_not_found(line):
    assert starters(ast.parse(line)) == []


def test_no_test_starts_a_process_in_a_way_of_its_own():
    found = {
        str(path.relative_to(TESTS)): lines
        for path in TESTS.rglob("*.py")
        if path not in OWN_WAY
        and SUSPECT.search(text := path.read_text(encoding="utf-8"))
        and (lines := starters(ast.parse(text)))
    }
    assert found == {}, "use tests/processes.py"


@pytest.fixture
def _ignored_and_blocked():
    """This process as `nohup` and jobs of scripts make it, and worse."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in CHANGED}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, CHANGED)
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    for number, handler in before.items():
        signal.signal(number, handler)


def _write_report(path):
    numbers = {number.name: signal.getsignal(number) is signal.SIG_IGN for number in CHANGED}
    path.write_text(json.dumps(numbers))


@pytest.mark.usefixtures("_ignored_and_blocked")
def test_a_process_starts_with_default_signals(tmp_path):
    done = processes.run([sys.executable, "-c", REPORT], capture_output=True, check=True)
    assert json.loads(done.stdout) == [[], []]


@pytest.mark.usefixtures("_ignored_and_blocked")
def test_a_process_on_a_terminal_starts_with_default_signals(tmp_path):
    path = tmp_path / "report"
    script = f"exec {sys.executable} -c '{REPORT}' > {path}"
    with processes.on_terminal(["bash", "--norc", "-c", script], controlling=True) as (process, _):
        assert process.wait() == 0
    assert json.loads(path.read_text()) == [[], []]


@pytest.mark.usefixtures("_ignored_and_blocked")
def test_a_call_in_a_new_python_starts_with_default_signals(tmp_path):
    path = tmp_path / "report"
    assert processes.calls((_write_report, path)) == [0]
    assert json.loads(path.read_text()) == {"SIGINT": False, "SIGHUP": False, "SIGQUIT": False}


@pytest.mark.usefixtures("_ignored_and_blocked")
def test_signals_that_were_ignored_still_are_in_this_process():
    processes.default_signals()
    for number in CHANGED:
        os.kill(os.getpid(), number)
        assert callable(signal.getsignal(number))


def test_a_process_ends_with_its_context_and_takes_its_children_along():
    script = "sleep 600 & echo $!; wait"
    with processes.Process(["sh", "-c", script], stdout=processes.PIPE, text=True) as process:
        child = int(process.stdout.readline())
    assert process.returncode == -signal.SIGKILL
    assert gone(child)


def gone(pid):
    """Wait for the end of a process that is no child of this one."""
    until = time.monotonic() + processes.PATIENCE
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with suppress(OSError):  # a container may have nothing that collects it
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        os.sched_yield()
    return False


def test_a_run_that_takes_too_long_is_killed():
    with pytest.raises(processes.TimeoutExpired):
        processes.run(["sleep", "600"], timeout=0.01)
    assert not [process for process in processes.alive() if process.args == ["sleep", "600"]]
