"""The parser for and, or, not and parentheses, in a language whose conditions are single words."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from flowtui.errors import QueryError
from flowtui.model.language.lexer import AND, CLOSE, NOT, OPEN, OR, check_length, cut, failure
from flowtui.model.language.parser import DEEPEST, END, Parser
from flowtui.model.language.tree import And, Not, Or, all_of, any_of


class Token(NamedTuple):
    kind: str
    column: int
    end: int
    text: str = ""


def read(text, at):
    end = at + 1
    while text[at] not in "()" and end < len(text) and text[end] not in "() ":
        end += 1
    word = text[at:end]
    return Token(word if word in (AND, OR, NOT, OPEN, CLOSE) else "word", at + 1, end, word)


class WordParser(Parser[Token, str]):
    def leaf(self):
        if self.kind != "word":
            raise self.error("a word was expected")
        return self.take().text


class ListParser(WordParser):
    implicit_and = True


def tree(text, parser=WordParser):
    return parser(text, list(cut(text, read))).whole()


def column_of_error(text, parser=WordParser):
    with pytest.raises(QueryError) as caught:
        tree(text, parser)
    return caught.value.column


def test_tokens_have_a_column_and_an_end():
    assert list(cut("  a (bc) ", read)) == [
        Token("word", 3, 3, "a"),
        Token(OPEN, 5, 5, "("),
        Token("word", 6, 7, "bc"),
        Token(CLOSE, 8, 8, ")"),
    ]


def test_not_binds_closer_than_and_which_binds_closer_than_or():
    assert tree("a or not b and c") == Or(("a", And((Not("b"), "c"))))


def test_conditions_in_parentheses_are_one_node():
    assert tree("(a or b) and not (c or d)") == And((Or(("a", "b")), Not(Or(("c", "d")))))


def test_an_and_inside_an_and_is_replaced_by_its_nodes():
    assert tree("a and (b and c)") == And(("a", "b", "c"))
    assert tree("a or (b or c)") == Or(("a", "b", "c"))


def test_a_single_node_is_returned_as_it_is():
    assert all_of(["a"]) == any_of(["a"]) == tree("((a))") == "a"


def test_conditions_side_by_side_are_joined_only_if_the_language_allows_it():
    assert tree("a b or c", ListParser) == Or((And(("a", "b")), "c"))
    parser = WordParser("a b", list(cut("a b", read)))
    assert parser.whole() == "a"
    assert (parser.kind, parser.column) == ("word", 3)


def test_after_the_last_token_the_kind_is_end():
    parser = WordParser("a  ", list(cut("a  ", read)))
    assert parser.last is None
    assert not parser.accept(OR)
    parser.take()
    assert (parser.kind, parser.column) == (END, 2)
    assert parser.written_since(1) == "a"


@pytest.mark.parametrize(
    ("text", "column"),
    [("a and", 6), ("a and or b", 7), ("(a", 1), ("b and (a or (c)", 7), ("a)", 2), ("", 1), ("not", 4)],
)
def test_an_error_points_at_its_column(text, column):
    assert column_of_error(text) == column
    assert column_of_error(text, ListParser) == column


@pytest.mark.parametrize("opener", ["(", "not "])
def test_nesting_is_limited(opener):
    closer = ")" if opener == "(" else ""
    tree(opener * DEEPEST + "a" + closer * DEEPEST)
    assert column_of_error(opener * (DEEPEST + 1) + "a") == len(opener) * DEEPEST + 1


def test_parentheses_side_by_side_do_not_count_as_nested():
    tree(" and ".join(["(a)"] * (DEEPEST + 1)))


def test_a_text_may_be_as_long_as_its_limit():
    check_length("abc", 3, "a word")
    with pytest.raises(QueryError, match="a word has at most 3 characters") as caught:
        check_length("abcd", 3, "a word")
    assert caught.value.column == 4


def test_the_caret_stands_under_the_column_of_a_long_text():
    text = "x" * 100 + "é" + "y" * 100
    shown, caret = failure(text, 101, "wrong").pointer().split("\n")
    assert shown[caret.index("^")] == "é"
    assert len(shown) == 120
    assert shown.startswith("…")
    assert shown.endswith("…")
