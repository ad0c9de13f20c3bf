"""Every command of CONTRIBUTING.md is right: it runs, or its words are understood and what it names is there."""

from __future__ import annotations

import ast
import os
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from flowtui.cli import main
from flowtui.cli.arguments import parse
from flowtui.cli.commands import COMMANDS
from flowtui.cli.dispatch import DEVELOPER
from flowtui.cli.handlers.help_topics import TOPICS
from flowtui.cli.handlers.simulate import simulator_of

from . import processes

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
INSTALL = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]'"
LINT = "ruff check . && ruff format --check . && mypy"


def starting(*words: str) -> list[str]:
    """The commands that begin with one of these, without variables before them."""
    bare = [re.sub(r"^([A-Z_]+=\S+ )+", "", line) for line in LINES]
    return [line for line in bare if line.split()[0] in words]


FLOWTUI = [
    *starting("flowtui"),
    *(line.partition(" -c ")[2] for line in starting("textual") if " -c " in line),
]
MODULES = [line for line in starting("python") if " -m " in line]
HELP = TOPICS["environment"].text()
EXPLAINED = {
    name
    for names in re.findall(r"^  ([A-Z_, ]+)  ", HELP, re.MULTILINE)
    for name in re.split(r"[, ]+", names)
}
VARIABLE_NAMES = {name for line in LINES for name in re.findall(r"\b([A-Z_]+)=", line)}


def test_no_command_is_left_untested():
    known = [
        *starting("flowtui", "textual", "pytest", "python"),
        INSTALL,
        ". .venv/bin/activate",
        LINT,
        ".ci/run",
    ]
    assert [line for line in LINES if re.sub(r"^([A-Z_]+=\S+ )+", "", line) not in known] == []
    assert len(PAGE.splitlines()) <= 110


def test_one_extra_brings_all_that_a_developer_needs():
    """By reference to the others, so that nothing is listed twice."""
    own, *others = EXTRAS["dev"]
    assert own == "flowtui[test,lint,shots]"
    assert all(other.startswith("textual-dev") for other in others)
    assert {"test", "lint", "shots"} <= set(EXTRAS)
    assert INSTALL in LINES
    assert '-e "$main[dev]"' in CI


def test_lint_is_that_of_ci():
    assert LINT in LINES
    assert LINT in re.sub(r'"\$bin/(\w+)"', r"\1", CI)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("line", [line for line in FLOWTUI if not line.endswith("--fault list")])
def test_a_command_of_flowtui_is_understood(line):
    call = parse(shlex.split(line)[1:], COMMANDS, {})
    assert call.command.name == [*line.split(), "dash"][1]
    if getattr(call.options, "fault", None):
        simulator_of(call.options, port=0)  # an error where there is no such fault


def test_the_list_of_faults_is_shown(capsys):
    assert "flowtui simulate --fault list" in FLOWTUI
    assert main(["simulate", "--fault", "list"]) == 0
    assert "server-error" in capsys.readouterr().out


def test_variables_are_those_that_are_read():
    read = {DEVELOPER, "FLOWTUI_GOLDEN", *EXPLAINED}
    assert VARIABLE_NAMES - read == set()
    assert DEVELOPER in VARIABLE_NAMES


def test_only_contributing_names_the_switch_of_developers():
    pages = [*ROOT.glob("*.md"), ROOT / "config.example.toml", *(ROOT / "flowtui").rglob("*.md")]
    assert [path.name for path in pages if DEVELOPER in path.read_text("utf-8")] == ["CONTRIBUTING.md"]
    assert DEVELOPER not in EXPLAINED


@pytest.mark.parametrize("line", starting("textual"))
def test_a_command_of_textual_is_understood(line):
    """Where the extra `dev` is installed, as in `.ci/run`."""
    command_line = pytest.importorskip("textual_dev.cli").run
    name, *words = shlex.split(line)[1:]
    command = command_line.commands[name]
    context = command.make_context(name, words)
    if name == "run":
        assert (context.params["dev"], context.params["command"]) == (True, True)
        assert [context.params["import_name"], *context.params["extra_args"]] == shlex.split(
            line.partition(" -c ")[2]
        )


@pytest.mark.parametrize("line", starting("pytest"))
def test_what_a_command_of_pytest_names_is_there(line):
    words = shlex.split(line)
    for path in (word.partition("::")[0] for word in words if word.startswith("tests/")):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert "golden" not in path or "FLOWTUI_GOLDEN" in text
    if "-m" in words:
        markers = PROJECT["tool"]["pytest"]["ini_options"]["markers"]
        assert any(marker.startswith(f"{words[-1]}:") for marker in markers)
    if "--snapshot-update" in words:
        assert len([*(ROOT / "tests").rglob(f"{words[words.index('-k') + 1]}.py")]) == 1


def test_one_test_alone_runs():
    (line,) = [line for line in starting("pytest") if "::" in line]
    done = processes.run(
        [sys.executable, "-m", *shlex.split(line)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_scenes_of_pictures_are_there():
    tree = ast.parse((ROOT / "screenshots" / "make.py").read_text(encoding="utf-8"))
    scenes = {
        key.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign)
        and ast.unparse(node.target) == "SCENES"
        and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant)
    }
    named = [line.split()[2:] for line in starting("python") if "make.py" in line]
    assert named
    assert {name for names in named for name in names} <= scenes


@pytest.mark.parametrize("line", MODULES)
def test_a_benchmark_understands_its_options(line):
    _, _, module, *words = shlex.split(line)
    text = (ROOT / Path(*module.split("."))).with_suffix(".py").read_text(encoding="utf-8")
    if module == "benchmarks.all":
        assert all(f'    "{word}",' in text for word in words)
    else:
        done = processes.run(
            [sys.executable, "-m", module, *words, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert all(word in done.stdout for word in words if word.startswith("--"))


def test_the_scenes_of_pictures_are_said_with_help_and_for_an_unknown_one():
    pytest.importorskip("resvg_py", reason="pictures need the extra shots")
    script = [sys.executable, str(ROOT / "screenshots" / "make.py")]
    helped = processes.run([*script, "--help"], capture_output=True, text=True, check=True).stdout
    assert "usage: python screenshots/make.py" in helped
    assert re.search(r"^  gate +The deploy gate after a bad release\.$", helped, re.MULTILINE)
    wrong = processes.run([*script, "gates"], capture_output=True, text=True)
    assert wrong.returncode == 2
    assert "no scene is called 'gates': choose from dashboards, " in wrong.stderr
