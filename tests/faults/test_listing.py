"""Each row of bad input has a test with its number, and tests/FAULTS.md lists them all."""

from .listing import DOCUMENT, ROWS, TITLES, cases, document


def test_every_row_has_a_test():
    assert {case.row for case in cases()} == set(ROWS)


def test_every_row_has_one_title():
    assert sorted(number for numbers in TITLES.values() for number in numbers) == list(range(1, 55))


def test_the_document_is_up_to_date():
    assert DOCUMENT.read_text(encoding="utf-8") == document()
