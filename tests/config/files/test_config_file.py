"""The config file: where it is, and errors that name the file and the setting but no value."""

import os
import sys
import traceback
from pathlib import Path

import pytest

from flowtui.config.files.config_file import locate, read_file
from flowtui.config.files.example import example_text, write_example
from flowtui.config.load import load_settings
from flowtui.config.schema import PLAIN_KEY, file_keys
from flowtui.errors import ConfigError, UsageError

from ... import processes

SECRET = "sk-hunter2-secret"
ROOT = Path(__file__).resolve().parents[3]


def write(tmp_path, text, mode=0o600):
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def test_option_wins_over_variable_over_the_users_folder(tmp_path):
    assert locate(tmp_path / "a", {"FLOWTUI_CONFIG": "/b"}) == (tmp_path / "a", True)
    assert locate(None, {"FLOWTUI_CONFIG": "/b"}) == (Path("/b"), True)
    path, named = locate(None, {})
    assert (path.name, path.parent.name, named) == ("config.toml", "flowtui", False)


def test_a_missing_file_is_an_error_only_if_the_user_named_it(tmp_path):
    assert read_file(tmp_path / "no.toml", named=False, profile=None) is None
    with pytest.raises(ConfigError, match=r"no\.toml"):
        read_file(tmp_path / "no.toml", named=True, profile=None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('teem = "x"', ["teem", "Did you mean team?"]),
        ('[profiles.a]\nintervall = "2s"', ["[profiles.a]", "intervall", "Did you mean interval?"]),
        ('[profiles.a]\nprofile = "b"', ["[profiles.a]", "profile"]),
        ('[profiles.a.b]\nteam = "b"', ["[profiles.a]", "no setting b"]),
        ('[zzz]\nteam = "b"', ["zzz", "config init"]),
        ("verbose = true", ["verbose"]),
        ("team = 3", ["team", "text in quotes"]),
        ('allow_http = "yes"', ["allow_http", "true or false"]),
        ("allow_http = 1", ["allow_http", "true or false"]),
        ("history = true", ["history", "number"]),
        ("interval = []", ["interval", "number"]),
        ("interval = 2026-01-01", ["interval"]),
        ('profiles = "x"', ["profiles", "table"]),
        ("[[profiles]]\nteam = 'x'", ["profiles", "table"]),
        ("profiles.a = 3", ["[profiles.a]", "table"]),
        ("team = ", ["not valid TOML", "end of document"]),
        (f"team = {SECRET}", ["not valid TOML", "line 1"]),
        (b"team = '\xff'", ["not UTF-8"]),
        (f'"{chr(0x1B)}[2J" = 1', ["not valid TOML"]),
        ("x = " + "[" * 5000, ["config.toml"]),
        (f'api_kee = "{SECRET}"', ["api_kee", "Did you mean api_key?"]),
        (f"{PLAIN_KEY} = ['{SECRET}']", [PLAIN_KEY, "text in quotes"]),
    ],
)
def test_errors_name_the_setting_and_repeat_no_value(text, words, tmp_path):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_file(path, named=True, profile=None)
    said = str(caught.value)
    assert all(word in said for word in [*words, str(path)]), said
    assert SECRET not in said
    seen = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert SECRET not in "".join(line for line in seen.format() if f"text = {text!r}" not in line)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_byte_order_mark_is_accepted(tmp_path):
    file = read_file(write(tmp_path, b'\xef\xbb\xbfteam = "x"'), named=True, profile=None)
    assert file is not None
    assert file.values == {"team": "x"}


def test_a_folder_or_an_unreadable_file_is_an_error_that_names_it(tmp_path):
    with pytest.raises(ConfigError, match="Cannot read"):
        read_file(tmp_path, named=False, profile=None)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o620])
