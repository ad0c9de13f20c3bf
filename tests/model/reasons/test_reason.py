"""Reasons and their ids."""

from __future__ import annotations

import pytest

from flowtui.model.reasons.reason import VERSION, Reason, reason_id, reason_of_failure, refold


def test_the_same_cause_has_the_same_reason_and_id():
    one, two = (reason_of_failure(f"timeout after {n} s", tool="search") for n in (3, 4))
    assert one == two
    assert reason_id(one) == reason_id(two) != reason_id(one, b"secret")
    assert reason_id(one) != reason_id(reason_of_failure("timeout after 3 s", tool="crm"))
    assert reason_id(one) != reason_id(one._replace(version=VERSION + 1))
    assert len(reason_id(one)) == 10


def test_a_reason_of_newer_rules_cannot_be_compared():
    known = reason_of_failure("crm 502")
    assert refold(known) == known
    assert refold(known._replace(version=VERSION + 1)) is None


def test_a_reason_of_older_rules_is_folded_again():
    old = Reason("tool error: crm: timeout after 30 s", "tool crm", VERSION - 1)
    assert refold(old) == reason_of_failure("timeout after 5 s", tool="crm")


@pytest.mark.parametrize(
    ("message", "tool", "exception", "text"),
    [
        # the class stands where the message alone does not say what happened
        ("'tax_rate'", "", "KeyError", "KeyError: 'tax_rate'"),
        ("KeyError: 'tax_rate'", "", "KeyError", "KeyError: 'tax_rate'"),
        ("a key of four words", "", "KeyError", "KeyError: a key of four words"),
        ("timed out", "", "httpx.ReadTimeout", "ReadTimeout: timed out"),
        ("timed out", "", "httpx.ConnectTimeout", "ConnectTimeout: timed out"),
        ("", "", "httpx.ReadTimeout", "ReadTimeout"),
        ("", "", "", "no message"),
        # elsewhere it does not, as the same failure is told with and without it
        ("timed out", "", "TimeoutError", "timed out"),
        ("deadlock detected", "", "DeadlockDetected", "deadlock detected"),
        ("database is locked", "", "sqlite3.OperationalError", "database is locked"),
        ("sqlite3.OperationalError: database is locked", "", "", "database is locked"),
        ("boom", "", "Exception", "boom"),
        ("接続に失敗しました", "", "ConnectError", "接続に失敗しました"),
        # the tool's name leaves the text
        ("crm: no such row here", "crm", "", "no such row here"),
    ],
)
def test_the_class_is_in_the_text_where_it_says_more(message, tool, exception, text):
    assert reason_of_failure(message, tool=tool, exception=exception).text == text


@pytest.mark.parametrize(
    ("message", "tool", "source"),
    [
        ("no row", "crm", "tool crm"),
        ("no row", "", "model"),
        ("no row", "tool", "tool"),
        ("tool error: crm: no row", "", "tool crm"),
        ("tool error: crm: no row", "tool", "tool crm"),
        ("tool error: KeyError: 'a'", "", "tool"),
        ("Error executing tool crm: no row", "", "tool crm"),
        ("Error in tool call toolu_01A09q90qw90lq917835lq9: no row", "", "tool"),
    ],
)
def test_the_source_is_the_tool_or_the_model(message, tool, source):
    assert reason_of_failure(message, tool=tool).source == source
