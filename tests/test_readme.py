"""The README matches the code: its table of keys is generated, and every command in it runs."""

from __future__ import annotations

import os
import re
import select
import shlex
import sys
from pathlib import Path

import pytest

from flowtui.cli import main
from flowtui.simulator.server import Simulator
from flowtui.ui.keys.bindings import KEYS, markdown

from . import processes

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


def words_before_comment(line: str) -> str:
    return line.partition("  #")[0].strip()


LINES = [words_before_comment(line) for block in BLOCKS for line in block.splitlines() if line.strip()]
FRESH = [line for line in LINES if line.startswith("python3 -m venv")]
ONE_SHOT = [
    line
    for line in LINES
    if re.match(r"flowtui (runs|threads|run|config|stats|failures|brief|history) ", line + " ")
    and " > " not in line
]
SCREENS = [
    "flowtui",
    "flowtui thr_9a thr_b2",
    ".venv/bin/flowtui demo",
    "flowtui --verbose --log-file flowtui.log",
]


@pytest.fixture(scope="module")
def simulator():
    with Simulator(seed=4) as simulator:
        yield simulator


@pytest.fixture
def shell(simulator, tmp_path):
    """A shell environment in which `flowtui` is this source tree, with the simulator's address."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "flowtui"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m flowtui "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TERM": "xterm-256color",
        "SEEKR_BASE_URL": simulator.url,
        "SEEKR_API_KEY": "any",
    }


def real(simulator, text: str) -> str:
    """Replace the README's example ids by ids of the simulator."""
    first, second = simulator.thread_ids()[:2]
    run = simulator.run_ids(first)[-1]
    text = text.replace("thr_9a", first).replace("thr_b2", second).replace("run_7f31", run)
    return text.replace("8f2c41d0", run[-6:])


def run_in_terminal(command: list[str], environ: dict[str, str], cwd: Path, keys: bytes = b"q") -> int:
    """Run a command on a pseudo-terminal, wait for its screen, press keys, and return its exit code."""
    with processes.on_terminal(command, env=environ, cwd=cwd) as (process, terminal):
        seen = b""
        while select.select([terminal], [], [], processes.PATIENCE)[0]:
            try:
                part = os.read(terminal, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
            if keys and b"flowtui" in seen and b"Runs" in seen:
                os.write(terminal, keys)
                keys = b""
        os.close(terminal)
        return process.wait()


def test_the_key_table_matches_the_key_definitions():
    table = re.search(r"<!-- keys: .*? -->\n(.*?)\n<!-- /keys -->", README, re.DOTALL)
    assert table is not None
    assert table[1] == markdown()


def test_ids_of_keys_are_unique():
    assert len({key.id for key in KEYS}) == len(KEYS)


def test_every_command_of_the_readme_is_tested():
    """If this fails, put the new line into one of the groups above."""
    scripted = "".join(block for block in BLOCKS if block.startswith("set -"))
    rest = [line for line in LINES if line not in (*FRESH, *ONE_SHOT, *SCREENS) and line not in scripted]
    assert rest == [
        "export SEEKR_API_KEY=...",
        "flowtui simulate --port 8765 --seed 7 --threads 20",
        "SEEKR_BASE_URL=http://127.0.0.1:8765 SEEKR_API_KEY=any flowtui",
    ]


BY_NAME = re.compile(
    r"\b(pip3?|pipx|uv|uvx|brew|conda|apt(?:-get)?|npm|npx|docker|podman)\s+(?:[\w-]+\s+)*['\"]?flowtui\b"
)
"""A command that takes from an index what is called flowtui there."""

SAID = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "config.example.toml")),
    *sorted((ROOT / "flowtui").rglob("*.py")),
    *sorted((ROOT / "flowtui").rglob("*.md")),
]


@pytest.mark.parametrize(
    "line", ["pip install -q flowtui", "pip install 'flowtui[web]'", "uvx flowtui", "docker run -it flowtui"]
)
def test_installing_flowtui_from_an_index_would_be_found(line):
    assert BY_NAME.search(f"run `{line}` and")


def test_no_text_installs_flowtui_from_a_package_index():
    """No index has a release of flowtui: a package of that name could be code that steals the user's key."""
    found = [f"{path.name}: {hit[0]}" for path in SAID for hit in BY_NAME.finditer(path.read_text("utf-8"))]
    assert found == []
    assert README.count("YOUR-GIT-HOST") == 1


def test_links_of_the_readme_lead_somewhere():
    titles = re.findall(r"^#+ (.*)", README, re.MULTILINE)
    places = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    links = re.findall(r"\]\(([^)\s]+)\)", README)
    assert {link[1:] for link in links if link.startswith("#")} <= places
    files = [link for link in links if not link.startswith(("#", "http"))]
    assert files
    assert [link for link in files if not (ROOT / link).exists()] == []


def test_the_commands_for_a_fresh_machine_are_run_by_ci():
    assert FRESH == [
        "python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/flowtui demo",
        "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest -q",
    ]
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "readme_command" in ci


@pytest.mark.parametrize("line", [line for line in ONE_SHOT if ">" not in line])
def test_a_one_shot_command_of_the_readme_runs(line, shell, simulator, monkeypatch, capsys):
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, shell[name])
    code = main(shlex.split(real(simulator, line))[1:], shell)
    out, err = capsys.readouterr()
    assert code == 0, err
    assert out


@pytest.mark.parametrize("line", [line for line in ONE_SHOT if ">" in line])
def test_a_one_shot_command_of_the_readme_runs_in_a_shell(line, shell, simulator, tmp_path):
    done = processes.run(
        ["bash", "-euo", "pipefail", "-c", real(simulator, line)],
        env=shell,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_deployment_step_of_the_readme_runs(shell, simulator, tmp_path):
    script = next(block for block in BLOCKS if "status_class" in block)
    done = processes.run(
        ["bash", "-c", real(simulator, script)],
        env=shell,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    text = (tmp_path / "runs.jsonl").read_text(encoding="utf-8")
    failed = '"status_class": "failed"' in text
    assert done.returncode == (1 if failed else 0), done.stderr
    assert text.count("\n") > 2


# `tests/faults` opens the dashboard and the demo on terminals.
@pytest.mark.parametrize(
    "line",
    [
        "flowtui thr_9a thr_b2",
        *(pytest.param(line, marks=pytest.mark.slow) for line in ("flowtui", "flowtui demo")),
    ],
)
def test_a_screen_of_the_readme_opens_and_closes(line, shell, simulator, tmp_path):
    assert run_in_terminal(real(simulator, line).split(), shell, tmp_path) == 0


def test_the_simulator_of_the_readme_serves(shell, tmp_path):
    line = next(line for line in LINES if line.startswith("flowtui simulate"))
    words = line.replace("8765", "0").split()
    with processes.Process(words, env=shell, cwd=tmp_path, stdout=processes.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        done = processes.run(
            ["flowtui", "threads", "-o", "jsonl"],
            env={**shell, "SEEKR_BASE_URL": url},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.count("\n") == 20
        server.terminate()
        assert server.wait() == 143
