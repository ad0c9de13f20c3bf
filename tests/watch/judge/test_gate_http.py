"""`flowtui mark` and `flowtui watch --gate` as a pipeline calls them, over real HTTP on a simulator with a release."""

from __future__ import annotations

import json

import pytest

from flowtui.cli import main
from flowtui.config.memory.marks import Owner, set_mark
from flowtui.model.export.json_text import to_json
from flowtui.simulator.server import Simulator

from ...clocks import WaitingClock, watch_requests

NOW = 1_794_000_000.0
DEPLOYED, LOOKED = NOW + 600.0, NOW + 2400.0


def served(effect):
    """Return a simulator that stands still half an hour after a release."""
    moments = iter([NOW])
    return Simulator(
        seed=3,
        threads=6,
        runs=260,
        deploy_at=f"600s:{effect}" if effect else None,
        clock=lambda: next(moments, LOOKED),
        ids="uuid",
    )


@pytest.fixture(scope="module")
def bad():
    with served("failures=90%,agent=triage") as simulator:
        yield simulator


@pytest.fixture(scope="module")
def fine():
    with served("") as simulator:
        yield simulator


@pytest.fixture
def flowtui(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    watch_requests(monkeypatch)

    def run(simulator, *words, **environ):
        capsys.readouterr()
        url = simulator if isinstance(simulator, str) else simulator.url
        set_mark(Owner("default", url), "release-42", DEPLOYED, made=DEPLOYED)
        base = {"SEEKR_API_KEY": "hunter2-key", "SEEKR_BASE_URL": url, "FLOWTUI_CONFIG": ""}
        code = main([*words, "--tz", "utc"], {**base, **environ}, clock=WaitingClock(LOOKED))
        out, err = capsys.readouterr()
        assert "hunter2" not in out + err
        return code, out, err

    return run


GATE = ("--since", "mark:release-42", "--compare", "1h", "--gate", "failure_rate <= base + 15%")
SOON = ("--interval", "2", "--settle", "0.5s", "--timeout", "12s", "-o", "jsonl")
FAST = ("--interval", "0.5", "--settle", "0.5s", "--timeout", "90s", "-o", "jsonl")


def last(out):
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["event"] for line in lines].count("summary") == 1
    return lines[-1]


def test_exit_0_if_a_release_is_like_the_one_before(flowtui, fine):
    code, out, err = flowtui(fine, "watch", *GATE, *FAST)
    gate = last(out)["gate"]
    assert (code, gate["verdict"]) == (0, "PASS")
    assert err.count("\n") == err.count("flowtui: an unchanged release needs about") <= 1, (
        "it has few threads"
    )
    assert gate["mark"] == "release-42"
    assert gate["new"]["since"] == "2026-11-06T21:30:00.000Z"
    assert gate["base"]["runs"] > 100
    assert gate["new"]["runs"] > 100


def test_exit_1_for_a_bad_release_with_its_new_failures_also_in_a_file(flowtui, bad, tmp_path):
    target = tmp_path / "gate.json"
    code, out, _ = flowtui(bad, "watch", *GATE, *FAST, "--summary-file", str(target))
    gate = last(out)["gate"]
    assert (code, gate["verdict"]) == (1, "FAIL")
    assert any("tax_rate" in found["text"] for found in gate["new_signatures"])
    document = json.loads(target.read_text())
    assert document["gate"] == gate
    assert to_json(document["gate"]).isascii()


# `test_github_has_an_error_for_each_row_and_a_table` sees the same over HTTP, `test_gate.py` the verdicts.
@pytest.mark.slow
def test_exit_1_by_agent_names_only_the_released_agent(flowtui, bad):
    code, out, _ = flowtui(bad, "watch", *GATE, *FAST, "--by", "agent")
    verdicts = {row["agent"]: row["verdict"] for row in last(out)["gate"]["rows"]}
    assert code == 1
    assert [agent for agent, verdict in verdicts.items() if verdict == "FAIL"] == ["triage"]
    assert "triage: " in last(out)["reason"]


# In `test_gate.py` without HTTP; the script of the README ends so over HTTP.
@pytest.mark.slow
def test_exit_4_if_there_are_too_few_runs_until_the_timeout(flowtui, fine):
    code, out, _ = flowtui(fine, "watch", *GATE, *SOON, "--min-runs", "5000")
    end = last(out)
    assert (code, end["gate"]["verdict"]) == (4, "INCONCLUSIVE")
    assert end["gate"]["needed"] >= 5000
    assert "the gate is undecided" in end["reason"]


# In `test_gate.py` without HTTP: `test_an_incomplete_base_is_not_compared`.
@pytest.mark.slow
def test_exit_4_if_the_server_does_not_return_all_runs_of_the_base(flowtui, fine):
    fine.add_fault("ignore-offset")
    try:
        code, out, _ = flowtui(fine, "watch", *GATE, *SOON)
    finally:
        fine.clear_faults()
    assert (code, last(out)["gate"]["verdict"]) == (4, "INCONCLUSIVE")
    assert "not all runs before the mark are known" in last(out)["reason"]


def test_exit_3_if_the_server_does_not_answer(flowtui):
    code, out, _ = flowtui("http://127.0.0.1:9", "watch", *GATE, *FAST, "--give-up-after", "1s")
    assert (code, last(out)["exit"]) == (3, 3)


