"""Rules of `[notify]`, such as `failed share of agent checkout over 10 % in the last 20 runs`: how they are read.

    RULE    = METRIC "of" WHOSE "over" LIMIT "in the last" N "runs"
    METRIC  = "failed share" | "p95 time"
    WHOSE   = "agent" NAME or id | "each agent" | "all agents"
    LIMIT   = a share such as 10 % for `failed share`, a duration such as 2m for `p95 time`

When a rule is told of is decided in `model/events/rules.py`.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from flowtui.config.values.kinds import parse_duration, quoted
from flowtui.config.values.tables import TableError

FAILED_SHARE: Final = "failed share"
P95_TIME: Final = "p95 time"
METRICS: Final = (FAILED_SHARE, P95_TIME)

AGENT: Final = "agent"
EACH_AGENT: Final = "each agent"
ALL_AGENTS: Final = "all agents"

EXAMPLE: Final = "failed share of agent checkout over 10 % in the last 20 runs"

PERIOD: Final = 500
"""Number of runs in which a rule is wrong by chance with a probability of at most `ALPHA`."""

ALPHA: Final = 0.05
"""The greatest probability of a wrong notice in `PERIOD` runs: that of a wrong verdict of the deploy gate."""

MOST_RUNS: Final = 1_000
MOST_RULES: Final = 20
BEYOND_P95: Final = 0.05
"""The share of runs that take longer than the 95th percentile."""

_LONGEST: Final = 300  # characters of a rule
_END: Final = re.compile(r"\s+over\s+(?P<limit>\S+(?:\s+%)?)\s+in\s+the\s+last\s+(?P<runs>\S+)\s+runs?\s*$")
_HINT: Final = f"Write it as: {EXAMPLE}"


class NotifyRule(NamedTuple):
    """A rule: the user is told when the metric of the last runs is above a limit, and when it no longer is."""

    metric: str
    """One of `METRICS`."""
    whose: str
    """AGENT: one agent; EACH_AGENT: each on its own; ALL_AGENTS: all together."""
    agent: str
    """The id or the name of the agent, as the user wrote it; "" if `whose` is not AGENT."""
    limit: float
    """The limit: a share from 0 to 1, or seconds."""
    runs: int
    """How many of the last ended runs count."""
    text: str
    """The rule as the user wrote it, with single spaces."""

    @property
    def share(self) -> float:
        """The share of runs that may be beyond the limit (0 to 1): failed runs, or runs that take longer."""
        return self.limit if self.metric == FAILED_SHARE else BEYOND_P95


def parse_rule(written: str) -> NotifyRule:
    """Return a rule.

    Raises:
        ValueError: the text is no rule. The message names the column, and the text there.
    """
    text = " ".join(written.split())
    if len(text) > _LONGEST or not text.isprintable():
        raise ValueError(f"it must be one line of at most {_LONGEST} characters")
    metric = _word(text, 0, *METRICS)
    at = _skip(text, len(metric), "of")
    whose = _word(text, at, EACH_AGENT, ALL_AGENTS, AGENT)
    after = at + len(whose)
    end = _END.search(text, after)
    if end is None:
        raise _wrong_end(text, after, whose)
    name = text[after : end.start()].strip()
    if whose == AGENT and not name:
        raise _wrong(text, after + 1, "the name or the id of an agent")
    if whose != AGENT and name:
        raise _wrong(text, after + 1, "over")
    limit = _limit(metric, end["limit"], text, end.start("limit"))
    rule = NotifyRule(
        metric, whose, name.strip('"'), limit, _runs(end["runs"], text, end.start("runs")), text
    )
    fewest = fewest_runs(rule.share)
    if rule.runs < fewest:
        raise ValueError(
            f"column {end.start('runs') + 1}: {rule.runs} runs are too few for this limit: even if all of them are beyond "
            f"it, that may be chance; write at least {fewest}"
        )
    return rule


def fewest_runs(share: float) -> int:
    """Return how many runs are needed so that all of them being beyond a limit is no chance; see `PERIOD`."""
    runs = 1
    while PERIOD * (1 - share) * share**runs > ALPHA:
        runs += 1
    return runs


def read_rules(written: Any) -> tuple[NotifyRule, ...]:
    """Return the rules of a list of texts. Raises TableError for the first that is wrong."""
    if not isinstance(written, list | tuple) or not all(isinstance(each, str) for each in written):
        raise TableError("it must be a list of texts", hint=f'Write it as: rules = ["{EXAMPLE}"]')
    if len(written) > MOST_RULES:
        raise TableError(f"there are {len(written)} rules: at most {MOST_RULES} are allowed")
    rules = []
    for number, text in enumerate(written, 1):
        try:
            rules.append(parse_rule(text))
        except ValueError as error:
            raise TableError(f"rule {number}, {error}", hint=_HINT) from None
    return tuple(dict.fromkeys(rules))


def _word(text: str, at: int, *words: str) -> str:
    """Return the one of `words` that stands at `at`."""
    found = next((word for word in words if re.match(rf"{word}(?:\s|$)", text[at:])), None)
    if found is None:
        raise _wrong(text, at, " or ".join(words).replace(f"or {AGENT}", f"or {AGENT} NAME"))
    return found


def _skip(text: str, at: int, word: str) -> int:
    """Return where the text goes on after a space, a word and a space."""
    _word(text, at + 1, word)
    return at + len(word) + 2


def _wrong_end(text: str, at: int, whose: str) -> ValueError:
    """Return the error for a rule whose limit or number of runs cannot be found behind `at`."""
    over = text.rfind(" over ", at) if whose == AGENT else at
    if over < 0 or not text.startswith(" over ", over):
        return _wrong(
            text, at + 1, "its name, then over and a limit" if whose == AGENT else "over and a limit"
        )
    limit = re.compile(r"\S+(?: %)?").match(text, over + len(" over "))
    if limit is None:
        return _wrong(text, len(text), "a limit")
    return _wrong(text, limit.end() + 1, "in the last N runs")


def _wrong(text: str, at: int, wanted: str) -> ValueError:
    there = f"{quoted(text[at:])} cannot be read" if text[at:].strip() else "the rule ends too soon"
    return ValueError(f"column {min(at, len(text)) + 1}: {there}: write {wanted}")


def _limit(metric: str, written: str, text: str, at: int) -> float:
    if metric == P95_TIME:
        try:
            return parse_duration(written)
        except ValueError as error:
            raise ValueError(f"column {at + 1}: {error}") from None
    number = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*%", written, re.ASCII)
    if number is None or not 0 < float(number[1]) <= 90:
        raise _wrong(text, at, "a share from 0.1 % to 90 %, such as 10 %")
    share = float(number[1]) / 100
    if share < 0.001:
        raise _wrong(text, at, "a share from 0.1 % to 90 %, such as 10 %")
    return share


def _runs(written: str, text: str, at: int) -> int:
    digits = written.replace(",", "")
    if not re.fullmatch(r"[0-9]{1,6}", digits, re.ASCII) or not 1 <= int(digits) <= MOST_RUNS:
        raise _wrong(text, at, f"a number of runs up to {MOST_RUNS:,}")
    return int(digits)
