"""The command line: words, options, exit codes; a usage error writes nothing to stdout."""

import json
import os
import re
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

from flowtui import __version__
from flowtui.cli import main
from flowtui.cli.arguments import parse
from flowtui.cli.command import all_options
from flowtui.cli.commands import COMMANDS
from flowtui.cli.dispatch import BROKEN_PIPE, INTERRUPTED
from flowtui.cli.handlers.help_topics import TOPICS
from flowtui.cli.options.options import COMMON
from flowtui.config.settings import SPECS
from flowtui.errors import UsageError
from flowtui.model.findings.kinds import FINDINGS
from flowtui.source.clock import Clock
from flowtui.ui.keys.bindings import KEYS, TITLES

from . import processes

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _no_config(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))


@pytest.fixture
def shell(capsys):
    """Return a function that runs `main` and gives (code, stdout, stderr)."""

    def run(*words, **environ):
        capsys.readouterr()
        code = main(list(words), environ)
        return (code, *capsys.readouterr())

    return run


def test_version_is_printed(shell):
    for words in (["--version"], ["runs", "--version"], ["--no-color", "--version"]):
        assert shell(*words) == (0, f"flowtui {__version__}\n", "")


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["--no-color", "-h"]])
def test_the_general_help_names_every_command_and_common_option(words, shell):
    code, out, err = shell(*words)
    assert (code, err) == (0, "")
    assert all(re.search(rf"^  {name} ", out, re.MULTILINE) for name in COMMANDS)
    for option in (
        "--base-url",
        "--api-key-env",
        "--team",
        "--profile",
        "--config",
        "--interval",
        "--budget",
        "--tz",
    ):
        assert option in out
    for option in (
        "--no-color",
        "--verbose",
        "--log-file",
        "--ca-bundle",
        "--proxy",
        "--allow-http",
        "--version",
    ):
        assert option in out
    assert "--filter" not in out


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_examples(name, shell):
    for words in ([name, "-h"], ["-h", name]):
        code, out, err = shell(*words)
        assert (code, err) == (0, "")
        assert out.startswith(f"usage: flowtui {name}")
        assert "examples:\n  " in out
        assert max(map(len, out.splitlines())) <= 120


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_in_the_help_parse(name):
    for line, _ in COMMANDS[name].examples:
        if not line.startswith("flowtui"):
            continue  # a command of another program
        words = line.split()
        words = words[words.index("flowtui") + 1 :]
        assert parse(words, COMMANDS, {}).command.name == name


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_handler(name):
    assert callable(COMMANDS[name].run.load())


def test_an_option_name_takes_a_value_in_all_commands_or_in_none():
    kinds = {}
    for option in all_options(COMMANDS):
        for flag in option.flags:
            assert kinds.setdefault(flag, option.takes_value) == option.takes_value


@pytest.mark.parametrize(
    "words",
    [
        ["runs", "a", "--team", "blue", "--limit", "3"],
        ["--team", "blue", "runs", "--limit", "3", "a"],
        ["--team=blue", "--limit=3", "runs", "a"],
        ["runs", "--limit", "3", "--team", "blue", "--", "a"],
        ["--team", "blue", "--limit", "3", "--no-color", "runs", "a"],
    ],
)
def test_options_may_stand_before_or_after_the_command(words):
    call = parse(words, COMMANDS, {})
    assert (call.command.name, call.words, call.options.team, call.options.limit) == (
        "runs",
        ["a"],
        "blue",
        3,
    )


def test_an_option_before_the_command_keeps_its_value():
    assert parse(["--order", "asc", "--no-color", "runs"], COMMANDS, {}).options.order == "asc"
    assert parse(["--seed", "9", "simulate"], COMMANDS, {}).options.seed == 9


