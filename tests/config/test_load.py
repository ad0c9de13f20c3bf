"""Loading settings: precedence, sources, and values that must be refused."""

from pathlib import Path

import pytest

from flowtui.config.load import load_settings
from flowtui.config.settings import DEFAULTS, Settings
from flowtui.errors import ConfigError, UsageError


def load(options=None, environ=None, text=None, tmp_path=None, **kwargs):
    path = None
    if text is not None:
        path = tmp_path / "config.toml"
        path.write_text(text)
        path.chmod(0o600)
    return load_settings(options or {}, environ or {}, path, use_file=path is not None, **kwargs)


def test_without_any_source_all_settings_are_defaults():
    settings = load()
    assert {name: getattr(settings, name) for name in DEFAULTS} == DEFAULTS
    assert set(settings.sources.values()) == {"default"}
    assert settings.base_url == "https://flow.seekr.com"
    assert settings.config_file is None


def test_option_wins_over_environment_over_file_over_default(tmp_path):
    file = 'base_url = "https://file.example"\nteam = "file"\nhistory = 7\n'
    environ = {"SEEKR_BASE_URL": "https://env.example", "SEEKR_TEAM_ID": "env"}
    settings = load({"base_url": "https://option.example"}, environ, file, tmp_path)
    assert (settings.base_url, settings.team, settings.history) == ("https://option.example", "env", 7)
    assert settings.sources["base_url"] == "--base-url"
    assert settings.sources["team"] == "SEEKR_TEAM_ID"
    assert settings.sources["history"] == str(tmp_path / "config.toml")
    assert settings.sources["interval"] == "default"


def test_an_option_that_is_none_counts_as_not_given():
    assert load({"base_url": None, "interval": None}) == Settings(sources=load().sources)


@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_variable_counts_as_not_set(value):
    settings = load(environ={"SEEKR_BASE_URL": value, "SEEKR_TEAM_ID": value, "NO_COLOR": value})
    assert settings.base_url == DEFAULTS["base_url"]
    assert settings.team is None
    assert settings.no_color is False


@pytest.mark.parametrize("value", ["1", "0", "false", "x"])
def test_no_color_counts_with_any_value(value):
    settings = load(environ={"NO_COLOR": value})
    assert settings.no_color is True
    assert settings.sources["no_color"] == "NO_COLOR"


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ("https://flow.seekr.com/v1", "https://flow.seekr.com"),
        ("https://flow.seekr.com/v1/", "https://flow.seekr.com"),
        ("https://flow.seekr.com///", "https://flow.seekr.com"),
        (" https://h.example ", "https://h.example"),
        ("HTTPS://h.example:8443", "https://h.example:8443"),
        ("https://h.example/gateway/v1", "https://h.example/gateway"),
        ("https://h.example/v10", "https://h.example/v10"),
        ("http://localhost:1/v1", "http://localhost:1"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_the_base_url_is_normalised(written, base):
    assert load(environ={"SEEKR_BASE_URL": written}).base_url == base


@pytest.mark.parametrize(
    "written",
    [
        "http://flow.seekr.com",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "HTTP://example.com",
    ],
)
def test_plain_http_is_allowed_on_this_machine_only(written):
    with pytest.raises(ConfigError, match="plain text"):
        load(environ={"SEEKR_BASE_URL": written})
    assert load({"base_url": written, "allow_http": True}).base_url.startswith("http://")


@pytest.mark.parametrize(
    "written",
    [
        "https://user:hunter2@h.example",
        "https://hunter2@h.example",
        "http://hunter2:@localhost",
        "http://localhost\\@hunter2.example",
        "https://h.example/?key=hunter2",
        "https://h.example/#hunter2",
        "https://h.example/?",
        "ftp://hunter2.example",
        "hunter2",
        "//hunter2",
        "https://",
        "https://:443",
        "https://hunter2:port",
        "https://hunter2:99999",
        "https://[hunter2",
        "https://hunter2.example\n",
        "https://hunter2.example\nX-Evil: 1",
        "https://hunter2 .example",
        "javascript:hunter2",
    ],
)
@pytest.mark.parametrize("place", ["option", "environment", "file"])
def test_an_invalid_base_url_is_refused_and_not_repeated(written, place, tmp_path):
    options = {"base_url": written} if place == "option" else {}
    environ = {"SEEKR_BASE_URL": written} if place == "environment" else {}
    escaped = written.replace("\\", "\\\\").replace("\n", "\\n")
    text = f'base_url = "{escaped}"\n' if place == "file" else None
    with pytest.raises(UsageError) as caught:
        load(options, environ, text, tmp_path)
    assert caught.value.exit_code == 2
    assert "hunter2" not in str(caught.value)
    assert {"option": "--base-url", "environment": "SEEKR_BASE_URL", "file": "config.toml"}[place] in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("written", "seconds"), [("500ms", 0.5), ("2", 2), ("1.5s", 1.5), ("3m", 180), ("1H", 3600)]
)
def test_durations_have_units(written, seconds):
    assert load({"interval": written}).interval == seconds


