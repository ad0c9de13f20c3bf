"""Compares each claim on the dashboard's screen with the API while random keys are pressed: `python -m benchmarks.truth`.

A session runs the dashboard on a pseudo-terminal against the simulator over HTTP; its seed chooses the simulated
threads and runs, keys, filters, orders, terminal sizes and outages. Status, TIME, TOKENS, AGE, counts, locks, freshness,
order, filter and the opened run must be what the API said within the promised interval and 2 s. Exits with 1 where a
claim was wrong, or where a kind of claim was visible and could never be read. `--seed N` runs one session in this process. `--plant LIE` changes what the oracle reads, to prove that
it finds a wrong claim.
"""

from __future__ import annotations

import sys

from benchmarks.oracle.lies import LIES
from benchmarks.oracle.walk import lines_of, walk
from benchmarks.pty_sessions import seeds


def main(words: list[str] | None = None) -> int:
    """Run the command; return 1 where a claim was wrong or could never be read, else 0."""
    parser = seeds.parser(__doc__, sessions=20, seconds=180.0)
    parser.add_argument("--plant", choices=sorted(LIES), help="a wrong claim that the oracle must find")
    for name in ("threads", "runs", "speed"):
        parser.add_argument(f"--{name}", type=int, help="of the simulator, instead of what the seed chooses")
    options = parser.parse_args(words)
    world = {
        name: value for name in ("threads", "runs", "speed") if (value := getattr(options, name)) is not None
    }
    if options.seed is not None:
        found = walk(options.seed, options.seconds, LIES[options.plant]() if options.plant else None, **world)
        print("\n".join(lines_of(options.seed, found)))
        return 0 if found.good else 1
    more = ["--plant", options.plant] if options.plant else []
    more += [word for name, value in world.items() for word in (f"--{name}", str(value))]
    return seeds.run_all("benchmarks.truth", options, more, "without a wrong claim")


if __name__ == "__main__":
    sys.exit(main())
