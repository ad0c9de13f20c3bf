"""`--fault`: the list, the help and errors for unknown names."""

import os
import sys
from pathlib import Path

import pytest

from flowtui.cli import main
from flowtui.simulator.faults import FAULTS, GROUPS
from flowtui.simulator.faults.kinds import parse
from flowtui.simulator.faults.listing import LIST

from ... import processes

ROOT = Path(__file__).resolve().parents[3]
LOADED = "import sys; from flowtui.cli import main; code = main(sys.argv[1:]); "


@pytest.fixture
def shell(capsys):
    def run(*words):
        code = main(list(words), {"FLOWTUI_CONFIG": ""})
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    "words", [("simulate", "--fault", "list"), ("demo", "--fault=list"), ("serve", "demo", "--fault", "list")]
)
def test_list_has_a_line_for_each_fault_with_what_it_does_and_needs_no_terminal(words, shell):
    code, out, err = shell(*words)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == len(FAULTS)
    assert out.isascii()
    for line in lines:
        written, _, text = line.partition(" ")
        fault = FAULTS[written.partition("[")[0].partition("@")[0]]
        assert text.strip() == fault.help
        assert ("[:" in written) == bool(fault.argument)
        example = written.replace("[:NUMBER]", ":2").replace("[:SIGNED]", ":-2")
        assert parse(example.replace("[", "").replace("]", ""), FAULTS)


def test_the_help_of_simulate_names_every_fault(shell):
    code, out, err = shell("simulate", "-h")
    assert (code, err) == (0, "")
    named = out.partition("\nfaults: ")[2].replace(",", " ").split()
    assert set(FAULTS) <= set(named)
    assert max(map(len, out.splitlines())) <= 120


def test_each_fault_is_in_one_group_and_none_has_the_name_of_the_list():
    assert sum(map(len, GROUPS.values())) == len(FAULTS)
    assert LIST not in FAULTS


def test_an_unknown_fault_gets_a_suggestion_and_a_hint_at_the_list(shell):
    code, out, err = shell("simulate", "--port", "0", "--fault", "server-eror")
    assert (code, out) == (2, "")
    assert "Did you mean server-error" in err
    assert "--fault list" in err
    code, _, err = shell("simulate", "--port", "0", "--fault", "qqqqqqqq")
    assert (code, "--fault list" in err, "Did you mean" in err) == (2, True, False)


@pytest.mark.parametrize(
    ("words", "loaded"),
    [(["-h"], False), (["--version"], False), (["demo", "-h"], False), (["simulate", "-h"], True)],
)
def test_the_simulator_is_imported_only_for_faults(words, loaded):
    done = processes.run(
        [
            sys.executable,
            "-c",
            f"{LOADED}print('flowtui.simulator.faults' in sys.modules, 'starlette' in sys.modules)",
            *words,
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == f"{loaded} False"