@pytest.mark.parametrize(
    ("words", "command", "threads"),
    [
        ([], "dash", []),
        (["thr_1", "runs"], "dash", ["thr_1", "runs"]),
        (["dash", "runs"], "dash", ["runs"]),
        (["--", "runs"], "dash", ["runs"]),
        (["runs", "--", "-odd", "--", "runs"], "runs", ["-odd", "--", "runs"]),
        (["runs", "runs"], "runs", ["runs"]),
        (["-"], "dash", ["-"]),
        (["--team", "runs", "x"], "dash", ["x"]),
        (["runs", "a", "--all", "b"], "runs", ["a", "b"]),
        (["runs", "[bold]\u202e"], "runs", ["[bold]\u202e"]),
    ],
)
def test_a_first_word_that_is_no_command_is_a_thread(words, command, threads):
    call = parse(words, COMMANDS, {})
    assert (call.command.name, call.words) == (command, threads)


@pytest.mark.parametrize(
    "words",
    [
        ["--filter", "status:failed"],
        ["runs", "--allow-actions"],
        ["watch", "--allow-actions"],
        ["dash", "--allow-actions=yes"],
        ["runs", "--nope"],
        ["runs", "--lim", "3"],
        ["runs", "--limit"],
        ["runs", "--limit", "-1"],
        ["runs", "--limit", "1.5"],
        ["runs", "--limit", "٣"],
        ["runs", "--all", "--limit", "3"],
        ["runs", "--order", "up"],
        ["runs", "-o", "xml"],
        ["runs", "--filter", "status:("],
        ["threads", "--filter", "status:failed"],
        ["doctor", "x"],
        ["doctor", "-o", "csv"],
        ["help", "nothing"],
        ["runs", "-x"],
        ["runs", "--interval", "0"],
        ["runs", "--interval", "0.1s"],
        ["runs", "--budget", "0"],
        ["runs", "--tz", "Mars/Phobos"],
        ["runs", "--base-url", "http://example.com"],
        ["runs", "--config", "/no/such/file"],
        ["runs", "--profile", "nope"],
        ["runs", ""],
        ["threads", "x"],
        ["run"],
        ["run", "-t", "x"],
        ["run", "a", "b", "-t", "x"],
        ["run", "..", "-t", "x"],
        ["run", "x", "--thread=--"],
        ["config"],
        ["config", "edit"],
        ["config", "path", "-o", "json"],
        ["simulate", "x"],
        ["simulate", "--port", "70000"],
        ["simulate", "--speed", "0"],
        ["simulate", "--fault", "no-such-fault"],
        ["demo", "x"],
    ],
)
def test_a_usage_error_exits_with_2_and_writes_nothing_to_stdout(words, shell):
    code, out, err = shell(*words, SEEKR_API_KEY="k")
    assert (code, out) == (2, "")
    assert err.startswith("flowtui: error: ")
    assert "Traceback" not in err


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_no_option_accepts_two_dashes_as_its_value(command):
    for entry in (*command.options, *COMMON):
        for flag in entry.flags if entry.takes_value else ():
            for words in ([f"{flag}=--"], [flag, "--"], *([[f"{flag}--"]] if len(flag) == 2 else [])):
                with pytest.raises(UsageError, match=flag):
                    parse([command.name, *words], COMMANDS, {})


@pytest.mark.parametrize(
    "words",
    [
        ["--api-key", "hunter2"],
        ["--api-key=hunter2"],
        ["--key=hunter2"],
        ["runs", "--token", "hunter2"],
        ["-hunter2=x"],
    ],
)
def test_a_key_given_as_an_argument_is_refused_and_not_repeated(words, shell):
    code, out, err = shell(*words)
    assert code in (0, 2)
    assert "hunter2" not in out + err


def test_help_lists_its_topics_and_prints_each(shell):
    code, out, err = shell("help")
    assert (code, err) == (0, "")
    for name, topic in TOPICS.items():
        assert re.search(rf"^  {name} +{re.escape(topic.summary)}$", out, re.MULTILINE)
        code, text, err = shell("help", name)
        assert (code, err) == (0, "")
        assert max(map(len, text.splitlines())) <= 120
    assert shell("help", "exit-codes", "filter")[0] == 2


