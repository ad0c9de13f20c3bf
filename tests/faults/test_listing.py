"""Every row of bad input has a test that bears its number, and tests/FAULTS.md names them all."""

from .listing import DOCUMENT, ROWS, TITLES, cases, document


def test_every_row_has_a_test_of_its_own():
    assert {case.row for case in cases()} == set(ROWS)


def test_every_row_stands_under_one_title():
    assert sorted(number for numbers in TITLES.values() for number in numbers) == list(range(1, 55))


def test_the_document_is_what_the_tests_say():
    assert DOCUMENT.read_text(encoding="utf-8") == document()
