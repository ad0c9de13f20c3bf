"""Which ids a user means by a part of one."""

from __future__ import annotations

import pytest

from flowtui.model.run.id_parts import id_end, is_cut, matching_ids

A = "01a22bb1-de22-7572-99d9-822526efd38d"
B = "01a22bb1-de23-7838-bd83-2eac06d3e366"
IDS = [A, B, "run_1", "run_12", "a…b", "run_1"]


@pytest.mark.parametrize(
    ("part", "found"),
    [
        (A, [A]),
        (A.upper(), [A]),
        ("…26efd38d", [A]),
        ("...26efd38d", [A]),
        (".26efd38d", [A]),  # as a terminal without Unicode shows it
        ("26EFD38D", [A]),
        ("8d", [A]),
        ("01a22bb1", [A, B]),
        ("01a22bb1…", [A, B]),
        ("…01a22bb1", []),
        ("26efd38d…", []),
        ("7572", [A]),
        ("757", []),  # too short for a part from the middle
        ("run_1", ["run_1"]),  # an equal id counts alone
        ("run_1…", ["run_1", "run_12"]),
        ("run", ["run_1", "run_12"]),
        ("a…b", ["a…b"]),
        ("", []),
        ("…", []),
    ],
)
def test_an_equal_id_or_all_with_the_part(part: str, found: list[str]) -> None:
    assert matching_ids(part, IDS) == found


def test_dots_say_that_a_text_is_a_part() -> None:
    assert [is_cut(text) for text in ("…8f", "8f…", "...8f", "run_1", "a.b", "…")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    assert [id_end(text) for text in ("…8f", "8f", "…", ".8f")] == ["8f", "8f", "…", ".8f"]
