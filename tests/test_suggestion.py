"""Hints that name the known name most like a mistyped one."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowtui.suggestion import did_you_mean

KNOWN = ("status", "tokens", "total_tokens", "Day")
SOURCES = Path(__file__).parent.parent / "flowtui"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("statsu", "Did you mean status?"),
        ("tokns", "Did you mean tokens?"),
        ("STATUS", "Did you mean status?"),
        ("dya", "Did you mean Day?"),
        ("xyz", ""),
        ("", ""),
    ],
)
def test_the_most_similar_known_name_is_suggested(name, hint):
    assert did_you_mean(name, KNOWN) == hint


def test_the_rest_follows_the_question_and_is_all_if_no_name_is_similar():
    assert did_you_mean("tokns", KNOWN, rest="There are 4") == "Did you mean tokens? There are 4"
    assert did_you_mean("xyz", KNOWN, rest="There are 4") == "There are 4"


def test_another_text_is_returned_if_no_name_is_similar():
    assert did_you_mean("tokns", KNOWN, otherwise="See the README") == "Did you mean tokens?"
    assert did_you_mean("xyz", KNOWN, otherwise="See the README") == "See the README"
    assert did_you_mean("xyz", KNOWN, rest="There are 4", otherwise="See the README") == "See the README"


def test_a_prefix_stands_before_the_known_name():
    assert did_you_mean("tokns", KNOWN, prefix="has:") == "Did you mean has:tokens?"


def test_known_names_may_come_from_an_iterator():
    assert did_you_mean("tokns", iter(KNOWN)) == "Did you mean tokens?"


def test_of_two_names_that_differ_in_case_the_first_is_suggested():
    assert did_you_mean("dya", ["Day", "DAY"]) == "Did you mean Day?"


def test_only_suggestion_py_searches_for_similar_names():
    found = [path.name for path in SOURCES.rglob("*.py") if "get_close_matches" in path.read_text("utf-8")]
    assert found == ["suggestion.py"]
