"""`--allow-actions`: off unless set by the option of a dashboard command or by the config file."""

import json

import pytest

from flowtui.cli import main
from flowtui.cli.arguments import parse
from flowtui.cli.call_settings import settings_of
from flowtui.cli.commands import COMMANDS
from flowtui.cli.handlers.screens import _Demo
from flowtui.config.files.example import example_text


@pytest.fixture(autouse=True)
def _no_config(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))


@pytest.mark.parametrize("words", [[], ["dash"], ["thr_1"]])
def test_the_dashboard_reads_only_unless_the_option_is_given(words):
    assert settings_of(parse(words, COMMANDS, {})).allow_actions is False
    settings = settings_of(parse([*words, "--allow-actions"], COMMANDS, {}))
    assert settings.allow_actions is True
    assert settings.sources["allow_actions"] == "--allow-actions"


@pytest.mark.parametrize("words", [["demo"], ["dash"]])
def test_the_demo_allows_actions_only_by_the_option(words, tmp_path):
    config = tmp_path / "flowtui.toml"
    config.write_text("allow_actions = true\n")
    environ = {"FLOWTUI_CONFIG": str(config)}
    assert _Demo(parse(words, COMMANDS, environ)).settings().allow_actions is False
    assert _Demo(parse([*words, "--allow-actions"], COMMANDS, environ)).settings().allow_actions is True


@pytest.mark.parametrize(("text", "value"), [("", False), ("allow_actions = true\n", True)])
def test_config_show_prints_value_and_source(text, value, tmp_path, capsys):
    config = tmp_path / "flowtui.toml"
    config.write_text(text)
    assert main(["config", "show", "-o", "json", "--config", str(config)], {}) == 0
    shown = json.loads(capsys.readouterr().out)["settings"]["allow_actions"]
    assert shown == {"value": value, "source": str(config) if text else "default"}
    main(["config", "show", "--config", str(config)], {})
    assert "allow_actions" in capsys.readouterr().out


def test_a_profile_may_allow_actions(tmp_path):
    config = tmp_path / "flowtui.toml"
    config.write_text("[profiles.staging]\nallow_actions = true\n")
    for words, allowed in (([], False), (["--profile", "staging"], True)):
        assert settings_of(parse([*words, "--config", str(config)], COMMANDS, {})).allow_actions is allowed


def test_allow_actions_must_be_true_or_false(tmp_path, capsys):
    config = tmp_path / "flowtui.toml"
    config.write_text('allow_actions = "yes"\n')
    assert main(["config", "show", "--config", str(config)], {}) == 2
    assert "allow_actions" in capsys.readouterr().err


def test_the_example_shows_that_actions_are_off():
    assert "# allow_actions = false\n" in example_text()


@pytest.mark.parametrize("command", ["runs", "threads", "watch", "run", "simulate", "doctor"])
def test_no_other_command_has_the_option(command, capsys):
    assert main([command, "--allow-actions"], {"SEEKR_API_KEY": "k"}) == 2
    assert "There is no option --allow-actions" in capsys.readouterr().err


def test_the_demo_starts_its_simulator_though_not_every_option_of_it_has_a_default(monkeypatch):
    demo = _Demo(parse(["demo"], COMMANDS, {}))
    monkeypatch.setattr("flowtui.simulator.server.Simulator.start", lambda _self: "http://127.0.0.1:1")
    assert demo.start().base_url == "http://127.0.0.1:1"
