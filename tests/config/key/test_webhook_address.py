"""The address of the webhook: where it comes from, what is refused, and that nothing shows it."""

from __future__ import annotations

import shlex
import sys
import traceback

import pytest

from flowtui.config.key.environ import environ_without_key
from flowtui.config.key.key import loaded_keys
from flowtui.config.key.webhook_address import load_webhook, webhook_source
from flowtui.config.settings import Settings
from flowtui.config.values.notify import Notify
from flowtui.errors import ConfigError

SECRET = "T0P-SECRET"
ADDRESS = f"https://hooks.example/{SECRET}?sig=a%20b"


def settings(*, allow_http=False, **notify):
    return Settings(notify=Notify(**notify), allow_http=allow_http)


def printing(text):
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(f'print({text!r})')}"


def test_there_is_no_webhook_by_default():
    assert webhook_source(settings(), {}) is None
    assert load_webhook(settings(), {}) is None


def test_the_variable_comes_before_the_command():
    both = settings(webhook_command=printing("https://other.example/x"))
    assert webhook_source(both, {"FLOWTUI_WEBHOOK": ADDRESS}) == "FLOWTUI_WEBHOOK"
    assert load_webhook(both, {"FLOWTUI_WEBHOOK": f" {ADDRESS} "}).get_secret_value() == ADDRESS
    named = settings(webhook_env="HOOK")
    assert load_webhook(named, {"FLOWTUI_WEBHOOK": "x", "HOOK": ADDRESS}).get_secret_value() == ADDRESS


def test_the_command_prints_it_and_does_not_get_the_key():
    program = "import os; print('https://h.example/' + str('SEEKR_API_KEY' in os.environ))"
    found = load_webhook(
        settings(webhook_command=f"{shlex.quote(sys.executable)} -c {shlex.quote(program)}"),
        {"SEEKR_API_KEY": "sk-very-secret-0123"},
    )
    assert found.get_secret_value() == "https://h.example/False"
    assert found in loaded_keys()  # masked where a crash is shown
    assert "h.example" not in repr(found)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (SECRET, "is no address"),
        (f"ftp://h.example/{SECRET}", "is no address"),
        (f"https:///{SECRET}", "is no address"),
        (f"https://h.example:0/{SECRET}", "is no address"),
        (f"https://h.example:x/{SECRET}", "is no address"),
        (f"https://h.example/{SECRET} x", "is no address"),
        (f"https://h.example/{SECRET}\nx", "is no address"),
        (f"https://h.example/{SECRET}é", "is no address"),
        (f"https://h.example/{SECRET}{'x' * 2_048}", "is no address"),
        (f"https://me:{SECRET}@h.example/", "user name"),
        (f"http://h.example/{SECRET}", "plain text"),
    ],
)
def test_what_is_no_address_is_refused_without_showing_it(address, said):
    with pytest.raises(ConfigError) as caught:
        load_webhook(settings(), {"FLOWTUI_WEBHOOK": address})
    assert said in str(caught.value)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert SECRET not in shown.replace(repr(address), "")  # this test's own local variable
    assert SECRET not in f"{caught.value}{caught.value.hint}"


def test_http_is_for_this_machine_or_if_allowed():
    local = {"FLOWTUI_WEBHOOK": "http://127.0.0.1:8080/x"}
    assert load_webhook(settings(), local) is not None
    assert load_webhook(settings(allow_http=True), {"FLOWTUI_WEBHOOK": "http://h.example/x"}) is not None


def test_other_programs_do_not_get_it():
    assert environ_without_key({"FLOWTUI_WEBHOOK": ADDRESS, "HOOK": ADDRESS, "A": "b"}, "", "HOOK") == {
        "A": "b"
    }
