"""The API key: its sources, its form, and that no message holds any part of it."""

import shlex
import sys
import traceback

import pytest

from flowtui.config.files.plain_key import PlainKey
from flowtui.config.key import secret_command as room
from flowtui.config.key.environ import Environment
from flowtui.config.key.key import has_key_source, key_source, load_key, quick_key
from flowtui.config.load import load_settings
from flowtui.errors import ConfigError

SECRET = "sk-hunter2"


def settings(**options):
    return load_settings(options, {}, None, use_file=False)


def command(code):
    return shlex.join([sys.executable, "-S", "-c", code])


def private(tmp_path, content, mode=0o600):
    path = tmp_path / "key"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return str(path)


def refused(what, environ):
    with pytest.raises(ConfigError) as caught:
        load_key(what, Environment(environ))
    seen = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in seen.stack if "/flowtui/" in frame.filename]
    assert ours
    assert not any("hunter2" in value for frame in ours for value in (frame.locals or {}).values())
    error = caught.value
    while error is not None:
        assert "hunter2" not in repr(error)
        assert "hunter2" not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return str(caught.value)


@pytest.mark.parametrize(
    "written", [SECRET, f" {SECRET}  ", f"Bearer {SECRET}", f"bearer  {SECRET} ", f"BEARER {SECRET}"]
)
def test_the_environment_gives_the_key(written):
    found = load_key(settings(), {"SEEKR_API_KEY": written})
    assert found.get_secret_value() == SECRET
    assert "hunter2" not in f"{found!r} {found}"


def test_another_variable_can_hold_the_key():
    assert load_key(settings(api_key_env="MY_KEY"), {"MY_KEY": SECRET}).get_secret_value() == SECRET


def test_sources_are_tried_in_order(tmp_path):
    both = settings(
        api_key_command=command("print('from-command')"), api_key_file=private(tmp_path, "from-file")
    )
    assert load_key(both, {"SEEKR_API_KEY": SECRET}).get_secret_value() == SECRET
    assert load_key(both, {"SEEKR_API_KEY": " "}).get_secret_value() == "from-command"
    only_file = settings(api_key_file=private(tmp_path, "Bearer from-file\r\n"))
    assert load_key(only_file, {}).get_secret_value() == "from-file"


def test_a_plain_key_in_a_private_config_file_is_the_last_source(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(f'api_key = "{SECRET}"\n[profiles.b]\napi_key = "other"\n')
    path.chmod(0o600)
    assert load_key(load_settings({}, {}, path), {}).get_secret_value() == SECRET
    assert load_key(load_settings({"profile": "b"}, {}, path), {}).get_secret_value() == "other"
    assert "hunter2" not in repr(load_settings({}, {}, path))


@pytest.mark.parametrize(
    "written",
    [
        f"{SECRET}\n",
        f"{SECRET}\nX-Evil: 1",
        f"{SECRET}\r",
        f"{SECRET}\0",
        f"{SECRET}\x1b[2J",
        f"{SECRET}é",
        f"{SECRET}\u200b",
    ],
)
def test_a_key_that_does_not_fit_in_a_header_is_refused_and_not_printed(written, tmp_path):
    assert "SEEKR_API_KEY" in refused(settings(), {"SEEKR_API_KEY": written})
    assert "api_key_file" in refused(settings(api_key_file=private(tmp_path, f"{written}\nx")), {})
    code = f"import sys; sys.stdout.buffer.write({written.encode()!r} + b'\\nx')"
    assert "api_key_command" in refused(settings(api_key_command=command(code)), {})


@pytest.mark.parametrize("content", ["", "\n", "Bearer ", b"\xff\xfe"])
def test_an_empty_or_binary_file_is_refused(content, tmp_path):
    assert "api_key_file" in refused(settings(api_key_file=private(tmp_path, content)), {})


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused(mode, tmp_path):
    assert "can be read by others" in refused(settings(api_key_file=private(tmp_path, SECRET, mode)), {})


def test_a_key_file_that_is_missing_or_not_a_file_is_refused(tmp_path):
    assert "No such file" in refused(settings(api_key_file=str(tmp_path / "no")), {})
    assert "api_key_file" in refused(settings(api_key_file=str(tmp_path)), {})


def test_a_failing_command_is_reported_with_its_exit_code_only():
    code = f"import sys; print('{SECRET}'); print('{SECRET}', file=sys.stderr); sys.exit(3)"
    assert "exit code 3" in refused(settings(api_key_command=command(code)), {})


def test_the_command_writes_nothing_to_the_terminal(capfd):
    code = f"import sys; print('k'); print('{SECRET}', file=sys.stderr)"
    load_key(settings(api_key_command=command(code)), {})
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("line", ["no-such-program-at-all", "'unfinished", "''", "/"])
def test_a_command_that_cannot_run_is_refused(line):
    assert "api_key_command" in refused(settings(api_key_command=line), {})


def test_the_command_is_run_without_a_shell():
    echoed = settings(api_key_command=command("import sys; print(sys.argv[1])") + " '$HOME;`id`'")
    assert load_key(echoed, {}).get_secret_value() == "$HOME;`id`"


def test_a_hanging_command_is_ended(monkeypatch):
    monkeypatch.setattr(room, "COMMAND_TIMEOUT", 0.2)
    assert "did not end" in refused(
        settings(
            api_key_command=command(
                f"print('{SECRET}', flush=True); input_ = __import__('threading').Event().wait()"
            )
        ),
        {},
    )


def test_without_a_source_the_error_names_the_three_ways():
    said = refused(settings(), {})
    assert all(word in said for word in ("SEEKR_API_KEY", "api_key_command", "api_key_file", "flowtui demo"))


def test_a_key_in_place_of_the_variables_name_is_not_repeated():
    refused(settings(api_key_env="hunter2"), {})


def test_the_source_of_the_key_is_found_without_reading_or_running_anything(tmp_path):
    assert not has_key_source(settings(), {})
    assert not has_key_source(settings(), {"SEEKR_API_KEY": " "})
    assert key_source(settings(), {"SEEKR_API_KEY": "x"}) == "SEEKR_API_KEY"
    assert key_source(settings(api_key_command="no-such-program"), {}) == "api_key_command"
    assert key_source(settings(api_key_file="/no/such"), {}) == "api_key_file /no/such"
    path = tmp_path / "config.toml"
    path.write_text('api_key = "x"')
    path.chmod(0o600)
    assert key_source(load_settings({}, {}, path), {}) == f"api_key in {path}"


def test_the_quick_key_is_the_same_but_never_runs_a_command(tmp_path):
    found = quick_key(settings(), {"SEEKR_API_KEY": "Bearer secret-1"})
    assert (found.get_secret_value(), repr(found), str(found)) == (
        "secret-1",
        "PlainKey(***)",
        "PlainKey(***)",
    )
    in_file = settings(api_key_file=str(private(tmp_path, "secret-2\n")))
    assert quick_key(in_file, {}) == load_key(in_file, {}) == PlainKey("secret-2")
    assert quick_key(settings(api_key_command=f"touch {tmp_path}/ran"), {}) is None
    assert not (tmp_path / "ran").exists()
    with pytest.raises(ConfigError) as refused:
        quick_key(settings(), {"SEEKR_API_KEY": "secret\t3"})
    assert "secret" not in str(refused.value)
