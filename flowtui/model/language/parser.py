"""A recursive-descent parser for conditions joined by `or`, `and` and `not`; `or` binds weakest, `not` strongest.

A language derives from `Parser` and reads its own conditions in `leaf`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, Final, Generic

from flowtui.errors import QueryError
from flowtui.model.language.lexer import AND, CLOSE, NOT, OPEN, OR, TokenT, failure
from flowtui.model.language.tree import LeafT, Not, Tree, all_of, any_of

END: Final = "end"
"""The kind that stands for the end of the text, after the last token."""

DEEPEST: Final = 40
"""The most levels of nesting: no user needs more, and Python's stack is finite."""


class Parser(ABC, Generic[TokenT, LeafT]):
    """Reads the tokens of `text` once, from the left."""

    implicit_and: ClassVar[bool] = False
    """Whether conditions that follow each other without a word between them are joined by `and`."""

    nesting: ClassVar[str] = "parentheses and nots"
    """What the levels are called in the error about too deep nesting."""

    parenthesis_hint: ClassVar[str] = ""
    """The hint of errors about parentheses without a partner."""

    def __init__(self, text: str, tokens: Sequence[TokenT]) -> None:
        self.text = text
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @abstractmethod
    def leaf(self) -> LeafT:
        """Read one condition.

        Raises:
            QueryError: no condition begins here, or the condition is wrong.
        """

    @property
    def kind(self) -> str:
        """The kind of the next token; END after the last one."""
        return self._tokens[self._at].kind if self._at < len(self._tokens) else END

    @property
    def column(self) -> int:
        """The column of the next token, counted from 1; at the end, the column just after the last token."""
        if self._at < len(self._tokens):
            return self._tokens[self._at].column
        return len(self.text.rstrip()) + 1

    @property
    def next(self) -> TokenT:
        """The next token. The caller must know that there is one."""
        return self._tokens[self._at]

    @property
    def last(self) -> TokenT | None:
        """The token that was taken last; None before the first."""
        return self._tokens[self._at - 1] if self._at else None

    def written_since(self, column: int) -> str:
        """Return the text from a column to the end of the token that was taken last."""
        return self.text[column - 1 : self.last.end if self.last else 0]

    def take(self) -> TokenT:
        """Take the next token and return it."""
        self._at += 1
        return self._tokens[self._at - 1]

    def accept(self, kind: str) -> bool:
        """Take the next token if it is of this kind; return whether it was."""
        if self.kind != kind:
            return False
        self._at += 1
        return True

    def error(self, message: str, hint: str = "", column: int = 0) -> QueryError:
        """Return the error that points at a column. If `column` is 0, the error points at the next token."""
        return failure(self.text, column or self.column, message, hint)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Count one more level of nesting, which the next token opens.

        Raises:
            QueryError: there are more than DEEPEST levels.
        """
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.error(f"more than {DEEPEST} {self.nesting} inside each other")
        yield
        self._depth -= 1

    def whole(self) -> Tree[LeafT]:
        """Read conditions as far as they go, usually to the end of the text.

        Raises:
            QueryError: a condition is missing or wrong, or a parenthesis has no partner.
        """
        node = self.either()
        if self.kind == CLOSE:
            raise self.error("this ) closes nothing", self.parenthesis_hint)
        return node

    def either(self) -> Tree[LeafT]:
        """Read one or more alternatives, joined by `or`."""
        nodes = [self._both()]
        while self.accept(OR):
            nodes.append(self._both())
        return any_of(nodes)

    def _both(self) -> Tree[LeafT]:
        nodes = [self._negation()]
        while self.accept(AND) or (self.implicit_and and self.kind not in (OR, CLOSE, END)):
            nodes.append(self._negation())
        return all_of(nodes)

    def _negation(self) -> Tree[LeafT]:
        if self.kind not in (NOT, OPEN):
            return self.leaf()
        with self.nested():
            opened = self.take()
            if opened.kind == NOT:
                return Not(self._negation())
            node = self.either()
            self.close(opened)
            return node

    def close(self, opened: TokenT) -> None:
        """Take the `)` that closes the parenthesis `opened`.

        Raises:
            QueryError: the next token is not a `)`.
        """
        if not self.accept(CLOSE):
            raise self.error("this ( is never closed", self.parenthesis_hint, opened.column)