def test_help_has_a_line_and_a_page_for_each_finding(shell):
    listed = shell("help", "findings")[1]
    for name, kind in FINDINGS.items():
        assert re.search(rf"^  {name} +{re.escape(kind.title)}$", listed, re.MULTILINE)
        code, page, err = shell("help", "findings", name)
        assert (code, err) == (0, "")
        assert page.startswith(f"{name}: {kind.title}\n")
        assert max(map(len, page.splitlines())) <= 100
        for text in (kind.meaning, kind.evidence, kind.next_step):
            assert text in " ".join(page.split())
    code, out, err = shell("help", "findings", "staled")
    assert (code, out) == (2, "")
    assert "Did you mean stalled?" in err
    assert shell("help", "findings", "stalled", "x")[0] == 2


def test_the_help_of_the_environment_names_every_variable(shell):
    out = shell("help", "environment")[1]
    read = {spec.env for spec in SPECS.values() if spec.env} | {"SEEKR_API_KEY", "FLOWTUI_CONFIG"}
    assert all(f"\n  {name} " in out for name in read)


def test_the_help_on_keys_lists_all_key_definitions(shell):
    out = shell("help", "keys")[1]
    assert all(re.search(rf" {re.escape(key.help)} +{key.id}$", out, re.MULTILINE) for key in KEYS)
    assert all(f"\n{title}:\n" in out for title in TITLES.values())


def test_without_a_key_one_shot_commands_name_the_three_ways(shell):
    code, out, err = shell("runs")
    assert (code, out) == (2, "")
    assert all(word in err for word in ("SEEKR_API_KEY", "api_key_command", "api_key_file"))


@pytest.mark.parametrize("value", ["hunter2\n", "hunter2\nX: y", "hunter2\x1b"])
def test_a_key_with_a_newline_is_refused_and_never_printed(value, shell):
    code, out, err = shell("runs", SEEKR_API_KEY=value)
    assert (code, out) == (2, "")
    assert "hunter2" not in err


@pytest.mark.parametrize("words", [[], ["dash"], ["demo"], ["thr_1"]])
@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_a_dashboard_without_a_terminal_points_to_runs(words, term, shell):
    code, out, err = shell(*words, TERM=term)
    assert (code, out) == (2, "")
    assert "flowtui runs" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["stdin", "stdout"])
def test_the_dashboard_needs_all_three_streams_to_be_terminals(name, shell, monkeypatch):
    monkeypatch.setattr(getattr(sys, "stdout" if name == "stdin" else "stdin"), "isatty", lambda: True)
    code, out, err = shell("dash", TERM="xterm")
    assert (code, out) == (2, "")
    assert name in err


def test_an_interrupt_exits_with_130_without_a_traceback(shell, monkeypatch):
    def interrupted(_call):
        raise KeyboardInterrupt

    monkeypatch.setattr("flowtui.cli.handlers.one_shot.runs", interrupted)
    assert shell("runs") == (INTERRUPTED, "", "")


def test_terminal_codes_in_a_message_are_made_visible(shell):
    code, _, err = shell("runs", "--config", "/no/\x1b[2J")
    assert code == 2
    assert "\x1b" not in err


def test_config_prints_the_path_and_settings_and_writes_the_file(shell, tmp_path):
    path = tmp_path / "xdg" / "flowtui" / "config.toml"
    assert shell("config", "path") == (0, f"{path}\n", "")
    code, out, _ = shell("config", "init")
    assert (code, out) == (0, f"{path}\n")
    assert path.stat().st_mode & 0o777 == 0o600
    code, out, err = shell("config", "init")
    assert (code, out) == (2, "")
    assert str(path) in err
    code, out, err = shell("config", "show", "-o", "json", SEEKR_API_KEY="hunter2", SEEKR_TEAM_ID="blue")
    shown = json.loads(out)
    assert (code, err) == (0, "")
    assert shown["config_file"] == str(path)
    assert shown["settings"]["team"] == {"source": "SEEKR_TEAM_ID", "value": "blue"}
    assert "hunter2" not in out
    code, out, err = shell("config", "show", "--interval", "9s", SEEKR_API_KEY="hunter2")
    assert re.search(r"^interval +9 +--interval$", out, re.MULTILINE)
    assert "hunter2" not in out
    other = tmp_path / "other.toml"
    assert shell("config", "path", "--config", str(other)) == (0, f"{other}\n", "")
    assert shell("config", "path", FLOWTUI_CONFIG=str(other)) == (0, f"{other}\n", "")