@pytest.mark.parametrize(
    "written",
    [
        "0",
        "0s",
        "-1s",
        "-5",
        "abc",
        "",
        "1e400",
        "nan",
        "inf",
        "1_0",
        "٣s",
        "499ms",
        "0.4",
        "1 0s",
        "s",
        "1w",
    ],
)
def test_impossible_intervals_are_refused(written):
    with pytest.raises(UsageError, match="--interval"):
        load({"interval": written})


@pytest.mark.parametrize(("written", "budget"), [("120/min", 120), ("7", 7), (" 60/min ", 60)])
def test_budgets_are_read_with_or_without_per_minute(written, budget):
    assert load({"budget": written}).budget == budget


@pytest.mark.parametrize(
    "written", ["0", "0/min", "-3/min", "60/h", "60/s", "x", "1.5/min", "", "/min", "9" * 30]
)
def test_impossible_budgets_are_refused(written):
    with pytest.raises(UsageError, match="--budget"):
        load({"budget": written})


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("auth_scheme", 'auth_scheme = "basic"'),
        ("team", 'team = "a\\nb"'),
        ("team", 'team = "é"'),
        ("interval", "interval = 0.1"),
        ("interval", 'interval = "soon"'),
        ("history", "history = 0"),
        ("history", "history = -1"),
        ("max_body_mb", "max_body_mb = 0"),
        ("max_body_mb", "max_body_mb = nan"),
        ("request_timeout", 'request_timeout = "0s"'),
        ("budget", "budget = 0"),
        ("proxy", 'proxy = "socks5://h"'),
        ("api_key_env", 'api_key_env = "not a name"'),
        ("api_key_file", 'api_key_file = ""'),
    ],
)
def test_impossible_values_in_the_file_name_file_and_key(name, line, tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(text=line, tmp_path=tmp_path)
    assert str(tmp_path / "config.toml") in str(caught.value)
    assert name in str(caught.value)


def test_a_key_pasted_as_a_variables_name_is_not_repeated():
    with pytest.raises(UsageError) as caught:
        load({"api_key_env": "sk-hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_proxy_may_have_a_password_but_must_not_see_the_key():
    assert load({"proxy": "http://me:pw@proxy.example:3128"}).proxy == "http://me:pw@proxy.example:3128"
    with pytest.raises(ConfigError, match="proxy") as caught:
        load({"proxy": "http://me:pw@proxy.example:3128", "base_url": "http://localhost:1"})
    assert "pw" not in str(caught.value)


PROFILES = """
team = "top"
history = 9
[profiles.staging]
team = "blue"
base_url = "https://staging.example/v1"
[profiles.other]
"""


def test_a_profile_wins_over_the_top_of_the_file(tmp_path):
    settings = load({"profile": "staging"}, {}, PROFILES, tmp_path)
    assert (settings.profile, settings.team, settings.history) == ("staging", "blue", 9)
    assert settings.base_url == "https://staging.example"
    assert settings.sources["team"] == f"profile staging, {tmp_path / 'config.toml'}"
    assert settings.sources["profile"] == "--profile"
    assert load({"profile": "other"}, {}, PROFILES, tmp_path).team == "top"
    assert load({}, {}, PROFILES, tmp_path).team == "top"


def test_the_file_may_name_its_own_profile(tmp_path):
    assert load({}, {}, 'profile = "staging"\n' + PROFILES, tmp_path).team == "blue"


@pytest.mark.parametrize("text", [PROFILES, ""])
def test_an_unknown_profile_gets_a_suggestion(text, tmp_path):
    with pytest.raises(ConfigError, match="stagin'") as caught:
        load({"profile": "stagin"}, {}, text, tmp_path)
    assert ("Did you mean staging?" in str(caught.value)) == bool(text)


def test_a_profile_without_a_config_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match="does not exist"):
        load_settings({"profile": "staging"}, {}, None)
    assert load_settings({"profile": "default"}, {}, None).profile == "default"


def test_paths_in_the_file_are_relative_to_it(tmp_path):
    settings = load(
        text='api_key_file = "key"\nca_bundle = "/abs/ca.pem"\nlog_file = "~/f.log"\n', tmp_path=tmp_path
    )
    assert settings.api_key_file == str(tmp_path / "key")
    assert settings.ca_bundle == "/abs/ca.pem"
    assert settings.log_file == str(Path("~/f.log").expanduser())
    assert load({"ca_bundle": "x.pem"}).ca_bundle == "x.pem"
