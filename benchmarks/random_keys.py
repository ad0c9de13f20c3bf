"""Presses random keys, pastes, mouse and noise at all sizes over random faults: `python -m benchmarks.random_keys`.

No session may end the dashboard, hang it, show a traceback, leave the terminal otherwise than it was, or bring the key
anywhere: on the screen, into the clipboard, into a file. Each session has a home of its own. Exit 1 where one does.
`--seed N` repeats one session and prints what is pressed; the record of one that failed (`--records DIR`) is played
again with `--replay FILE`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.walking import side_by_side
from benchmarks.walking.noise import Event, noise
from benchmarks.walking.session import Played, play, read_record, write_record


def main(words: list[str] | None = None) -> int:
    """Return 0 where nothing went wrong, 1 where something did."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, help="play this one only, in this process")
    parser.add_argument("--sessions", type=int, default=30, help="sessions, with the seeds from 1 on (30)")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long each takes (120)")
    parser.add_argument("--at-once", type=int, default=3, help="sessions side by side (3)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="play a record again")
    parser.add_argument("--records", type=Path, metavar="DIR", help="where the records of failures go")
    parser.add_argument("--show", action="store_true", help="print each event, with --seed")
    options = parser.parse_args(words)
    folder = options.records or Path(tempfile.gettempdir())
    if options.replay is not None:
        seed, events = read_record(options.replay)
        return _told(seed, play(seed, options.seconds, _shown(events)), folder)
    if options.seed is not None:
        events = _shown(noise(options.seed)) if options.show else None
        return _told(options.seed, play(options.seed, options.seconds, events), folder)
    more = ["--seconds", str(options.seconds), "--records", str(folder)]
    failed = side_by_side.run("benchmarks.random_keys", range(1, options.sessions + 1), more, options.at_once)
    print(f"{options.sessions - len(failed)} of {options.sessions} sessions without a fault")
    return 1 if failed else 0


def _shown(events: Iterator[Event]) -> Iterator[Event]:
    for event in events:
        what = event.size or (
            f"server: {event.fault or 'well'}" if event.fault is not None else event.send[:80]
        )
        print(f"+{event.after:.2f}s  {what}", flush=True)
        yield event


def _told(seed: int, played: Played, folder: Path) -> int:
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
