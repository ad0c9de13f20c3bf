"""An open history: its file or memory, who reads and who writes it, and what happens if it cannot be used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from flowtui import __version__
from flowtui.config.settings import Settings
from flowtui.errors import HistoryError
from flowtui.model.history.past import STEP, Past
from flowtui.store.coverage import Watching
from flowtui.store.faults import DamagedError, PausedError, RemovedError
from flowtui.store.files.location import Place, shown
from flowtui.store.files.opening import Opened, identity, open_to_read, open_to_write, set_aside, take_over
from flowtui.store.migrations import migrate
from flowtui.store.reading.past_reader import StoredPast
from flowtui.store.reasons import Hiding
from flowtui.store.sqlite import Database
from flowtui.store.words import marks
from flowtui.store.writing.bounds import Bounds, Limits
from flowtui.store.writing.recorder import ThreadRecorder
from flowtui.store.writing.writer import Writer

_MOST_DAMAGED: Final = 2  # files that are set aside in one process; then the disk is at fault
_IN_MEMORY: Final = Limits(90 * 86_400.0, 64 << 20)
_ASKED: Final = 400  # thread ids of one question


class MemoryHistory:
    """A history in memory, which ends with the process."""

    notice = ""

    def __init__(self, key: bytes, now: Callable[[], float]) -> None:
        """`key`: tells hidden reasons apart."""
        database = Database.in_memory()
        migrate(database)
        hiding = Hiding(redact=False, key=key)
        watching = Watching()
        self.past: Past | None = StoredPast(database, hiding)
        bounds = Bounds(database, None, _IN_MEMORY, now())
        writer = Writer(database, watching, bounds, hiding, now)
        self.recorder = ThreadRecorder(writer, watching, lambda _: None, lambda: None)
        database.run(
            "INSERT INTO scope(one, profile, base_url, made, writer) VALUES(1,'','',?,?)",
            (now(), __version__),
        )

    def claim(self, threads: Iterable[str]) -> bool:  # noqa: ARG002  there is no file
        """Do nothing: there is no file. Return False."""
        return False

    def close(self) -> None:
        """Forget everything."""
        self.recorder.close()


class FileHistory:
    """A history in a file."""

    def __init__(
        self, settings: Settings, place: Place, now: Callable[[], float], wait: Callable[[float], object]
    ) -> None:
        """`now`: returns UTC epoch seconds. `wait`: blocks for so many seconds."""
        self.notice = ""
        self._place = place
        self._now = now
        self._wait = wait
        self._limits = Limits(settings.remember_for, int(settings.remember_mb * (1 << 20)))
        self._hiding = Hiding(settings.redact, place.salt)
        self._most = settings.history  # runs of a thread that memory keeps
        self._watching = Watching()
        self._past: StoredPast | None = None
        self._reading: Database | None = None
        self._opened: Opened | None = None
        self._damaged = 0
        self._paused = False
        self._unclaimed: list[Path] = []
        self._lock = threading.Lock()
        self.recorder = ThreadRecorder(None, self._watching, self._renewed, self._again)

    @property
    def past(self) -> Past | None:
        """What was remembered; None while a file that another key wrote is not claimed, and if it cannot be read."""
        return self._past

    def open(self) -> None:
        """Open the file, or make it, unless there is one of an older key to be claimed. Never raises."""
        if not self._place.file.exists():
            self._unclaimed = self._place.other_keys
        if not self._unclaimed:
            self._start()

    def claim(self, threads: Iterable[str]) -> bool:
        """Take over the file of an older key if one of these threads is in it; else begin a file. See `History`."""
        listed = list(threads)
        with self._lock:
            if not self._unclaimed or not listed:
                return False
            found = next((path for path in self._unclaimed if _holds(path, listed)), None)
            self._unclaimed = []
            if found is not None:
                with suppress(HistoryError):
                    take_over(found, self._place.file)
            self._start()
            return self._past is not None

    def close(self) -> None:
        """Write what is left and close the file. Blocks for a few seconds at most."""
        if self._past is not None:
            self._past.stop()
        if self._reading is not None:  # first: who closes last writes the -wal into the file
            self._reading.stop()
            self._reading.close()
        self.recorder.close()

    def _start(self) -> None:
        writer = self._begin()
        self.recorder.use(writer, "" if writer is not None else self.notice)

    def _again(self) -> Writer | None:
        """Try again to open a file that could not be opened before; None if it still cannot, or will never."""
        return self._begin() if self._paused else None

    def _begin(self) -> Writer | None:
        """Open the file and return a writer for it; None if there can be none, which `notice` says."""
        where = shown(self._place.file)
        found = identity(self._place.file)
        self._paused = False
        try:
            opened = self._open()
        except DamagedError as error:
            return self._renewed(error, found)
        except HistoryError as error:
            self._paused = isinstance(error, PausedError)
            self.notice = f"Nothing is remembered: {where}: {error.message}"
            if self._past is None:
                self._read_only()
            return None
        if opened.is_new and not self.notice:
            self.notice = (
                "flowtui now remembers runs, statuses and reasons in a file; "
                "`flowtui history` says where and what, `--no-history` turns it off"
            )
        bounds = Bounds(opened.database, self._place.file, self._limits, self._now())
        return Writer(opened.database, self._watching, bounds, self._hiding, self._now)

    def _open(self) -> Opened:
        opened = self._opened = open_to_write(self._place, self._now(), __version__, self._wait)
        reading = open_to_read(self._place.file, beside_writer=True)
        if reading is None:
            raise DamagedError("it was removed")
        self._read(reading)
        return opened

    def _read_only(self) -> None:
        """Read the file if it can be read although it cannot be written."""
        with suppress(HistoryError):
            reading = open_to_read(self._place.file)
            if reading is not None:
                self._read(reading)

    def _read(self, reading: Database) -> None:
        old, self._reading = self._reading, reading
        if self._past is None:
            self._past = StoredPast(reading, self._hiding, self.recorder.report_damage)
            self._past.begin_threads(self._place.file, STEP, self._most)
        else:
            self._past.switch(reading)
        if old is not None:
            old.close()

    def _renewed(self, error: HistoryError, found: tuple[int, int] | None = None) -> Writer | None:
        """Set a damaged file aside and return a writer for a new one; None if that is of no use.

        `found`: which file is meant; None: the one that is open.
        """
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.database.close()
            found = opened.identity
        self._watching.forget_numbers()
        if not isinstance(error, RemovedError):
            self._damaged += 1
            if self._damaged > _MOST_DAMAGED:
                where = shown(self._place.file)
                self.notice = f"Nothing is remembered any more: {where}: {error.message}"
                return None
            aside = set_aside(self._place.file, found)
            if aside is not None:
                self.notice = f"The history could not be read ({error.message}). It is now {shown(aside)}, and a new one begins"
        return self._begin()


def _holds(path: Path, threads: list[str]) -> bool:
    """Whether one of these threads (raw ids) is in a file."""
    try:
        database = open_to_read(path)
        if database is None:
            return False
        try:
            for start in range(0, len(threads), _ASKED):
                part = threads[start : start + _ASKED]
                if database.row(f"SELECT 1 FROM thread WHERE raw_id IN ({marks(part)}) LIMIT 1", part):
                    return True
        finally:
            database.close()
    except HistoryError:
        return False
    return False
