"""The floors of the house: import contracts, circles, sizes, and what is really imported at run time."""

import ast
import inspect
import json
import os
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from flowtui.simulator.server import Simulator
from flowtui.ui.app.app import FlowtuiApp

from . import processes
from .import_graph import among_children, circles, import_graph

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "flowtui" / "ARCHITECTURE.md"
PROBE = """
import json, sys
from flowtui.cli import main
for words in json.loads(sys.argv[1]):
    code = main(words)
    loaded = {name.partition(".")[0] for name in sys.modules}
    heavy = sorted(loaded & {"textual", "rich", "httpx", "pydantic", "starlette", "uvicorn", "sqlite3"})
    print("PROBE", json.dumps([code, heavy]), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def world():
    with Simulator(seed=1, threads=2, runs=4) as simulator:
        yield simulator


def loaded(tmp_path, *commands, **environ):
    """Run commands one after the other in one process. Yield for each (words, exit code, heavy packages imported until then)."""
    done = processes.run(
        [sys.executable, "-c", PROBE, json.dumps(commands)],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "SEEKR_API_KEY": "k",
            "TERM": "xterm",
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line.removeprefix("PROBE") for line in done.stderr.splitlines() if line.startswith("PROBE")]
    for words, line in zip(commands, found, strict=True):
        code, packages = json.loads(line)
        yield words, code, set(packages)


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


def test_help_and_version_import_nothing_heavy(tmp_path):
    light = [
        ["--version"],
        ["-h"],
        ["runs", "-h"],
        ["runs", "--version"],
        ["runs", "--nope"],
        ["config", "path"],
        ["stats", "-h"],
        ["history", "-h"],
        ["help", "time"],
        ["watch", "-h"],
        ["watch", "--nope"],
        ["help", "exit-codes"],
        ["help"],
        ["help", "filter"],
        ["help", "environment"],
        ["doctor", "-h"],
        ["dash"],
        ["config", "show"],
    ]
    for words, code, packages in loaded(tmp_path, *light):
        assert packages == set(), words
        assert code == (2 if words[-1] in ("--nope", "dash") else 0), words


def test_one_shots_and_watch_never_import_textual_or_the_simulator(tmp_path, world):
    thread = next(thread for thread in world.thread_ids() if world.run_ids(thread))
    watch = ["watch", "--once", "--for", "status:completed", "-o"]
    commands = [
        ["runs"],
        ["runs", "-o", "table"],
        ["runs", "--since", "1h", "-o", "csv"],
        ["stats"],
        ["history"],
        ["threads", "-o", "csv"],
        ["run", world.run_ids(thread)[0], "-t", thread],
        ["doctor"],
        *([*watch, output] for output in ("plain", "tty", "jsonl", "github", "json", "none")),
    ]
    for words, code, packages in loaded(tmp_path, *commands, SEEKR_BASE_URL=world.url):
        assert packages == {"httpx"}, words
        assert code in ((0, 1, 5) if words[0] == "watch" else (0,)), words


def test_doctor_never_imports_textual_and_without_a_key_no_http_either(tmp_path):
    ((_, _, packages),) = loaded(tmp_path, ["doctor"], SEEKR_API_KEY="")
    assert packages == set()


@pytest.fixture(scope="module")
def graph():
    return import_graph(ROOT / "flowtui")


def test_no_circle_among_modules(graph):
    assert circles(graph) == set()


def test_no_circle_among_packages(graph):
    folders = {name.rpartition(".")[0] for name in graph} - {""}
    assert {folder: found for folder in folders if (found := circles(among_children(graph, folder)))} == {}


def test_no_contract_excepts_an_import_between_rooms():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = [line for contract in contracts for line in contract.get("ignore_imports", ())]
    assert [line for line in named if line.partition(" -> ")[2].startswith("flowtui.")] == []


def test_the_application_stands_on_two_classes_and_no_code_casts_it():
    ours = [cls.__name__ for cls in FlowtuiApp.__mro__ if cls.__module__.startswith("flowtui.")]
    assert ours == ["FlowtuiApp", "AppBase", "TerminalApp"]
    assert len([name for name, value in vars(FlowtuiApp).items() if inspect.isfunction(value)]) <= 40
    calls = (
        node
        for path in (ROOT / "flowtui" / "ui").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "cast"
    )
    cast = [ast.unparse(node.args[1]) for node in calls]
    assert [what for what in cast if what == "self" or what.endswith((".app", ".screen"))] == []


def test_no_folder_holds_more_than_twenty_modules():
    folders = Counter(path.parent for path in (ROOT / "flowtui").rglob("*.py") if path.name != "__init__.py")
    assert {str(folder): count for folder, count in folders.items() if count > 20} == {}


def test_each_package_says_in_one_sentence_what_it_holds():
    texts = {
        path: ast.get_docstring(ast.parse(path.read_text()))
        for path in (ROOT / "flowtui").rglob("__init__.py")
    }
    assert [
        path for path, text in texts.items() if not text or not text.splitlines()[0].endswith((".", ":"))
    ] == []


def test_a_file_over_400_lines_is_explained():
    long = {path.name for path in (ROOT / "flowtui").rglob("*.py") if path.read_text().count("\n") > 400}
    explained = GUIDE.read_text().rpartition("\n## ")[2]
    assert {name for name in long if f"{name}`" not in explained} == set()


def test_the_guide_is_short_and_names_files_that_exist():
    text = GUIDE.read_text()
    assert text.count("\n") <= 80
    named = re.findall(r"`([\w/]+/[\w]+\.\w+)`", text) + re.findall(r"`([\w/]+/)`", text)
    assert len(named) > 50
    assert [name for name in named if not ((ROOT / name).exists() or (GUIDE.parent / name).exists())] == []


def test_a_planted_circle_is_found(tmp_path):
    root = tmp_path / "flowtui"
    (root / "low").mkdir(parents=True)
    (root / "high").mkdir()
    (root / "low" / "a.py").write_text("def later():\n    from flowtui.high import b\n")
    (root / "high" / "b.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from flowtui.low.a import later\n"
    )
    graph = import_graph(root)
    assert circles(graph) == {frozenset({"flowtui.low.a", "flowtui.high.b"})}
    assert circles(among_children(graph, "flowtui")) == {frozenset({"flowtui.low", "flowtui.high"})}


def test_a_planted_circle_of_packages_without_one_of_modules_is_found(tmp_path):
    root = tmp_path / "flowtui"
    (root / "one").mkdir(parents=True)
    (root / "two").mkdir()
    (root / "one" / "a.py").write_text("from ..two import b\n")
    (root / "one" / "c.py").write_text("")
    (root / "two" / "b.py").write_text("import flowtui.one.c\n")
    graph = import_graph(root)
    assert circles(graph) == set()
    assert circles(among_children(graph, "flowtui")) == {frozenset({"flowtui.one", "flowtui.two"})}
