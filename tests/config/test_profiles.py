"""Profiles: several keys, teams and addresses in one file; no key is sent to another profile's address."""

import pytest

from flowtui.config.key.key import key_source, load_key, missing_key
from flowtui.config.load import load_settings
from flowtui.config.profiles import profile_names, settings_for
from flowtui.errors import ConfigError, UsageError

FILE = """
team = "top"
api_key = "top-key"
[profiles.staging]
base_url = "https://staging.example/v1"
team = "blue"
api_key = "staging-key"
interval = "7s"
theme = "day"
run_url = "https://staging.example/{run_id}"
filter = "active"
auth_scheme = "bearer"
budget = 60
[profiles.bare]
base_url = "https://bare.example"
[profiles.told]
base_url = "https://told.example"
api_key_env = "SEEKR_API_KEY"
[profiles.team]
team = "red"
[profiles.own-env]
api_key_env = "RED_KEY"
[profiles.same]
base_url = "https://flow.seekr.com/v1/"
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(FILE, encoding="utf-8")
    path.chmod(0o600)
    return path


def key_of(path, profile, environ, **options):
    """Return (address, key) of a request."""
    settings = load_settings({"profile": profile, **options}, environ, path)
    return settings.base_url, load_key(settings, environ).get_secret_value()


def test_a_profile_may_hold_any_setting_and_config_show_names_it_as_source(path):
    settings = load_settings({"profile": "staging"}, {"SEEKR_API_KEY": "e"}, path)
    assert (settings.team, settings.interval, settings.theme) == ("blue", 7.0, "day")
    assert (settings.filter, settings.auth_scheme, settings.budget) == ("active", "bearer", 60)
    where = f"profile staging, {path}"
    assert {settings.sources[name] for name in ("team", "interval", "theme", "run_url", "filter")} == {where}
    assert settings.sources["history"] == "default"


def test_option_wins_over_environment_over_profile_over_top_of_the_file(path):
    environ = {"SEEKR_TEAM_ID": "environment"}
    assert load_settings({"profile": "team", "team": "option"}, environ, path).team == "option"
    assert load_settings({"profile": "team"}, environ, path).team == "environment"
    assert load_settings({"profile": "team"}, {}, path).team == "red"
    assert load_settings({"profile": "told"}, {}, path).team == "top"


ENVIRON = {"SEEKR_API_KEY": "environment-key", "RED_KEY": "red-key"}
HOME = "https://flow.seekr.com"


@pytest.mark.parametrize(
    ("profile", "environ", "expected"),
    [
        (None, ENVIRON, (HOME, "environment-key")),
        (None, {}, (HOME, "top-key")),
        ("staging", ENVIRON, ("https://staging.example", "staging-key")),
        ("staging", {}, ("https://staging.example", "staging-key")),
        ("told", ENVIRON, ("https://told.example", "environment-key")),
        ("team", ENVIRON, (HOME, "environment-key")),
        ("team", {}, (HOME, "top-key")),
        ("own-env", ENVIRON, (HOME, "red-key")),
        ("same", ENVIRON, (HOME, "environment-key")),
        ("staging", {**ENVIRON, "SEEKR_BASE_URL": "https://staging.example"}, ("https://staging.example", "staging-key")),
        ("bare", {**ENVIRON, "SEEKR_BASE_URL": "https://env.example"}, ("https://env.example", "environment-key")),
    ],
)  # fmt: skip
def test_each_address_gets_its_own_key(profile, environ, expected, path):
    assert key_of(path, profile, environ) == expected


@pytest.mark.parametrize(
    ("profile", "environ", "words"),
    [
        ("bare", ENVIRON, ["[profiles.bare]", "base_url of its own", 'api_key_env = "SEEKR_API_KEY"']),
        ("bare", {}, ["base_url of its own", "config.toml"]),
        ("told", {}, ["key of its own", "api_key_env names"]),
        ("own-env", {"SEEKR_API_KEY": "environment-key"}, ["key of its own", "[profiles.own-env]"]),
        ("staging", {**ENVIRON, "SEEKR_BASE_URL": "https://env.example"}, ["SEEKR_BASE_URL", "Unset"]),
    ],
)
def test_no_key_is_used_for_an_address_it_does_not_belong_to(profile, environ, words, path):
    settings = load_settings({"profile": profile}, environ, path)
    assert key_source(settings, environ) is None
    with pytest.raises(ConfigError) as caught:
        load_key(settings, environ)
    said = str(caught.value)
    assert said == str(missing_key(settings))
    assert all(word in said for word in words), said
    assert not any(key in said for key in ("environment-key", "red-key", "staging-key", "top-key"))


def test_an_option_of_this_call_overrides_the_key_rule(path):
    assert key_of(path, "bare", ENVIRON, api_key_env="RED_KEY") == ("https://bare.example", "red-key")
    there = "https://option.example"
    assert key_of(path, "bare", ENVIRON, base_url=there) == (there, "environment-key")
    assert key_of(path, "staging", ENVIRON, base_url=there) == (there, "staging-key")


def test_an_unset_variable_of_a_profile_is_not_replaced_by_another_key(path):
    settings = load_settings({"profile": "bare", "api_key_env": "NOT_SET"}, ENVIRON, path)
    with pytest.raises(ConfigError):
        load_key(settings, ENVIRON)
    assert key_of(path, "staging", ENVIRON, api_key_env="NOT_SET") == (
        "https://staging.example",
        "staging-key",
    )


def test_a_key_at_the_top_of_the_file_is_not_sent_to_a_profiles_address(tmp_path):
    path = tmp_path / "config.toml"
    marker = tmp_path / "ran"
    path.write_text(
        f'api_key_command = "touch {marker}"\n[profiles.bare]\nbase_url = "https://bare.example"\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="base_url of its own"):
        load_key(load_settings({"profile": "bare"}, {}, path), {})
    assert not marker.exists()


def test_an_invalid_address_at_the_top_does_not_affect_a_profile_with_its_own(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('base_url = "nonsense"\n[profiles.a]\nbase_url = "https://a.example"\n', encoding="utf-8")
    assert load_settings({"profile": "a"}, {}, path).key_trouble


def test_profile_names_are_in_the_files_order_with_default_first(path, tmp_path, monkeypatch):
    names = ["default", "staging", "bare", "told", "team", "own-env", "same"]
    assert profile_names({}, path) == names
    assert profile_names({"FLOWTUI_CONFIG": str(path)}) == names
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nothing"))
    assert profile_names({}) == ["default"]
    path.write_text('profile = "gone"\n[profiles.default]\n[profiles.a]\n', encoding="utf-8")
    assert profile_names({}, path) == ["default", "a"]


def test_switching_drops_options_that_belong_to_the_first_profile(path):
    options = {"profile": "staging", "base_url": "https://o.example", "team": "o", "interval": "9s"}
    options |= {"api_key_env": "RED_KEY", "filter": "failed", "theme": None}
    there = settings_for("team", options, ENVIRON, path)
    assert (there.profile, there.base_url, there.team, there.interval) == ("team", HOME, "red", 9.0)
    assert (there.filter, load_key(there, ENVIRON).get_secret_value()) == (None, "environment-key")
    back = settings_for("staging", options, ENVIRON, path)
    assert (back.base_url, back.team, back.filter) == ("https://o.example", "o", "failed")
    assert load_key(back, ENVIRON).get_secret_value() == "red-key"


def test_the_first_profile_may_be_the_one_that_the_file_names(path):
    path.write_text('profile = "team"\n' + FILE, encoding="utf-8")
    assert settings_for("team", {"team": "o"}, {}, path).team == "o"
    assert settings_for("default", {"team": "o"}, {}, path).team == "top"


def test_switching_reads_the_file_again_and_refuses_unknown_profiles(path):
    with pytest.raises(ConfigError, match="stagin'") as caught:
        settings_for("stagin", {}, {}, path)
    assert "Did you mean staging?" in str(caught.value)
    with pytest.raises(UsageError):
        settings_for("", {}, {}, path)
    path.write_text(FILE + "[profiles.stagin]\nteam = 'new'\n", encoding="utf-8")
    assert settings_for("stagin", {}, {}, path).team == "new"