# In `test_gate.py` without HTTP: `test_once_ends_a_gate_at_once_with_exit_0_1_6_or_8`.
@pytest.mark.slow
def test_exit_8_if_once_finds_too_few_runs(flowtui, fine):
    code, out, _ = flowtui(fine, "watch", *GATE, "--once", "-o", "jsonl", "--min-runs", "5000")
    assert (code, "the gate is undecided" in last(out)["reason"]) == (8, True)


def test_the_mark_of_an_agent_is_its_last_deployment(flowtui, bad):
    words = ["--since", "mark:agent:triage", "--agent", "triage", *GATE[2:]]
    code, out, _ = flowtui(bad, "watch", *words, *FAST)
    gate = last(out)["gate"]
    assert (code, gate["mark"], gate["new"]["since"]) == (1, "agent:triage", "2026-11-06T21:30:00.000Z")


def test_the_mark_of_an_unknown_agent_is_a_usage_error(flowtui, bad):
    code, out, err = flowtui(bad, "watch", "--since", "mark:agent:triag", *GATE[2:], *FAST)
    assert (code, out) == (2, "")
    assert "Did you mean triage?" in err


def test_the_mark_of_an_agent_without_an_answer_ends_with_a_summary(flowtui):
    words = ["--since", "mark:agent:triage", *GATE[2:], *FAST, "--give-up-after", "1s"]
    code, out, _ = flowtui("http://127.0.0.1:9", "watch", *words)
    assert (code, last(out)["exit"]) == (3, 3)


def test_since_takes_a_mark_without_a_gate(flowtui, fine):
    code, out, _ = flowtui(fine, "watch", "--since", "mark:release-42", "--once", "-o", "jsonl")
    first = json.loads(out.splitlines()[0])
    assert (code, first["since"]) == (1, "2026-11-06T21:30:00.000Z")
    assert first["text"].startswith("runs since mark release-42 on every thread")
    assert "gate" not in last(out)


@pytest.mark.slow
def test_the_runs_of_a_release_can_be_filtered_and_counted(flowtui, fine):
    words = ("watch", "--once", "-o", "jsonl")
    _, since, _ = flowtui(fine, *words, "--since", "mark:release-42")
    _, of_it, _ = flowtui(fine, *words, "--filter", "release:release-42")
    _, all_of_them, _ = flowtui(fine, *words)
    counted = [sum(last(out)["counts"].values()) for out in (since, of_it, all_of_them)]
    assert counted[0] == counted[1] > 100
    assert counted[2] > counted[0] + 100


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--gate", "failure_rate <= 5%"], "--gate needs --since"),
        (["--since", "10m", "--gate", "failure_rate <= 5%"], "--gate needs --compare"),
        (["--since", "10m", "--compare", "2h"], "--compare needs --gate"),
        (["--min-runs", "3"], "--min-runs needs --gate"),
        (["--by", "agent"], "--by needs --gate"),
        ([*GATE, "--for", "all"], "--gate and --for exclude each other"),
        ([*GATE, "--new"], "exclude each other"),
        ([*GATE, "--latest"], "make no sense beside it"),
        ([*GATE, "--expect", "3"], "--expect makes no sense beside --gate"),
        ([*GATE, "--fail-fast"], "are about --fail-on"),
        ([*GATE, "--min-runs", "0"], "no whole number of at least 1"),
        ([*GATE, "--by", "model"], "invalid choice"),
        ([*GATE[:-1], ""], "--gate: it is empty"),
        ([*GATE[:-1], "failure_rate <= bass"], "--gate: "),
        (["--since", "mark:relaese-42", *GATE[2:]], "Did you mean release-42?"),
        (["--since", "mark:", *GATE[2:]], "there is no mark ''"),
    ],
)
def test_exit_2_for_a_usage_error_prints_nothing_on_stdout_and_sends_no_request(words, said, flowtui, fine):
    before = len(fine.requests)
    code, out, err = flowtui(fine, "watch", *words)
    assert (code, out) == (2, "")
    assert err.startswith("flowtui: error: ")
    assert said in err
    assert len(fine.requests) == before


def test_exit_2_for_a_wrong_gate_with_a_caret_at_the_column(flowtui, fine):
    _, _, err = flowtui(fine, "watch", *GATE[:-1], "failure_rate <= bass + 2%")
    lines = err.splitlines()
    assert lines[1] == "  failure_rate <= bass + 2%"
    assert lines[2] == "                  ^"


def test_exit_2_for_a_mark_in_the_future(flowtui, fine):
    set_mark(Owner("default", fine.url), "tomorrow", LOOKED + 86400, made=NOW)
    code, out, err = flowtui(fine, "watch", "--since", "mark:tomorrow", *GATE[2:])
    assert (code, out) == (2, "")
    assert "mark tomorrow is in the future" in err


def test_github_has_an_error_for_each_row_and_a_table(flowtui, bad, tmp_path):
    page = tmp_path / "step.md"
    words = ["watch", *GATE, *FAST[:-2], "-o", "github", "--by", "agent"]
    code, out, _ = flowtui(bad, *words, GITHUB_STEP_SUMMARY=str(page))
    assert code == 1
    errors = [line for line in out.splitlines() if line.startswith("::error ")]
    assert len(errors) == 1
    assert errors[0].startswith("::error title=gate%3A failure_rate of triage::triage: failed share of ")
    text = page.read_text()
    assert "| verdict | agent | comparison | base (95 %) |" in text
    assert "| FAIL | triage | failure\\_rate &lt;= base \\+ 15% |" in text
    assert "tax\\_rate" in text
