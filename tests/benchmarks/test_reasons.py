"""Texts of failures are told apart by cause as well as promised; this holds for every file of texts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.reasons import (
    AIM_DIFFERENT,
    AIM_SAME,
    Failure,
    figures,
    files,
    methods,
    mistakes,
    read_failures,
    reason_from,
)

FILES = files()


def test_there_are_development_texts_of_many_causes():
    failures = read_failures(next(path for path in FILES if path.stem == "development"))
    assert len(failures) >= 100
    assert len({one.cause for one in failures}) >= 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pairs_of_the_same_and_of_different_causes_are_told_right(path):
    failures = read_failures(path)
    same, different = figures(failures, [reason_from(one) for one in failures])
    assert same.rate >= AIM_SAME, same
    assert different.rate >= AIM_DIFFERENT, different


def test_the_shares_count_pairs_and_the_mistakes_are_named():
    failures = [Failure(cause, "", "", "") for cause in ("a", "a", "a", "b")]
    same, different = figures(failures, [1, 1, 2, 2])
    assert (same.right, same.all) == (1, 3)
    assert (different.right, different.all) == (2, 3)
    assert str(same) == "33.33 % of 3"
    told = sorted(mistakes(failures, [1, 1, 2, 2]))
    assert [cost for cost, _ in told] == [1, 2]
    assert told[0][1].startswith("told as one: 2")
    assert told[1][1].startswith("one cause, told apart: a")


def test_plain_text_and_digits_alone_do_worse():
    failures = read_failures(FILES[0])
    found = {name: figures(failures, method(failures)) for name, method in methods().items()}
    assert found["plain text"].same.rate < found["digits and ids to #"].same.rate < found["flowtui"].same.rate
