"""Runs the README's shell script and GitHub Actions job against a simulated deployment."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import textwrap
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from flowtui.cli.handlers.help_topics import TOPICS
from flowtui.simulator.server import Simulator

from .. import processes

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"

spec = spec_from_file_location("script_server", Path(__file__).with_name("script_server.py"))
script_server = module_from_spec(spec)
spec.loader.exec_module(script_server)


def block(name):
    """Return the fenced text between two markers of the README."""
    found = re.search(
        rf"<!-- {name} -->\n```\w+\n(.*?)```\n<!-- /{name} -->", README.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None, f"the README has no block {name}"
    return found[1]


def deployment(*ends):
    """Return steps of a scripted server in which an agent gets a run on a new thread for each end."""

    def start(server):
        for number, _ in enumerate(ends):
            server.put(f"thr_{number}", f"run_{number}", "running")

    def stop(server):
        for number, end in enumerate(ends):
            server.put(f"thr_{number}", f"run_{number}", end)

    return [lambda server: server.threads.update(thr_old=[]), start, stop]


def run(script, url, tmp_path, shell, **environ):
    """Run a script with `flowtui` on its path and with shortened times."""
    folder = tmp_path / "bin"
    folder.mkdir()
    short = 'test "$1" = watch && set -- "$@" --interval 0.5 --settle 0.1 --budget 3000/min'
    for name, line in (("flowtui", f'{short}\nexec {sys.executable} -m flowtui "$@"'),):
        command = folder / name
        command.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        command.chmod(0o755)
    return processes.run(
        [*shell, "-c", script],
        cwd=tmp_path,
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "SEEKR_BASE_URL": url,
            "SEEKR_API_KEY": "any",
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("ends", "code", "said"),
    [
        (("completed", "completed", "completed"), 0, "the release is fine"),
        (("completed", "failed", "completed"), 1, "roll back"),
    ],
)
def test_the_shell_script_of_the_readme(ends, code, said, tmp_path):
    with script_server.ScriptServer(deployment(*ends)) as server:
        done = run(block("watch-shell"), server.url, tmp_path, ["bash"])
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout + done.stderr
    assert json.loads((tmp_path / "watch.json").read_text())["exit"] == code


def test_the_shell_script_of_the_readme_without_an_answer(tmp_path):
    script = block("watch-shell").replace("--first 3", "--first 3 --give-up-after 1s")
    with socket.socket() as taken:  # no other process can get the port
        taken.bind(("127.0.0.1", 0))
        done = run(script, f"http://127.0.0.1:{taken.getsockname()[1]}", tmp_path, ["bash"])
    assert (done.returncode, "could not be asked" in done.stderr) == (3, True)


def test_the_github_job_of_the_readme(tmp_path):
    job = block("watch-github")
    before, _, with_key = job.partition("SEEKR_API_KEY: ${{ secrets.SEEKR_API_KEY }}")
    assert 'pip install -q "$FLOWTUI"' in before, "what is installed runs without the key"
    assert "install" not in with_key
    script = textwrap.dedent(job.split("run: |\n")[1])
    page = tmp_path / "step.md"
    with script_server.ScriptServer(deployment("completed", "failed", "completed")) as server:
        done = run(
            script,
            server.url,
            tmp_path,
            ["bash", "--noprofile", "--norc", "-eo", "pipefail"],
            GITHUB_ACTIONS="true",
            GITHUB_STEP_SUMMARY=str(page),
        )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "::error title=run run_1 failed::" in done.stdout
    assert "| failed | run\\_1 |" in page.read_text()


@pytest.mark.parametrize(
    ("effect", "code", "said"),
    [
        # The simulated half hour of a good release takes ten seconds.
        pytest.param(None, 0, "as good as before: the release stays", marks=pytest.mark.slow),
        ("0s:failures=60%", 1, "worse than before: roll back"),
    ],
)
def test_the_gate_script_of_the_readme(effect, code, said, tmp_path):
    (tmp_path / "deploy.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "deploy.sh").chmod(0o755)
    # The simulated time passes 120 times as fast; all runs created after the start belong to the release. They are on
    # many threads, as runs of few threads tell less.
    with Simulator(seed=7, threads=30, runs=600, speed=120.0, deploy_at=effect) as world:
        done = run(block("gate-shell"), world.url, tmp_path, ["bash"])
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout + done.stderr
    gate = json.loads((tmp_path / "gate.json").read_text())["gate"]
    assert gate["verdict"] == ("FAIL" if code else "PASS")
    assert gate["mark"] == "release-42"


def test_the_gate_script_of_the_readme_with_too_few_runs(tmp_path):
    (tmp_path / "deploy.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "deploy.sh").chmod(0o755)
    script = block("gate-shell").replace("--timeout 30m", "--timeout 1s")
    with Simulator(seed=3, threads=2, runs=20, ids="uuid") as world:
        done = run(script, world.url, tmp_path, ["bash"])
    assert (done.returncode, "too few runs to tell" in done.stderr) == (4, True), done.stdout + done.stderr


def test_the_exit_codes_in_the_readme_are_those_of_the_code():
    text = README.read_text(encoding="utf-8").replace("`", "")
    told = re.findall(r"^  (\d[\d, ]*?) {2,}(.+)", TOPICS["exit-codes"].text(), re.MULTILINE)
    assert len(told) == 10
    for code, meaning in told:
        assert f"| {code} | {meaning} |" in text
