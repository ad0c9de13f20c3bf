"""The tree of a filter, and its canonical text. `match.py` decides whether a run matches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from flowtui.errors import QueryError
from flowtui.model.language.tree import And, Not, Or, Tree
from flowtui.model.query.lexer import TERM, WORD, tokens

WILD: Final = frozenset("*?")


@dataclass(frozen=True, slots=True)
class Word:
    """True if one of the texts of the row contains `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class Regex:
    """True if a regular expression matches."""

    pattern: str
    """The expression."""
    field: str = ""
    """The field that is searched; "": all texts of the row."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """True if a field contains a text, or fits a pattern."""

    field: str
    text: str
    glob: bool = False
    """Whether `text` is a pattern that the whole field must fit: * is any text, ? is any character."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Compares a field with a value."""

    field: str
    op: str
    """One of =, !=, <, <=, > and >=."""
    text: str
    """The value, as the user wrote it."""


@dataclass(frozen=True, slots=True)
class Has:
    """True if the field `name` has a value.

    If `name` is in `fields.HAS_TESTS`, true if that test is true.
    """

    name: str


Leaf: TypeAlias = Word | Regex | Pattern | Compare | Has
Node: TypeAlias = Tree[Leaf]

EVERYTHING: Final[Node] = And(())


def written(node: Node) -> str:  # noqa: PLR0911  one return for each kind of node
    """Return the canonical text of a tree, which parses to an equal tree."""
    match node:
        case Word(text):
            return text if _lexes_to(text, WORD, text, "") else _quote(text)
        case Regex(pattern, field):
            return f"{field}:/{pattern}/" if field else f"/{pattern}/"
        case Pattern(field, text, glob):
            return _term(field, ":", text, literal=not glob)
        case Compare(field, op, text):
            return _term(field, op, text)
        case Has(name):
            return f"has:{name}"
        case Not(inner):
            return f"not {_inside(inner, And, Or)}"
        case And(nodes):
            return " and ".join(_inside(part, Or) for part in nodes)
        case Or(nodes):
            return " or ".join(written(part) for part in nodes)


def _inside(node: Node, *loose: type) -> str:
    return f"({written(node)})" if isinstance(node, loose) else written(node)


def _term(field: str, op: str, text: str, *, literal: bool = False) -> str:
    bare = f"{field}{op}{text}"
    if not (literal and WILD.intersection(text)) and _lexes_to(bare, TERM, text, op):
        return bare
    return f"{field}{op}{_quote(text)}"


def _lexes_to(bare: str, kind: str, text: str, op: str) -> bool:
    """Whether the lexer reads `bare` as one token that means `text`; if not, the text needs quotes."""
    try:
        found = [(token.kind, token.text, token.op, token.quoted, token.slashed) for token in tokens(bare)]
    except QueryError:
        return False
    return found == [(kind, text, op, False, False)]


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
