"""What the other process does that reads a large history, see `ReadingAhead`. It ends when nobody reads what it writes."""

from __future__ import annotations

import gc
import pickle
import sys
from pathlib import Path

from flowtui.store.files.opening import open_to_read
from flowtui.store.reading.past_reader import StoredPast
from flowtui.store.reading.reading_ahead import HEAD
from flowtui.store.reasons import Hiding


def main() -> None:
    """Write the threads of the file that the arguments name: each part as its length and its bytes.

    Raises:
        HistoryError: the file cannot be read.
    """
    gc.disable()  # rows are no garbage, and each part is let go once it is written
    file, step, most = sys.argv[1:]
    database = open_to_read(Path(file), beside_writer=True)
    if database is None:
        return
    past = StoredPast(database, Hiding(redact=True, key=b""))
    for states in past.threads(int(step), int(most) if most else None):
        part = pickle.dumps(states, pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.write(len(part).to_bytes(HEAD, "big") + part)
        sys.stdout.buffer.flush()
