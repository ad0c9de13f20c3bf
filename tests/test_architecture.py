"""The floors of the house: import contracts by their own tool, and what is really imported at run time."""

import os
import sys
from pathlib import Path

import pytest

from flowtui.simulator.server import Simulator

from . import processes

ROOT = Path(__file__).resolve().parents[1]
PROBE = """
import sys
from flowtui.cli import main
code = main(sys.argv[1:])
loaded = {name.partition(".")[0] for name in sys.modules}
print(code, *sorted(loaded & {"textual", "rich", "httpx", "pydantic", "starlette", "uvicorn"}), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def world():
    with Simulator(seed=1, threads=2, runs=4) as simulator:
        yield simulator


def loaded(tmp_path, *words, **environ):
    """Return (exit code, the heavy packages that were imported)."""
    done = processes.run(
        [sys.executable, "-c", PROBE, *words],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(tmp_path),
            "SEEKR_API_KEY": "k",
            "TERM": "xterm",
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    code, *packages = done.stderr.splitlines()[-1].split()
    return int(code), set(packages)


def test_imports_only_go_down_the_floors():
    # In a process of its own: the tool sets up logging for everybody.
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = processes.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Contracts: " in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["-h"],
        ["runs", "-h"],
        ["runs", "--version"],
        ["runs", "--nope"],
        ["config", "path"],
        ["watch", "-h"],
        ["watch", "--nope"],
        ["help", "exit-codes"],
        ["help"],
        ["help", "filter"],
        ["help", "environment"],
        ["doctor", "-h"],
        ["dash"],
    ],
)
def test_help_and_version_import_nothing_heavy(words, tmp_path):
    _, packages = loaded(tmp_path, *words)
    assert packages == set()


def test_config_show_without_a_file_imports_nothing_heavy(tmp_path):
    assert loaded(tmp_path, "config", "show") == (0, set())


@pytest.mark.parametrize("words", [["runs"], ["runs", "-o", "table"], ["threads", "-o", "csv"]])
def test_one_shots_never_import_textual_or_the_simulator(words, tmp_path, world):
    code, packages = loaded(tmp_path, *words, SEEKR_BASE_URL=world.url)
    assert code == 0
    assert packages == {"httpx", "pydantic"}


def test_run_never_imports_textual_either(tmp_path, world):
    thread = next(thread for thread in world.thread_ids() if world.run_ids(thread))
    run = world.run_ids(thread)[0]
    code, packages = loaded(tmp_path, "run", run, "-t", thread, SEEKR_BASE_URL=world.url)
    assert code == 0
    assert packages == {"httpx", "pydantic"}


def test_doctor_never_imports_textual_and_without_a_key_no_http_either(tmp_path, world):
    assert loaded(tmp_path, "doctor", SEEKR_BASE_URL=world.url) == (0, {"httpx", "pydantic"})
    assert "textual" not in loaded(tmp_path, "doctor", SEEKR_API_KEY="")[1]


@pytest.mark.parametrize(
    "output",
    [
        "plain",
        "tty",
        "jsonl",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("github", "json", "none")),
    ],
)
def test_watch_never_imports_textual_or_the_simulator(output, tmp_path, world):
    words = ["watch", "--once", "-o", output, "--for", "status:completed"]
    code, packages = loaded(tmp_path, *words, SEEKR_BASE_URL=world.url)
    assert code in (0, 1, 5)
    assert packages == {"httpx", "pydantic"}
