"""Measures how well texts of failures are told apart by cause: pairs of the same cause, and pairs of different causes.

    python -m benchmarks.reasons [--show [N]]

Reads all JSON files in `benchmarks/failure_texts/`: lists of {cause, tool, exception, message}. The same cause is what an
engineer on call would file as one ticket. Pairs are made within each file. `--show` prints the worst mistakes of the
normaliser. Drain3 is measured if it is installed; it groups a text by all texts that it has seen before, so its answer
is no function of one failure.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Final, NamedTuple

from flowtui.model.reasons.reason import Reason, reason_of_failure
from flowtui.text import safe_lines

FOLDER: Final = Path(__file__).parent / "failure_texts"
AIM_SAME: Final = 0.95
AIM_DIFFERENT: Final = 0.995


class Failure(NamedTuple):
    """A text of a failure as it really looks."""

    cause: str
    tool: str
    exception: str
    message: str


class Share(NamedTuple):
    """How many of `all` pairs were told right."""

    right: int
    all: int

    @property
    def rate(self) -> float:
        """The share, from 0 to 1; 1 if there are no pairs."""
        return self.right / self.all if self.all else 1.0

    def __str__(self) -> str:
        return f"{100 * self.rate:.2f} % of {self.all:,}"


class Figures(NamedTuple):
    """The figures of one method on one file."""

    same: Share
    different: Share


Method = Callable[[Sequence[Failure]], Sequence[Hashable]]


def files() -> list[Path]:
    """Return all files with texts."""
    return sorted(FOLDER.glob("*.json"))


def read_failures(path: Path) -> list[Failure]:
    """Return the texts of a file."""
    values: list[Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [Failure(**{name: str(value.get(name) or "") for name in Failure._fields}) for value in values]


def reason_from(failure: Failure) -> Reason:
    """Return the reason as flowtui makes it: of display-safe text."""
    message = "\n".join(safe_lines(failure.message.strip()))
    return reason_of_failure(message, tool=failure.tool, exception=failure.exception)


def figures(failures: Sequence[Failure], answers: Sequence[Hashable]) -> Figures:
    """Return the figures of the answers to these texts: equal answers mean the same cause."""
    right = {True: 0, False: 0}
    pairs = {True: 0, False: 0}
    for one, two in combinations(range(len(failures)), 2):
        same = failures[one].cause == failures[two].cause
        pairs[same] += 1
        right[same] += (answers[one] == answers[two]) is same
    return Figures(Share(right[True], pairs[True]), Share(right[False], pairs[False]))


def mistakes(failures: Sequence[Failure], answers: Sequence[Hashable]) -> Iterator[tuple[int, str]]:
    """Yield how many pairs each mistake costs, and what it is."""
    by_cause: dict[str, dict[Hashable, int]] = defaultdict(lambda: defaultdict(int))
    by_answer: dict[Hashable, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for failure, answer in zip(failures, answers, strict=True):
        by_cause[failure.cause][answer] += 1
        by_answer[answer][failure.cause] += 1
    for cause, told in by_cause.items():
        if len(told) > 1:
            yield _pairs(told.values()), f"one cause, told apart: {cause}" + _listed(told)
    for answer, causes in by_answer.items():
        if len(causes) > 1:
            yield _pairs(causes.values()), f"told as one: {_shown(answer)}" + _listed(causes)


def _pairs(counts: Any) -> int:
    return sum(one * two for one, two in combinations(counts, 2))


def _listed(counts: Mapping[Any, int]) -> str:
    return "".join(f"\n      {count}× {_shown(one)}" for one, count in counts.items())


def _shown(answer: object) -> str:
    return f"{answer.source}: {answer.text}" if isinstance(answer, Reason) else str(answer)


def _normaliser(failures: Sequence[Failure]) -> Sequence[Hashable]:
    return [reason_from(failure) for failure in failures]


def _plain(failures: Sequence[Failure]) -> Sequence[Hashable]:
    return [(failure.tool, failure.message) for failure in failures]


_NAIVE: Final = re.compile(
    r"\b0x[0-9a-f]+\b|\b[0-9a-f]{8}-[0-9a-f-]{20,}\b|\b[a-z]+[_-][a-z0-9]*[0-9][a-z0-9]*\b|\d+(?:[.,:]\d+)*"
)


def _naive(failures: Sequence[Failure]) -> Sequence[Hashable]:
    """The simple rule: of the first line, digits and ids become `#`."""
    first = [failure.message.strip().split("\n")[0] or failure.exception for failure in failures]
    return [(failure.tool, _NAIVE.sub("#", line)) for failure, line in zip(failures, first, strict=True)]


def _line(failure: Failure) -> str:
    """Return the line of a text that Drain3 does best with."""
    lines = failure.message.strip().split("\n")
    line = lines[-1] if "Traceback" in failure.message else lines[0]
    return " ".join(line.split()) or failure.exception


def _drain() -> Method | None:
    """Return Drain3 as a method; None if it is not installed."""
    try:
        drain = importlib.import_module("drain3")
        config = importlib.import_module("drain3.template_miner_config").TemplateMinerConfig()
        masking = importlib.import_module("drain3.masking").MaskingInstruction
    except ImportError:
        return None
    config.masking_instructions = [
        masking(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b", "ID"),
        masking(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", "IP"),
        masking(r"\b0x[0-9a-f]+\b", "HEX"),
        masking(r"\b\d+(?:[.,:]\d+)*\b", "NUM"),
    ]

    def method(failures: Sequence[Failure]) -> Sequence[Hashable]:
        miner = drain.TemplateMiner(config=config)
        lines = [_line(one) for one in failures]
        numbers = [miner.add_log_message(line)["cluster_id"] for line in lines]
        return [(failure.tool, number) for failure, number in zip(failures, numbers, strict=True)]

    return method


def methods() -> dict[str, Method]:
    """Return name → method."""
    found = {"flowtui": _normaliser, "plain text": _plain, "digits and ids to #": _naive}
    drain = _drain()
    return found if drain is None else {**found, "Drain3": drain}


def main() -> None:
    """Print the table, and the mistakes with `--show`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", nargs="?", type=int, const=10, default=0, help="print the worst N mistakes")
    show = parser.parse_args().show
    print(f"aim: {AIM_SAME:.0%} of the same cause, {AIM_DIFFERENT:.1%} of different causes")
    for path in files():
        failures = read_failures(path)
        print(f"\n{path.name}: {len(failures)} texts, {len({one.cause for one in failures})} causes")
        print("| method | same cause | different causes |\n| --- | ---: | ---: |")
        for name, method in methods().items():
            same, different = figures(failures, method(failures))
            print(f"| {name} | {same} | {different} |")
        worst = sorted(mistakes(failures, _normaliser(failures)), key=lambda one: -one[0])
        for cost, told in worst[:show]:
            print(f"  {cost} pairs, {told}")


if __name__ == "__main__":
    main()
