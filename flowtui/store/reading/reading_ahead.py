"""Reads the threads of a large history in a process of its own, while this one imports and draws the dashboard.

Python runs one thread of a process at a time: reading 100,000 runs here would keep the dashboard back by 0.3 s. The other
process gets the name of the file and no key. What it does not deliver, for whatever reason, the caller reads itself.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from typing import Final

from flowtui.model.state.known_runs import ThreadState

LEAST: Final = 4 << 20
"""Bytes of a file below which reading takes less time than the start of a process."""

_PARTS: Final = 64  # that wait to be taken: some 10 MB
_PATIENCE: Final = 5.0  # seconds without a part, after which the caller reads itself
HEAD: Final = 8
"""Bytes that say how long a part is."""
_CODE: Final = "from flowtui.store.reading_process import main; main()"
_KEPT: Final = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # what Python may need to start


class ReadingAhead:
    """The threads of a file, as `StoredPast.threads(step, most)` yields them; the process starts at once.

    To be gone through once. Ends early, without an error, if the other process fails.
    """

    def __init__(self, file: Path, step: int, most: int | None) -> None:
        self.how = (step, most)
        self._parts: Queue[bytes | None] = Queue(_PARTS)
        self._closed = False
        words = [sys.executable, "-P", "-c", _CODE, str(file), str(step), "" if most is None else str(most)]
        none = subprocess.DEVNULL
        self._process = subprocess.Popen(  # noqa: S603  our own program, without a shell
            words, stdin=none, stdout=subprocess.PIPE, stderr=none, env=_environ(os.environ)
        )
        threading.Thread(target=self._take, name="flowtui-ahead", daemon=True).start()

    def __iter__(self) -> Iterator[Sequence[ThreadState]]:
        try:
            with suppress(Empty):
                while (part := self._parts.get(timeout=_PATIENCE)) is not None:
                    states = _loaded(part)
                    if states is None:
                        return
                    yield states
        finally:
            self.close()

    def close(self) -> None:
        """End the other process. May be called again, and in any thread."""
        self._closed = True
        self._process.kill()
        with suppress(Empty):  # the thread may wait for room
            while True:
                self._parts.get_nowait()

    def _take(self) -> None:
        stream = self._process.stdout
        with suppress(OSError, ValueError):
            while stream is not None and not self._closed:
                size = int.from_bytes(stream.read(HEAD), "big")
                part = stream.read(size)
                if not size or len(part) < size:
                    break
                self._parts.put(part)
        if stream is not None:
            stream.close()  # the other process cannot write any more, and ends
        self._process.wait()
        self._parts.put(None)


def read_ahead(file: Path, step: int, most: int | None) -> ReadingAhead | None:
    """Begin to read a file; None if it is small, or if no process can be started."""
    with suppress(OSError):
        if sys.executable and not getattr(sys, "frozen", False) and file.stat().st_size >= LEAST:
            return ReadingAhead(file, step, most)
    return None


def _loaded(part: bytes) -> Sequence[ThreadState] | None:
    """Return the threads of a part; None if the other process runs other code, as after an update of flowtui."""
    try:
        found: Sequence[ThreadState] = pickle.loads(part)  # noqa: S301  written by our own process
    except Exception:  # noqa: BLE001  which error comes depends on what has changed; the caller reads itself
        return None
    return found


def _environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the other process: where its modules are, and neither keys nor settings.

    The current folder is left out, with `-P` as well: a module there is not ours.
    """
    return {
        **{name: environ[name] for name in _KEPT if name in environ},
        "PYTHONPATH": os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
