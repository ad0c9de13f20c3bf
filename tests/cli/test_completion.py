"""Completion scripts have all commands and options, load in their shells, and run nothing but sed."""

import shutil

import pytest

from flowtui.cli import main
from flowtui.cli.command import all_options
from flowtui.cli.commands import COMMANDS
from flowtui.cli.completion.script import SHELLS
from flowtui.cli.completion.words import THEMES as STATIC_THEMES
from flowtui.cli.completion.words import THREAD_COLUMNS as STATIC_COLUMNS
from flowtui.headless.threads import COLUMNS as THREAD_COLUMNS
from flowtui.model.columns.columns import COLUMNS
from flowtui.ui.paint.theme import THEMES

from .. import processes

CONFIG = """\
profile = "blue"
[profiles.blue]
team = "x"
  [ profiles . "red-2" ]
[profiles.blue.prices.llama]
prompt = 1
completion = 2
# [profiles.commented]
[profiles."$(touch ran)"]
[views.profiles]
"""


def script_of(shell, capsys, environ=None):
    assert main(["completion", shell], environ or {}) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


@pytest.fixture
def complete(tmp_path, capsys, monkeypatch):
    """Return a function that completes a line in bash. Its last word is being typed; `flowtui` is left out."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nowhere"))
    script = tmp_path / "flowtui.bash"
    script.write_text(script_of("bash", capsys), encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")

    def run(*words):
        code = (
            'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _flowtui; '
            "((${#COMPREPLY[@]})) && printf '%s\\n' \"${COMPREPLY[@]}\"; :"
        )
        done = processes.run(
            ["bash", "-uc", code, "bash", str(script), "flowtui", *words],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "FLOWTUI_CONFIG": str(config)},
        )
        # `compopt` prints a warning outside a completion; inside one it does not.
        assert [line for line in done.stderr.splitlines() if "compopt" not in line] == []
        assert {file.name for file in tmp_path.iterdir()} == {script.name, config.name}
        return done.stdout.split()

    return run


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_loads_in_its_shell(shell, tmp_path, capsys):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    script = tmp_path / "script"
    script.write_text(script_of(shell, capsys), encoding="utf-8")
    done = processes.run([program, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_names_every_command_and_option_and_never_asks_flowtui(shell, capsys):
    text = script_of(shell, capsys)
    assert all(f"{name}" in text for name in COMMANDS)
    for option in all_options(COMMANDS):
        for flag in option.flags:
            shown = f"-l {flag[2:]}" if shell == "fish" and flag.startswith("--") else flag
            assert shown in text
    assert text.count("$(flowtui") == 0
    assert text.isascii()


@pytest.mark.parametrize("words", [[], ["csh"], ["bash", "zsh"]])
def test_completion_needs_exactly_one_shell(words, capsys):
    assert main(["completion", *words], {}) == 2
    assert capsys.readouterr().out == ""


def test_the_copied_themes_and_columns_match_the_originals():
    assert STATIC_COLUMNS == THREAD_COLUMNS
    assert tuple(theme.name for theme in THEMES) == STATIC_THEMES


def test_the_first_word_completes_to_commands(complete):
    assert complete("") == list(COMMANDS)
    assert complete("ru") == ["runs", "run"]
    assert complete("--team", "blue", "wat") == ["watch"]
    assert complete("--team", "=", "blue", "--no-color", "wat") == ["watch"]


def test_options_of_the_typed_command_are_completed(complete):
    assert complete("runs", "--li") == ["--limit"]
    assert complete("threads", "--fi") == []
    assert complete("watch", "thr_1", "--fail-") == ["--fail-fast", "--fail-on"]
    assert complete("thr_1", "--the") == complete("--the") == complete("dash", "--the") == ["--theme"]
    assert complete("runs", "--the") == []
    assert complete("runs", "--vers") == ["--version"]


def test_known_values_are_completed(complete):
    assert complete("runs", "-o", "js") == ["json", "jsonl"]
    assert complete("doctor", "-o", "") == ["table", "json"]
    assert complete("runs", "--order", "") == ["asc", "desc"]
    assert complete("--theme", "") == list(STATIC_THEMES)
    assert complete("--theme", "=", "n") == ["night"]
    assert complete("--theme", "=") == list(STATIC_THEMES)
    assert complete("runs", "--sort", "to") == ["tokens"]
    assert complete("threads", "--sort", "") == list(THREAD_COLUMNS)
    # bash splits tokens:desc into three words and completes the last one
    assert complete("runs", "--sort", "tokens", ":") == ["desc", "asc"]
    assert complete("runs", "--sort", "tokens", ":", "de") == ["desc"]
    assert complete("threads", "--sort", "=", "age", ":", "a") == ["asc"]
    assert complete("runs", "--sort", "nope", ":", "") == []
    assert complete("runs", "--sort", "tokens", ":", "desc", "--li") == ["--limit"]
    assert complete("demo", "--fault", "slo") == ["slow"]
    assert complete("config", "") == ["path", "show", "init"]
    assert complete("completion", "") == list(SHELLS)
    assert complete("config", "show", "") == []


def test_lists_are_completed_after_each_comma(complete):
    assert complete("runs", "--columns", "") == list(COLUMNS)
    assert complete("runs", "--columns", "run,sta") == ["run,status"]
    assert complete("watch", "--fail-on", "failed,over") == ["failed,overdue"]


def test_profiles_are_read_from_the_config_file_and_none_of_its_text_is_executed(complete):
    assert complete("--profile", "") == ["blue", "red-2"]
    assert complete("runs", "--profile", "=", "r") == ["red-2"]


def test_ids_are_not_completed(complete):
    assert complete("runs", "thr") == []
    assert complete("run", "-t", "thr") == []
    assert complete("--team", "d") == []
    assert complete("runs", "--", "--li") == []


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")
def test_fish_completes_the_expected_words(tmp_path, capsys):
    script = tmp_path / "flowtui.fish"
    script.write_text(script_of("fish", capsys), encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")

    def complete(line):
        code = "source $argv[1]; complete -C $argv[2]"
        environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "FLOWTUI_CONFIG": str(config)}
        done = processes.run(
            ["fish", "-c", code, str(script), f"flowtui {line}"],
            capture_output=True,
            text=True,
            check=True,
            env=environ,
        )
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    assert complete("ru") == ["run", "runs"]
    assert complete("--team x wat") == ["watch"]
    assert complete("runs --limi") == ["--limit"]
    assert "--filter" not in complete("threads --fi")  # fish also finds words inside words
    assert complete("runs -o js") == ["json", "jsonl"]
    assert complete("--profile ") == ["blue", "red-2"]
    assert "run,status" in complete("runs --columns run,sta")
    assert complete("config ") == ["init", "path", "show"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh here")
def test_zsh_accepts_the_script_as_a_completion(tmp_path, capsys):
    (tmp_path / "_flowtui").write_text(script_of("zsh", capsys), encoding="utf-8")
    code = (
        "fpath=($1 $fpath); autoload -Uz compinit && compinit -u -d $1/dump; "
        "print ${_comps[flowtui]}; autoload +X _flowtui && print loaded"
    )
    done = processes.run(
        ["zsh", "-fc", code, "zsh", str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["_flowtui", "loaded"]
    assert done.stderr == ""
