"""The word diff contains both texts, shows changes in place, and takes a limited number of steps."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.diff import word_diff as word_diff_module
from flowtui.model.diff.sequence_diff import StepBudget, matches
from flowtui.model.diff.word_diff import ADDED, BREAK, GAP, MAX_CHARS, MAX_LINES, REMOVED, SAME, word_diff

from ...examples import examples

CASES = examples(200)
WORDS = st.lists(st.sampled_from(["be", "kind", "never", "guess", " ", " ", "\n", "!", "日本"]), max_size=25)


# -- content


def test_changed_words_are_shown_in_place():
    before = "Answer in at most 8 sentences. Be brief."
    after = "Answer in at most 12 sentences. Be very brief."
    assert word_diff(before, after) == [
        [
            ("Answer in at most ", SAME),
            ("8", REMOVED),
            ("12", ADDED),
            (" sentences. Be", SAME),
            (" very", ADDED),
            (" brief.", SAME),
        ]
    ]


def test_a_line_added_or_removed_whole_has_one_kind():
    assert word_diff("a\nb\nc", "a\nc\n\nd") == [
        [("a", SAME)],
        [("b", REMOVED)],
        [("c", SAME)],
        [("", ADDED)],
        [("d", ADDED)],
    ]


def test_texts_with_little_in_common_are_shown_separately():
    before, after = "The ledger is closed at noon", "Never promise what another team must keep"
    assert word_diff(before, after) == [[(before, REMOVED)], [(after, ADDED)]]


def test_a_changed_line_break_is_shown():
    assert word_diff("be kind\nand brief", "be kind and brief") == [
        [("be kind", SAME), (BREAK, REMOVED)],
        [(" ", ADDED), ("and brief", SAME)],
    ]


def test_equally_many_changed_lines_are_compared_line_by_line():
    before = [f"{number}: be kind to customer {number}" for number in range(2000)]
    after = [line.replace("kind", "patient") for line in before]
    lines = word_diff("\n".join(before), "\n".join(after))
    assert len(lines) == 2000
    assert all(("kind", REMOVED) in line and ("patient", ADDED) in line for line in lines)


def test_spaces_and_other_line_ends_are_changes():
    assert word_diff("be\tkind", "be kind") == [
        [("be", SAME), ("    ", REMOVED), (" ", ADDED), ("kind", SAME)]
    ]
    assert word_diff("be kind\r\n", "be kind\n")[0] == [("be kind", SAME), ("␍", REMOVED)]


def test_everything_is_display_safe():
    lines = word_diff("a \x1b[31m\nsame\u202e\n", "b \x07\nsame\u202e\nx\ud800")
    assert all(text.isprintable() for line in lines for text, _ in line)


@CASES
@given(WORDS, WORDS)
def test_both_texts_can_be_reconstructed(before, after):
    before, after = "".join(before), "".join(after)
    lines = word_diff(before, after)
    told = "".join(text for line in lines for text, kind in line if kind != ADDED and text != BREAK)
    assert told == before.replace("\n", "")
    told = "".join(text for line in lines for text, kind in line if kind != REMOVED and text != BREAK)
    assert told == after.replace("\n", "")
    assert any(kind != SAME for line in lines for _, kind in line) == (before != after)


# -- folding


def test_unchanged_lines_are_left_out_except_beside_a_change():
    before = [f"line {number}" for number in range(40)]
    after = [*before[:20], "more", *before[20:]]
    lines = word_diff("\n".join(before), "\n".join(after), 2)
    assert lines == [
        [("18 lines the same", GAP)],
        [("line 18", SAME)],
        [("line 19", SAME)],
        [("more", ADDED)],
        [("line 20", SAME)],
        [("line 21", SAME)],
        [("18 lines the same", GAP)],
    ]


def test_a_gap_never_stands_for_a_single_line():
    lines = word_diff("x\n1\n2\n3\n4\n5\ny", "X\n1\n2\n3\n4\n5\nY", 2)
    assert [text for line in lines for text, kind in line if kind == SAME] == list("12345")
    assert not any(kind == GAP for line in lines for _, kind in line)


def test_equal_texts_give_one_gap():
    assert word_diff("a\nb\nc", "a\nb\nc", 2) == [[("3 lines the same", GAP)]]


# -- bounds


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 50_000, "b " * 50_000),
        ("a\n" * 50_000, "b\n" * 50_000),
        ("!?" * 50_000, "?!!" * 33_000),
        ("漢字" * 50_000, "字漢漢" * 33_000),
        ("x" * 3_000_000, "y" * 3_000_000),
        ("\n" * 3_000_000, "x" + "\n" * 3_000_000),
    ],
    ids=["words", "lines", "marks", "ideographs", "one word", "breaks"],
)
def test_hostile_texts_are_shown_up_to_the_limits(before, after):
    lines = word_diff(before, after, 2)
    assert len(lines) <= 2 * MAX_LINES + 4
    assert sum(len(text) for line in lines for text, _ in line) <= 2 * MAX_CHARS + 200


def test_comparing_stops_after_a_number_of_steps():
    rng = random.Random(5)
    before, after = ([rng.choice("abcdef") for _ in range(5_000)] for _ in range(2))
    steps = StepBudget(10_000)
    assert matches(before, after, steps) is not None
    assert -5_100 < steps.left < 0, "one round of the walk beyond the limit at the most"


def test_if_comparing_takes_too_long_both_texts_are_shown_whole(monkeypatch):
    before, after = "one two three four five six", "two three four five six one"
    assert len(word_diff(before, after)) == 1
    monkeypatch.setattr(word_diff_module, "_MAX_STEPS", 3)
    assert word_diff(before, after) == [[(before, REMOVED)], [(after, ADDED)]]


def longest(one, two):
    table = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for i, left in enumerate(one):
        for j, right in enumerate(two):
            table[i + 1][j + 1] = table[i][j] + 1 if left == right else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


ITEMS = st.lists(st.sampled_from("abcd"), max_size=14)


@CASES
@given(ITEMS, ITEMS)
def test_matches_are_a_longest_common_subsequence(one, two):
    found = matches(one, two, StepBudget(100_000))
    before = after = 0
    for match in found:
        assert match.before >= before
        assert match.after >= after
        before, after = match.before + match.size, match.after + match.size
        assert one[match.before : before] == two[match.after : after]
    assert sum(match.size for match in found) == longest(one, two)
