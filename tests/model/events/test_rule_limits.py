"""From how many runs on a rule is told: by chance as seldom as promised, and as the help says."""

from __future__ import annotations

import random
import re

from flowtui.cli.handlers.help_topics import TOPICS
from flowtui.config.values.notify_rules import ALPHA, PERIOD, fewest_runs, parse_rule
from flowtui.model.events.rule_limits import over_at, told_from
from flowtui.model.gate.beliefs import at_most, limits, rate


def test_the_number_is_the_least_that_keeps_the_promise():
    for share in (0.01, 0.05, 0.1, 0.3, 0.9):
        for runs in (20, 50, 200, 1_000):
            number = told_from(share, runs)
            if runs < fewest_runs(share):
                assert number == runs + 1  # refused by the config file
                continue
            assert over_at(share, runs) < share * runs + 1 <= number <= runs
            # The gate, with its one look at these runs, would be sure as well.
            assert at_most(rate(number, runs), limits(None, lambda _, share=share: share)) < ALPHA
    assert [told_from(0.1, runs) for runs in (20, 100, 1_000)] == [9, 21, 128]
    assert PERIOD * ALPHA == 25


def test_the_help_says_true_numbers():
    text = " ".join(TOPICS["notices"].text().split())
    assert f"is broken by {told_from(0.1, 20)} of 20 and kept by {over_at(0.1, 20)} of 20" in text
    assert f"`in the last 100 runs` is broken by {told_from(0.1, 100)} of 100" in text
    assert f"at most {100 * ALPHA:.0f} of 100 series of {PERIOD} runs" in text
    for rule in re.findall(r'"([^"]* in the last [^"]*)"', text):
        assert parse_rule(rule).runs


def test_it_is_as_seldom_wrong_as_promised():
    """In 300 times 500 runs of an agent just at its limit: about 5 % of the times at most, counted by brute force."""
    chance, number, wrong = random.Random(7), told_from(0.1, 20), 0
    for _ in range(300):
        last = [chance.random() < 0.1 for _ in range(20)]
        found = False
        for _ in range(PERIOD):
            last = [*last[1:], chance.random() < 0.1]
            found = found or sum(last) >= number
        wrong += found
    assert wrong <= 300 * ALPHA
