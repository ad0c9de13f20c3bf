"""`--no-history`: an option of the dashboard, stronger than `remember` in the config file."""

from __future__ import annotations

import shlex

import pytest

from flowtui.cli import main
from flowtui.cli.arguments import parse
from flowtui.cli.call_settings import settings_of
from flowtui.cli.commands import COMMANDS
from flowtui.cli.handlers.screens import _Demo
from flowtui.cli.handlers.serve import command_line


@pytest.mark.parametrize("words", [[], ["dash"], ["thr_1"]])
def test_the_option_is_stronger_than_the_config_file(words, tmp_path):
    config = tmp_path / "flowtui.toml"
    config.write_text("remember = true\n[profiles.quiet]\nremember = false\n")
    environ = {"FLOWTUI_CONFIG": str(config)}
    plain = settings_of(parse(words, COMMANDS, environ))
    assert (plain.remember, plain.sources["remember"]) == (True, str(config))
    asked = settings_of(parse([*words, "--no-history"], COMMANDS, environ))
    assert (asked.remember, asked.sources["remember"]) == (False, "--no-history")
    assert settings_of(parse([*words, "--profile", "quiet"], COMMANDS, environ)).remember is False


def test_the_demo_has_the_option_and_remembers_by_default():
    assert _Demo(parse(["demo"], COMMANDS, {})).settings().remember is True
    assert _Demo(parse(["demo", "--no-history"], COMMANDS, {})).settings().remember is False


def test_serve_hands_the_option_on():
    for words in (["serve", "--no-history"], ["serve", "demo", "--no-history"]):
        assert "--no-history" in shlex.split(command_line(parse(words, COMMANDS, {})))
    assert "--no-history" not in shlex.split(command_line(parse(["serve"], COMMANDS, {})))


@pytest.mark.parametrize("command", ["runs", "threads", "watch", "simulate", "doctor"])
def test_no_other_command_has_the_option(command, capsys):
    assert main([command, "--no-history"], {"SEEKR_API_KEY": "k"}) == 2
    assert "There is no option --no-history" in capsys.readouterr().err
