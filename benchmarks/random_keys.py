"""Sends random keys, pastes, mouse events and bytes to the dashboard while its server fails: `python -m benchmarks.random_keys`.

A session fails where the dashboard ends by itself, hangs, shows a traceback, leaves terminal modes changed, or writes
the API key to the screen, the clipboard or a file. Each session has its own home folder. Exits with 1 where a session
failed. `--seed N` repeats one session; the record of a failed session (`--records DIR`) is played again by
`--replay FILE`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pty_sessions import seeds
from benchmarks.pty_sessions.random_events import Event, random_events
from benchmarks.pty_sessions.session import Played, play, read_record, write_record


def main(words: list[str] | None = None) -> int:
    """Run the command; return 1 where a session failed, else 0."""
    parser = seeds.parser(__doc__, sessions=30, seconds=120.0)
    parser.add_argument("--replay", type=Path, metavar="FILE", help="play a record again")
    parser.add_argument("--records", type=Path, metavar="DIR", help="where the records of failures go")
    parser.add_argument("--show", action="store_true", help="print each event, with --seed")
    options = parser.parse_args(words)
    folder = options.records or Path(tempfile.gettempdir())
    if options.replay is not None:
        seed, events = read_record(options.replay)
        return _report(seed, play(seed, options.seconds, _printed(events)), folder)
    if options.seed is not None:
        events = _printed(random_events(options.seed)) if options.show else None
        return _report(options.seed, play(options.seed, options.seconds, events), folder)
    return seeds.run_all("benchmarks.random_keys", options, ["--records", str(folder)], "without a fault")


def _printed(events: Iterator[Event]) -> Iterator[Event]:
    for event in events:
        what = event.size or (
            f"server: {event.fault or 'well'}" if event.fault is not None else event.send[:80]
        )
        print(f"+{event.after:.2f}s  {what}", flush=True)
        yield event


def _report(seed: int, played: Played, folder: Path) -> int:
    print(
        f"seed {seed}: {', '.join(played.wrong) or 'nothing wrong'}; {len(played.events)} events, "
        f"started {played.starts} times, the slowest answer took {played.slowest:.1f}s"
    )
    if not played.wrong:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / f"random-keys-{seed}.jsonl"
    write_record(record, seed, played)
    print(f"{played.report}what was pressed is in {record}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