@pytest.mark.parametrize("text", [f'api_key = "{SECRET}"', f'[profiles.x]\napi_key = "{SECRET}"'])
def test_a_key_in_a_file_that_others_can_read_is_refused_and_never_printed(mode, text, tmp_path):
    path = write(tmp_path, text, mode)
    with pytest.raises(ConfigError, match="readable by others") as caught:
        load_settings({}, {"SEEKR_API_KEY": "other"}, path)
    assert SECRET not in str(caught.value)
    path.chmod(0o600)
    assert load_settings({"profile": "x" if "profiles" in text else None}, {}, path).api_key_in_file


def test_no_frame_of_an_error_holds_the_key_of_the_file(tmp_path):
    path = write(tmp_path, f'api_key = "{SECRET}"\ninterval = "0s"\n')
    with pytest.raises(ConfigError, match="interval") as caught:
        load_settings({}, {}, path)
    seen = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert SECRET not in "".join(seen.format())
    path.write_text(f'api_key = "{SECRET}"\n')
    assert SECRET not in repr(read_file(path, named=True, profile=None))


def test_a_file_without_a_key_may_be_readable(tmp_path):
    assert load_settings({}, {}, write(tmp_path, 'team = "x"', 0o644)).team == "x"


def test_init_writes_a_private_file_and_overwrites_none(tmp_path):
    path = tmp_path / "new" / "config.toml"
    write_example(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.read_text(encoding="utf-8") == example_text()
    path.write_text("mine")
    with pytest.raises(UsageError, match="already"):
        write_example(path)
    assert path.read_text() == "mine"


def test_init_says_why_it_cannot_write(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file"):
        write_example(tmp_path / "file" / "config.toml")
    dangling = tmp_path / "dangling"
    dangling.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="already"):
        write_example(dangling)
    assert not (tmp_path / "elsewhere").exists()


def commented_lines():
    return [line[2:] for line in example_text().splitlines() if _is_setting(line)]


def _is_setting(line):
    body = line.removeprefix("# ")
    return (
        line.startswith("# ")
        and (body.startswith("[") or body.split(" = ")[0].isidentifier())
        and ("=" in body or "[" in body)
    )


def test_the_commented_file_changes_no_setting(tmp_path):
    path = tmp_path / "config.toml"
    write_example(path)
    settings = load_settings({}, {}, path)
    assert set(settings.sources.values()) == {"default"}


def test_every_commented_line_is_accepted_once_uncommented(tmp_path):
    path = write(tmp_path, "\n".join(commented_lines()))
    settings = load_settings({}, {}, path)
    assert settings.profile == "staging"
    assert settings.team == "team_456"


@pytest.mark.parametrize(
    "line", [line for line in commented_lines() if "=" in line and "profile" not in line]
)
def test_each_line_alone_is_accepted(line, tmp_path):
    load_settings({}, {}, write(tmp_path, line))


def test_the_example_has_each_setting_once():
    top = []
    for line in commented_lines():
        if line.startswith("["):
            break
        top.append(line.split(" = ")[0])
    assert sorted(top) == sorted(set(file_keys(profile=False)) - {PLAIN_KEY})


def test_the_packaged_example_matches_the_one_at_the_root():
    if (ROOT / "config.example.toml").exists():
        assert example_text() == (ROOT / "config.example.toml").read_text(encoding="utf-8")


def test_reading_settings_and_their_file_imports_no_pydantic(tmp_path):
    folder = tmp_path / "flowtui"
    folder.mkdir()
    (folder / "config.toml").write_text('team = "blue"\n')
    code = (
        "import sys\n"
        "from flowtui.config.load import load_settings\n"
        "from flowtui.config.key.key import has_key_source\n"
        "s = load_settings({}, {}, None)\n"
        "assert s.team == 'blue'\n"
        "assert has_key_source(s, {'SEEKR_API_KEY': 'x'})\n"
        "assert 'pydantic' not in sys.modules\n"
    )
    environ = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    processes.run([sys.executable, "-c", code], check=True, env=environ)
