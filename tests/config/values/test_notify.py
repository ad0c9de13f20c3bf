"""`[notify]`: the rules, the quiet hours and the webhook, as they are read, refused and shown."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from flowtui.config.load import load_settings
from flowtui.config.show import as_json, as_line, as_table
from flowtui.config.values.notify_rules import (
    ALPHA,
    PERIOD,
    NotifyRule,
    fewest_runs,
    parse_rule,
)
from flowtui.config.values.quiet_hours import QuietHours, read_quiet
from flowtui.config.values.tables import TableError
from flowtui.errors import ConfigError

RULE = "failed share of agent checkout over 10 % in the last 20 runs"


def load(text, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(text)
    return load_settings({}, {}, path)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (RULE, ("failed share", "agent", "checkout", 0.1, 20)),
        (
            "failed  share of each agent over 2.5% in the last 1,000 runs",
            ("failed share", "each agent", "", 0.025, 1000),
        ),
        ("p95 time of all agents over 2m in the last 100 runs", ("p95 time", "all agents", "", 120.0, 100)),
        (
            'failed share of agent "Rates over 9" over 5 % in the last 50 runs',
            ("failed share", "agent", "Rates over 9", 0.05, 50),
        ),
        (
            "failed share of agent each one over 5 % in the last 50 runs",
            ("failed share", "agent", "each one", 0.05, 50),
        ),
    ],
)
def test_a_rule_is_read(text, rule):
    assert parse_rule(text) == NotifyRule(*rule, " ".join(text.split()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "column 1: the rule ends too soon: write failed share or p95 time"),
        ("failing share of each agent", "column 1: 'failing share of each agent' cannot be read: write failed share"),
        ("failed share agent X", "column 14: 'agent X' cannot be read: write of"),
        ("failed share of agents X", "column 17: 'agents X' cannot be read: write each agent or all agents or agent NAME"),
        ("failed share of agent X above 9 %", "column 23: 'X above 9 %' cannot be read: write its name, then over"),
        ("failed share of agent X over 10 %", "column 34: the rule ends too soon: write in the last N runs"),
        ("failed share of each agent x over 10 % in the last 20 runs", "column 28"),
        ("failed share of each agent over 10 in the last 20 runs", "column 33: '10 in the last 20 runs' cannot be read"),
        ("failed share of each agent over 95 % in the last 20 runs", "a share from 0.1 % to 90 %"),
        ("failed share of each agent over 10 % in the last 2000 runs", "a number of runs up to 1,000"),
        ("p95 time of each agent over 10 % in the last 40 runs", "column 29: '10 %' is no duration"),
        ("failed share of agent over 10 % in the last 20 runs", "column 23: 'over 10 % in the last 20 runs'"),
        ("failed share of each agent over 50 % in the last 5 runs", "column 50: 5 runs are too few"),
        ("failed share of agent \x1b[31m over 10 % in the last 20 runs", "it must be one line"),
        ("failed share of each agent over 10 % in the last ² runs", "a number of runs"),
    ],
)  # fmt: skip
def test_a_wrong_rule_says_what_and_where(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_rule(text)


def test_too_few_runs_can_never_be_told_from_chance():
    for share in (0.01, 0.1, 0.5, 0.9):
        fewest = fewest_runs(share)
        assert PERIOD * (1 - share) * share**fewest <= ALPHA
        assert PERIOD * (1 - share) * share ** (fewest - 1) > ALPHA


def test_an_error_names_file_rule_column_and_the_next_step(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(f'[notify]\nrules = ["{RULE}", "failed share of X"]\n', tmp_path)
    assert str(tmp_path / "config.toml") in caught.value.message
    assert "notify.rules: rule 2, column 17: 'X' cannot be read" in caught.value.message
    assert RULE in caught.value.hint


@pytest.mark.parametrize("rules", ["'x'", "[1]", "[" + f"'{RULE}'," * 21 + "]"])
def test_rules_are_a_short_list_of_texts(tmp_path, rules):
    with pytest.raises(ConfigError, match=r"notify\.rules: "):
        load(f"[notify]\nrules = {rules}\n", tmp_path)


BERLIN = ZoneInfo("Europe/Berlin")
NIGHT, NOON = read_quiet("22:00-07:00"), read_quiet("12:00-13:30")


@pytest.mark.parametrize(
    ("hours", "local", "quiet"),
    [
        (NIGHT, "2026-12-01T21:59:59+01:00", False),
        (NIGHT, "2026-12-01T22:00:00+01:00", True),
        (NIGHT, "2026-12-02T00:00:00+01:00", True),
        (NIGHT, "2026-12-02T06:59:59+01:00", True),
        (NIGHT, "2026-12-02T07:00:00+01:00", False),
        (NOON, "2026-12-02T12:00:00+01:00", True),
        (NOON, "2026-12-02T13:30:00+01:00", False),
        # Summer: 07:00 is an hour earlier in UTC.
        (NIGHT, "2026-07-01T04:59:59+00:00", True),
        (NIGHT, "2026-07-01T05:00:00+00:00", False),
        # The night that is an hour shorter, and the one that is an hour longer.
        (NIGHT, "2026-03-29T04:59:59+00:00", True),
        (NIGHT, "2026-03-29T05:00:00+00:00", False),
        (NIGHT, "2026-10-25T05:59:59+00:00", True),
        (NIGHT, "2026-10-25T06:00:00+00:00", False),
        # An end that the clock skips: 02:30 does not come, so quiet ends at 03:00.
        (read_quiet("23:00-02:30"), "2026-03-29T00:59:59+00:00", True),
        (read_quiet("23:00-02:30"), "2026-03-29T01:00:00+00:00", False),
        # An hour that comes twice is quiet both times.
        (read_quiet("02:00-03:00"), "2026-10-25T00:30:00+00:00", True),
        (read_quiet("02:00-03:00"), "2026-10-25T01:30:00+00:00", True),
        (read_quiet("02:00-03:00"), "2026-10-25T02:00:00+00:00", False),
    ],
)
def test_quiet_hours_go_by_the_clock_on_the_wall(hours, local, quiet):
    at = datetime.fromisoformat(local).timestamp()
    assert hours.holds(at, BERLIN) is quiet


def test_quiet_hours_are_read_and_shown():
    assert QuietHours(22 * 60, 7 * 60) == NIGHT
    assert str(read_quiet("9:05 – 17:00")) == "09:05-17:00"
    assert read_quiet("00:00-01:00").holds(0.0, UTC)


@pytest.mark.parametrize(
    "written", ["22-07", "24:00-07:00", "22:00-22:00", "22:60-07:00", "", 7, ["22:00-07:00"]]
)
def test_other_quiet_hours_are_refused(written):
    with pytest.raises(TableError):
        read_quiet(written)


def test_the_file_never_holds_the_address_of_the_webhook(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load('[notify]\nwebhook = "https://hooks.example/T0P-SECRET"\n', tmp_path)
    assert "webhook_command" in caught.value.hint
    with pytest.raises(ConfigError) as named:
        load('[notify]\nwebhook_env = "https://hooks.example/T0P-SECRET"\n', tmp_path)
    assert "T0P-SECRET" not in f"{caught.value}{caught.value.hint}{named.value}{named.value.hint}"


def test_config_show_masks_the_webhook_and_shows_the_rest(tmp_path):
    settings = load(
        f'[notify]\nrules = ["{RULE}"]\nquiet = "22:00-07:00"\nwebhook_command = "cat T0P-SECRET"\nwebhook_env = "HOOK"\n', tmp_path
    )  # fmt: skip
    assert settings.key_names == ("HOOK",)  # so no program that flowtui starts gets it
    shown = json.loads(as_json(settings, {}))["settings"]["notify"]["value"]
    assert shown == {
        "bell": False,
        "osc9": False,
        "command": None,
        "rules": [RULE],
        "quiet": "22:00-07:00",
        "webhook_command": "(set, not shown)",
        "webhook_env": "HOOK",
    }
    assert "T0P-SECRET" not in as_table(settings, {}) + as_line(settings) + repr(settings)
