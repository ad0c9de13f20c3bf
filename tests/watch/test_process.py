"""`watch` as a process: signals, a closed pipe, hooks, a terminal."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from flowtui.simulator.server import Simulator

from .. import processes
from ..id_styles import ids_for

ROOT = Path(__file__).resolve().parents[2]
NOW = 1_794_000_000.0
KEY = "hunter2-secret-key"
PATIENCE = processes.PATIENCE


@pytest.fixture(scope="module")
def simulator(request):
    with Simulator(
        seed=7, threads=5, runs=60, clock=lambda: NOW, ids=ids_for(request.node.nodeid)
    ) as running:
        yield running


@pytest.fixture
def environ(simulator, tmp_path):
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "SEEKR_BASE_URL": simulator.url,
        "SEEKR_API_KEY": KEY,
        "TERM": "xterm-256color",
    }


def command(*words):
    return [sys.executable, "-m", "flowtui", "watch", "--interval", "0.5", "--tz", "utc", *words]


# On a terminal, below, each of the signals has its exit code and its summary too.
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGTERM, 143),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in ((signal.SIGINT, 130), (signal.SIGHUP, 129))
        ),
    ],
)
def test_a_signal_ends_the_watch_with_one_summary_and_its_exit_code(number, code, environ):
    with processes.Process(
        command("-o", "jsonl"), env=environ, stdout=processes.PIPE, stderr=processes.PIPE, text=True
    ) as process:
        while "run.appeared" not in process.stdout.readline():
            pass
        process.send_signal(number)
        out, err = process.stdout.read(), process.stderr.read()
    assert (process.returncode, err) == (code, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["event"] for line in lines].count("summary") == 1
    assert (lines[-1]["event"], lines[-1]["exit"]) == ("summary", code)


def test_a_signal_before_the_first_answer_also_ends_with_a_summary(environ):
    with processes.Process(
        command("-o", "jsonl"), env=environ, stdout=processes.PIPE, stderr=processes.PIPE, text=True
    ) as process:
        assert "watch.started" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        out, err = process.stdout.read(), process.stderr.read()
    assert (process.returncode, err) == (143, "")
    assert json.loads(out.splitlines()[-1])["event"] == "summary"


@pytest.mark.parametrize("output", [pytest.param("jsonl", marks=pytest.mark.slow), "plain"])
def test_a_closed_pipe_does_not_change_the_verdict(output, environ, simulator):
    with processes.Process(
        command("-o", output, "--once"),
        env=environ,
        stdout=processes.PIPE,
        stderr=processes.PIPE,
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read().decode()
        code = process.wait()
    assert code == 1, "the world has failed runs"
    assert "Traceback" not in err
    assert err.count("\n") <= 1


@pytest.mark.slow  # `tests/faults/test_process.py` closes each stream, in forks of one process
def test_a_closed_stdout_does_not_change_the_exit_code(environ):
    done = processes.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *command("--once", "-o", "jsonl")],
        env=environ,
        stderr=processes.PIPE,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


def test_hooks_get_the_event_on_stdin_and_no_key(environ, tmp_path):
    seen = tmp_path / "seen"
    script = tmp_path / "hook"
    script.write_text(f"#!/bin/sh\ncat >> {seen}\nenv >> {seen}\necho said\n")
    script.chmod(0o755)
    environ["COPY_OF_KEY"] = f"Bearer {KEY}"
    words = ["--on", f"summary={script} 'a b' $HOME", "--on", "watch.started=/nonexistent/x"]
    done = processes.run(
        command("--once", "-o", "jsonl", *words),
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    text = seen.read_text()
    assert json.loads(text.splitlines()[0])["event"] == "summary"
    assert KEY not in text
    assert "COPY_OF_KEY" not in text
    assert "said" not in done.stdout
    assert "said" in done.stderr
    assert "watch.started=/nonexistent/x: No such file" in done.stderr
    assert done.returncode == 1


def test_a_summary_file_holds_the_summary_with_its_runs(shell, simulator, tmp_path):
    target = tmp_path / "summary.json"
    code, out, _ = shell(simulator.url, "--once", "-o", "none", "--summary-file", str(target))
    document = json.loads(target.read_text())
    assert (out, code, document["exit"]) == ("", 1, 1)
    assert len(document["runs"]) == document["counts"]["total"] > 0


def on_terminal(words, environ, stop_when, number=None):
    """Run on a pseudo-terminal; return (exit code, the raw bytes)."""
    with processes.on_terminal(command(*words), env=environ) as (process, terminal):
        seen, deadline = b"", time.monotonic() + PATIENCE
        while time.monotonic() < deadline and select.select([terminal], [], [], PATIENCE)[0]:
            try:
                part = os.read(terminal, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
            if number is not None and stop_when in seen:
                process.send_signal(number)
                number = None
        os.close(terminal)
        return process.wait(), seen


def check_that_the_cursor_is_back(seen):
    assert seen.count(b"\x1b[?25l") == 1
    assert seen.rindex(b"\x1b[?25h") > seen.rindex(b"\x1b[?25l")
    assert b"\x1b[?1049h" not in seen, "no full screen"
    assert len(re.findall(rb"STOPPED .* exit 1\d\d", seen)) == 1


def test_the_live_view_shows_the_cursor_again_after_sigterm(environ):
    code, seen = on_terminal([], environ, b"running", signal.SIGTERM)
    assert code == 143
    check_that_the_cursor_is_back(seen)
    assert b"\x1b[36m" in seen


def test_the_live_view_without_colors_shows_the_cursor_again_after_sighup(environ):
    environ["NO_COLOR"] = "1"
    code, seen = on_terminal([], environ, b"running", signal.SIGHUP)
    assert code == 129
    check_that_the_cursor_is_back(seen)
    codes = re.findall(rb"\x1b\[[0-9;?]*([A-Za-z])", seen)
    assert b"m" not in codes
    assert b"l" in codes


def test_ctrl_z_shows_the_cursor_and_fg_draws_again(environ):
    script = 'set -m; "$@"; echo stopped=$?; fg; echo ended=$?'
    shell = ["bash", "--norc", "-c", script, "bash", *command("-o", "tty")]
    with processes.on_terminal(shell, controlling=True, env=environ) as (_, terminal):
        check_that_ctrl_z_gives_the_cursor_back(terminal)


def check_that_ctrl_z_gives_the_cursor_back(terminal):
    def until(*marks):
        """Read until each mark has appeared, one after the other."""
        seen, place, deadline = b"", 0, time.monotonic() + PATIENCE
        for mark in marks:
            while mark not in seen[place:]:
                assert time.monotonic() < deadline, f"{mark} did not come"
                if select.select([terminal], [], [], 1)[0]:
                    seen += os.read(terminal, 65536)
            place = seen.index(mark, place) + len(mark)
        return seen

    until(b"running")
    os.write(terminal, b"\x1a")
    away = until(b"stopped=148", b"\x1b[?25l", b"running")
    away, _, back = away.partition(b"stopped=148")
    assert away.rindex(b"\x1b[?25h") > away.rfind(b"\x1b[?25l")
    assert b"Traceback" not in away + back
    os.write(terminal, b"\x03")
    end = until(b"ended=130")
    assert end.rindex(b"\x1b[?25h") > end.rfind(b"\x1b[?25l")
    assert len(re.findall(rb"STOPPED .* exit 130", end)) == 1
