"""Every benchmark that compares two sides, one after the other, and the table in README.md made of what they say.

    python -m benchmarks.all

Each runs in a process of its own, so that none finds the memory of another.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.pairs import Pair, share

NAMES = ("table_tick", "table_load", "first_frame", "bytes_per_tick", "version")
README = Path(__file__).with_name("README.md")
START, END = "<!-- made by benchmarks.all -->", "<!-- end -->"


def line(name: str, one: Pair) -> str:
    """Return a comparison as a row of the table."""
    limit = "" if one.limit is None else f"{share(one.limit)}{'' if one.kept else ', **missed**'}"
    ours, theirs = f"{one.ours:,.1f}", f"{one.theirs:,.1f} {one.unit}"
    return f"| `{name}` | {one.what} | {ours} {one.unit} | {one.against}: {theirs} | {share(one.ratio)} | {limit} |"


def machine() -> str:
    """Say where the figures come from."""
    return (
        f"Python {platform.python_version()}, Textual {version('textual')}, {platform.system()} on "
        f"{platform.machine()}, {os.cpu_count()} cores."
    )


def table(results: list[tuple[str, Pair]]) -> str:
    """Return what stands in README.md between the marks."""
    head = "| command | what | flowtui | against | ratio | limit |\n| --- | --- | ---: | --- | ---: | --- |"
    return "\n".join([START, machine(), "", head, *(line(name, one) for name, one in results), END])


def main() -> None:
    results: list[tuple[str, Pair]] = []
    for name in NAMES:
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", "--json"],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
            check=True,
        )
        pairs = [Pair(**fields) for fields in json.loads(done.stdout)]
        results += [(name, one) for one in pairs]
        print("\n".join(line(name, one) for one in pairs), flush=True)
    before, rest = README.read_text().split(START)
    README.write_text(before + table(results) + rest.split(END)[1])


if __name__ == "__main__":
    main()
