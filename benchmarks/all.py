"""Runs each benchmark that compares two sides, and writes their results as the table in README.md.

    python -m benchmarks.all [NAME ...]

Each benchmark runs in its own process, so that none is affected by the memory of another. With names only those run. The
rows of benchmarks that do not run, or that fail, stay as they are.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.pairs import Pair, share

NAMES = (
    "table_tick",
    "table_load",
    "table_sizes",
    "first_frame",
    "restored_rows",
    "table_idle",
    "bytes_per_tick",
    "charts",
    "keypress",
    "crowded_keys",
    "narrowed",
    "version",
    "watch_start",
    "watch_polls",
    "transports",
    "fleet",
    "catch_up",
    "history_store",
    "answers",
    "way_in",
    "memory",
    "company",
)
OPTIONS = {"answers": ("--runs", "100000", "--times", "10")}
"""What a benchmark is run with, if that is smaller than what it does alone."""
README = Path(__file__).with_name("README.md")
START, END = "<!-- made by benchmarks.all -->", "<!-- end -->"


def line(name: str, one: Pair) -> str:
    """Return a comparison as a row of the table."""
    limit = "" if one.limit is None else f"{share(one.limit)}{'' if one.kept else ', **missed**'}"
    ours, theirs = f"{one.ours:,.1f}", f"{one.theirs:,.1f} {one.unit}"
    return f"| `{name}` | {one.what} | {ours} {one.unit} | {one.against}: {theirs} | {share(one.ratio)} | {limit} |"


def machine() -> str:
    """Return the Python, Textual and system of this machine as a line."""
    return (
        f"Python {platform.python_version()}, Textual {version('textual')}, {platform.system()} on "
        f"{platform.machine()}, {os.cpu_count()} cores."
    )


def table(rows: Mapping[str, Sequence[str]], where: str) -> str:
    """Return the section of README.md between `START` and `END`; `where` describes the machine."""
    head = "| command | what | flowtui | against | ratio | limit |\n| --- | --- | ---: | --- | ---: | --- |"
    return "\n".join([START, where, "", head, *(row for name in NAMES for row in rows.get(name, ())), END])


def rows_of(text: str) -> dict[str, list[str]]:
    """Return the rows of a table by the name of their benchmark."""
    return {name: [row for row in text.splitlines() if row.startswith(f"| `{name}` |")] for name in NAMES}


def run(name: str) -> list[str] | None:
    """Return the rows of one benchmark, None where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--json", *OPTIONS.get(name, ())],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        return None
    return [line(name, Pair(**fields)) for fields in json.loads(done.stdout)]


def main(asked: Sequence[str]) -> int:
    unknown = [name for name in asked if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. There are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    failed = []
    for name in asked or NAMES:
        rows = run(name)
        if rows is None:
            failed.append(name)
            continue
        print("\n".join(rows), flush=True)
        # Read again each time: another process may have written other rows meanwhile.
        before, _, rest = README.read_text().partition(START)
        old, _, after = rest.partition(END)
        where = old.strip().splitlines()[0] if asked else machine()
        README.write_text(before + table({**rows_of(old), name: rows}, where) + after)
    if failed:
        print(f"Failed, and their rows are as they were: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
