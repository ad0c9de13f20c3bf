"""The filter language of `--filter`, `watch --for` and the dashboard: parses a text into a `Query` that tests runs.

Tokens are in `lexer.py`, the grammar in `parser.py`, fields in `fields.py`, values in `values.py`, and the tests in
`match.py`. The current time comes with the context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from flowtui.errors import QueryError
from flowtui.model.columns.context import Context
from flowtui.model.language.lexer import AND, CLOSE, NOT, OPEN, OR, check_length
from flowtui.model.language.tree import And, Or
from flowtui.model.query.lexer import Token, tokens
from flowtui.model.query.match import Bind, RowTexts, compiled
from flowtui.model.query.parser import QueryParser
from flowtui.model.query.tree import EVERYTHING, Compare, Node, Pattern, Word, written
from flowtui.model.query.volatility import QueryVolatility, volatility_of
from flowtui.model.run.id_parts import id_end
from flowtui.model.run.row import Run

LONGEST: Final = 2000
"""Greatest length of a filter in characters."""

HELP: Final = """\
A filter is a list of words and conditions; a run must match all of them. Case does not matter.

  crm 502               both words, anywhere in run, thread, agent, model, status or note
  "crm 502"             this text as a whole; in quotes, and, or, not, ( ) are ordinary text
  /5[0-9][0-9]/         a regular expression; note:/crm|billing/: in one field
  agent:check           the field contains this text
  run:run_7*            the whole field must match: * is any text, ? is any one character
  agent=checkout        the field is exactly this text; agent!=checkout: it is not
  status:failed         also queued, running, completed, cancelled, unknown,
                        active (queued or running) and terminal (it has ended)
  age<10m  tokens>20k   durations: ms, s, m, h, d (a bare number is seconds); counts: k, M, G
  created>=2026-11-24   times: a date is the whole day, 2026-11-24T12:30 the whole minute,
                        in the time zone of --tz, or with Z or +01:00 at the end
  ended>now-2h          or a time before now; and is_active=true, is_active=false
  has:tokens            the field has a value; also has:note, has:finding (any finding)
  has:overdue           the run has this finding; has:error: it failed or is unreadable
  has:inferred          its status is missing or unknown, and was inferred from an end time
  has:changed_config    its configuration differs from that of the agent's previous run
  reason:tax_rate       why it failed (or reason_id); status:failed not has:reason: unknown yet
  config:4f2a91c        the run has this configuration
  label.env:prod        its label env contains this text; label:prod: any of its labels,
  label:env=prod        as name=value; group:nightly: its group; has:label.env: it has the label
  not a  !a  (a or b)   precedence: parentheses, then not, then and (may be left out), then or

A run without a value in a field matches no comparison with that field, not even !=; `not` then
matches. So until a span of a run tells its group and labels, label.env!=prod leaves the run out
and `not label.env:prod` shows it. `not has:tokens` finds the runs without tokens.

Text   run thread agent model status note reason findings config release group labels unreadable
Number age wait time (duration) tokens prompt completion cost
Times  created started ended expires completed_at failed_at cancelled_at
The API's names work too: id, thread_id, agent_id, total_tokens, created_at, ...
"""


@dataclass(frozen=True)
class Query:
    """A parsed filter. `str()` returns its canonical text, which parses to an equal filter."""

    tree: Node = EVERYTHING

    def __str__(self) -> str:
        return written(self.tree)

    def matcher(self, context: Context) -> Callable[[Run], bool]:
        """Return the function that tells whether a run matches, for one context."""
        return self._bind(RowTexts(context))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The casefolded words and texts that the filter looks for, to be highlighted in the table."""
        return tuple(_words(self.tree))

    @cached_property
    def required(self) -> frozenset[str]:
        """The fields of which every matching run has a certain value, or one that contains a text or fits a pattern."""
        parts = self.tree.nodes if isinstance(self.tree, And) else (self.tree,)
        return frozenset(
            part.field
            for part in parts
            if isinstance(part, Pattern) or (isinstance(part, Compare) and part.op == "=")
        )

    @cached_property
    def volatility(self) -> QueryVolatility:
        """What can change whether a run matches, while the run stays the same."""
        return volatility_of(self.tree)

    @cached_property
    def _bind(self) -> Bind:
        return compiled(self.tree)


def _words(node: Node) -> Iterator[str]:
    match node:
        case Word(text):
            yield id_end(text.casefold())
        case Pattern(field, text, False) if field != "status":  # all rows have it: nothing to highlight
            yield id_end(text.casefold())
        case And(nodes) | Or(nodes):
            for part in nodes:
                yield from _words(part)


def parse(text: str) -> Query:
    """Return the query for a filter's text; an empty filter matches every run.

    Raises:
        QueryError: the filter is wrong; the error points at the column.
    """
    check_length(text, LONGEST, "a filter")
    return Query(QueryParser(text, list(tokens(text))).tree())


def parse_lenient(text: str) -> tuple[Query, QueryError | None]:
    """Return the query for a filter that is still being typed, and its error; None if it has no error.

    Open quotes, regexes and parentheses are closed. If that does not help, the part before the error is used.
    """
    try:
        return parse(text), None
    except QueryError as error:
        return _sensible(text[:LONGEST]), error.with_traceback(None)


def _sensible(text: str) -> Query:
    read = _lexed(text)
    while read:
        while read and read[-1].kind in (AND, OR, NOT, OPEN):
            read.pop()
        kinds = [token.kind for token in read]
        missing = kinds.count(OPEN) - kinds.count(CLOSE)
        try:
            closed = read + [Token(CLOSE, len(text) + 1, len(text))] * missing
            return Query(QueryParser(text, closed).tree())
        except QueryError as error:
            kept = sum(token.column < error.column for token in read)
            del read[min(kept, len(read) - 1) :]
    return Query()


def _lexed(text: str) -> list[Token]:
    """Return the tokens of a text.

    If the text ends in open quotes or an open regex, these are closed. If it has another error, the tokens before the
    error are returned.
    """
    for end in ("", '"', "/"):
        try:
            return list(tokens(text + end))
        except QueryError:
            continue
    read: list[Token] = []
    with suppress(QueryError):
        read.extend(tokens(text))
    return read
