"""Compares what the dashboard says with the API, while keys are pressed at random: `python -m benchmarks.truth`.

Each session is a walk of its own (a seed: its world, keys, filters, orders, sizes, outages) of a dashboard on a
pseudo-terminal against the simulator over HTTP. Status, TIME, TOKENS, AGE, counts, locks, freshness, order, filter and
the opened run must be what the API said within the promised interval and 2 s. Exit 1 where a claim was wrong.
`--seed N` walks one of them here. `--plant LIE` puts a lie between the screen and the oracle, which must find it.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.oracle.lies import LIES
from benchmarks.oracle.walk import lines_of, walk
from benchmarks.walking import side_by_side


def main(words: list[str] | None = None) -> int:
    """Return 0 where no claim was wrong, 1 where one was."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, help="walk this one only, in this process")
    parser.add_argument("--sessions", type=int, default=20, help="walks, with the seeds from 1 on (20)")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long each takes (180)")
    parser.add_argument("--at-once", type=int, default=3, help="walks side by side (3)")
    parser.add_argument("--plant", choices=sorted(LIES), help="a lie that the oracle must find")
    for name in ("threads", "runs", "speed"):
        parser.add_argument(f"--{name}", type=int, help="of the world, instead of what the seed chooses")
    options = parser.parse_args(words)
    world = {
        name: value for name in ("threads", "runs", "speed") if (value := getattr(options, name)) is not None
    }
    if options.seed is not None:
        found = walk(options.seed, options.seconds, LIES[options.plant]() if options.plant else None, **world)
        print("\n".join(lines_of(options.seed, found)))
        return 1 if found.wrong else 0
    more = ["--seconds", str(options.seconds), *(["--plant", options.plant] if options.plant else [])]
    more += [word for name, value in world.items() for word in (f"--{name}", str(value))]
    failed = side_by_side.run("benchmarks.truth", range(1, options.sessions + 1), more, options.at_once)
    print(f"{options.sessions - len(failed)} of {options.sessions} walks without a wrong claim")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