def test_a_config_file_with_a_key_that_others_can_read_is_refused(shell, tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('api_key = "hunter2"\n')
    path.chmod(0o644)
    for words in (["config", "show"], ["runs"]):
        code, out, err = shell(*words, "--config", str(path), SEEKR_API_KEY="other")
        assert (code, out) == (2, "")
        assert "readable by others" in err
        assert "hunter2" not in err


class Hasty(Clock):
    """A clock whose sleep returns at once and advances the time."""

    passed = 0.0

    def monotonic(self):
        return self.passed

    async def wait(self, _event, seconds):
        self.passed += seconds


def test_the_log_is_private_and_never_holds_the_key(capsys, tmp_path):
    log = tmp_path / "flowtui.log"
    log.write_text("")
    log.chmod(0o644)
    words = ["runs", "x", "--base-url", "http://127.0.0.1:9", "--log-file", str(log), "--verbose"]
    code = main(words, {"SEEKR_API_KEY": "hunter2"}, clock=Hasty())
    assert code == 3
    assert log.stat().st_mode & 0o777 == 0o600
    assert "asking again in" in log.read_text()
    assert "hunter2" not in log.read_text() + capsys.readouterr().err


def test_a_log_that_cannot_be_written_is_a_usage_error(shell, tmp_path):
    code, out, err = shell("runs", "--log-file", str(tmp_path), SEEKR_API_KEY="k")
    assert (code, out) == (2, "")
    assert "log file" in err


def flowtui(*words, warnings="", **kwargs):
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "SEEKR_API_KEY": "k", "PYTHONWARNINGS": warnings}
    return processes.Process([sys.executable, "-m", "flowtui", *words], env=environ, text=True, **kwargs)


def test_a_closed_pipe_is_not_a_crash():
    reader, writer = os.pipe()
    os.close(reader)
    with flowtui("config", "show", stdout=writer, stderr=processes.PIPE) as process:
        os.close(writer)
        _, err = process.communicate()
    assert (process.returncode, err) == (BROKEN_PIPE, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_reported_in_one_line():
    with (
        open("/dev/full", "w") as full,  # noqa: PTH123
        flowtui("config", "show", stdout=full, stderr=processes.PIPE) as process,
    ):
        _, err = process.communicate()
    assert (process.returncode, err) == (
        1,
        "flowtui: error: Cannot write to stdout: No space left on device\n",
    )


def test_a_closed_stdout_is_not_a_crash():
    code = f"exec >&-; exec {sys.executable} -m flowtui --version"
    done = processes.run(
        ["sh", "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_simulate_prints_its_address_first_and_ends_on_a_signal_without_output(number, code):
    ends = dict.fromkeys(("stdout", "stderr"), processes.PIPE)
    words = ("simulate", "--port", "0", "--threads", "2", "--runs", "5", "--fault", "no-ray", "--key", "k")
    with flowtui(*words, warnings="error", **ends) as process:
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9][0-9]*", url)
        answer = httpx.get(f"{url}/v1/threads", headers={"Authorization": "k"}, timeout=30)
        assert len(answer.json()) == 2
        process.send_signal(number)
        out, err = process.communicate()
        assert (process.returncode, out, err) == (code, "", "")


def test_simulate_refuses_a_port_in_use_without_a_traceback(shell):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, out, err = shell("simulate", "--port", str(taken.getsockname()[1]))
    assert (code, out) == (2, "")
    assert "--port 0" in err
