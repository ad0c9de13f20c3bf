"""Crashes with local variables: only if FLOWTUI_DEV is 1, with the key masked, and display-safe."""

from __future__ import annotations

import os

import pytest
from pydantic import SecretStr

from flowtui.cli import arguments, main
from flowtui.cli.crash_locals import lines_of
from flowtui.config.key import key as key_module
from flowtui.config.load import load_settings
from flowtui.config.settings import Settings

KEY = 'sk-7Qz"w+/x%y=&<4Vb9'
ESCAPE = "\x1b]0;title\x07"


@pytest.fixture
def planted(monkeypatch):
    """Every command fails, with the key and an escape sequence in a local and in the message."""

    def fail(*_arguments, **_named):
        planted_local = f"holds {KEY} and {ESCAPE}"
        raise LookupError(planted_local)

    monkeypatch.setattr(arguments, "parse", fail)
    monkeypatch.setattr(key_module, "_LOADED", set())  # without the keys that other tests have loaded


@pytest.fixture
def crashed(planted, capsys, tmp_path, monkeypatch):
    """Run a command that crashes; return its stderr and its report."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def run(**variables):
        assert main(["runs"], {"SEEKR_API_KEY": KEY, **variables}) == 1
        (report,) = tmp_path.rglob("crash-*.txt")
        out, err = capsys.readouterr()
        assert out == ""
        return err, report.read_text()

    return run


@pytest.mark.parametrize("variables", [{}, {"FLOWTUI_DEV": ""}, {"FLOWTUI_DEV": "0"}])
def test_without_flowtui_dev_no_local_is_shown(variables, crashed):
    err, report = crashed(**variables)
    assert err.count("\n") == 1
    assert "planted_local" not in err + report
    assert KEY not in err + report


def test_with_flowtui_dev_locals_are_shown_on_stderr_but_not_in_the_report(crashed):
    err, report = crashed(FLOWTUI_DEV="1")
    assert "planted_local = 'holds *** and " in err
    assert "LookupError: holds *** and " in err
    assert "raise LookupError(planted_local)" in err
    assert "planted_local" not in report
    assert KEY not in err + report


def test_shown_text_is_display_safe(crashed):
    err, _ = crashed(FLOWTUI_DEV="1")
    assert "␛]0;title␇" in err
    assert [char for char in err if char != "\n" and not char.isprintable()] == []


def failure(*, chained=False, **held):
    """Return an exception from a frame with these local variables."""

    def inner(held):
        for name in held:
            raise LookupError(name)

    try:
        try:
            inner(held)
        except LookupError as error:
            if chained:
                raise ValueError("second") from error
            raise
    except (LookupError, ValueError) as error:
        return error


def text_of(error, *keys):
    return "\n".join(lines_of(error, keys or (KEY,)))


@pytest.mark.parametrize(
    "held",
    [
        SecretStr(KEY),
        KEY,
        f"Bearer {KEY}".encode(),
        [{"headers": [(b"authorization", KEY.encode())]}],
        "x" * 290 + KEY,
        ["x" * 20 + KEY] * 5,
        {KEY: 1},
        dict(os.environ, OTHER=KEY),
        "=" + KEY + "x" * 200_000,
        LookupError(KEY),
    ],
    ids=lambda held: type(held).__name__,
)
def test_the_key_is_masked_before_anything_is_cut(held):
    text = text_of(failure(held=held))
    assert "held = " in text
    assert not [KEY[at : at + 6] for at in range(len(KEY) - 5) if KEY[at : at + 6] in text]


def test_a_loaded_key_is_masked_whatever_its_source(monkeypatch, crashed):
    other = "from-a-password-manager-4711"
    monkeypatch.setattr(key_module, "_LOADED", {SecretStr(other)})

    def fail(*_arguments):
        planted_local = other
        raise LookupError(planted_local)

    monkeypatch.setattr(arguments, "parse", fail)
    err, _ = crashed(FLOWTUI_DEV="1")
    assert "planted_local = '***'" in err
    assert other not in err


def test_a_loaded_key_is_remembered_for_masking(monkeypatch):
    monkeypatch.setattr(key_module, "_LOADED", set())
    environ = {"SEEKR_API_KEY": KEY}
    key_module.load_key(load_settings({}, environ, None, use_file=False), environ)
    assert [key.get_secret_value() for key in key_module.loaded_keys()] == [KEY]


def test_functions_that_read_a_key_show_neither_locals_nor_message(monkeypatch):
    def read(path):
        content = "a key nobody knows yet"
        raise RuntimeError(content)

    monkeypatch.setattr(key_module, "_read_private", read)
    settings = Settings(api_key_file="/somewhere")
    try:
        key_module._read_key(settings, {})
    except RuntimeError as error:
        text = text_of(error)
    assert "in _read_key" in text
    assert "in read" in text
    assert "nobody knows yet" not in text
    assert text.endswith("\nRuntimeError")


def test_causes_are_shown_with_their_locals():
    lines = text_of(failure(chained=True, first="a")).splitlines()
    titles = [
        "Traceback of ValueError, the innermost call last:",
        "Traceback of LookupError, the innermost call last:",
    ]
    assert [line for line in lines if line.startswith("Traceback")] == titles
    assert lines.index("ValueError: second") < lines.index(titles[1])
    assert lines.index("      held = {'first': 'a'}") < lines.index("LookupError: first")


class Broken:
    def __repr__(self):
        raise RuntimeError("half made")


def test_an_object_whose_repr_fails_causes_no_second_crash():
    assert "held = {'held': <Broken instance at" in text_of(failure(held=Broken()))


def test_a_huge_text_is_shown_by_its_length():
    huge = KEY * 10_000

    def fail(held):
        raise LookupError(held)

    try:
        fail(huge)
    except LookupError as error:
        text = text_of(error)
    assert f"held = <str, {len(repr(huge)):,} characters>" in text
    assert text.endswith(f"LookupError: <{len(huge):,} characters>")


def test_containers_are_shown_in_part():
    assert "49999" not in text_of(failure(held=list(range(50_000))))


def test_a_deep_recursion_is_shown_by_its_innermost_calls():
    def deeper(depth):
        return deeper(depth + 1)

    try:
        deeper(0)
    except RecursionError as error:
        text = text_of(error)
    assert text.count("in deeper") == 100
    assert "depth = 0\n" not in text
