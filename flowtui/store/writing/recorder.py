"""Remembers what is seen: the event loop hands on references, a thread of its own writes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from flowtui.errors import HistoryError
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import RunKey
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.store.coverage import Watching
from flowtui.store.faults import DamagedError, RemovedError
from flowtui.store.writing.writer import Writer

PACE: Final = 1.0
"""At least so many seconds lie between two writes."""
WHOLE_EVERY: Final = 30.0
"""Seconds after which the end of the watched time is written again, even if nothing else has changed."""
RETRY: Final = 30.0
"""Seconds until a file that cannot be written now is tried again."""
CLOSING: Final = 5.0
"""Seconds that `close` waits for the last write."""

_MOST_REASONS: Final = 5_000  # that wait for their runs to be stored

_LOG: Final = logging.getLogger(__name__)


class ThreadRecorder:
    """Remembers what is seen; see the protocol `Recorder`. The newest snapshot waits to be written, no other."""

    def __init__(
        self,
        writer: Writer | None,
        watching: Watching,
        renew: Callable[[HistoryError], Writer | None],
        again: Callable[[], Writer | None],
    ) -> None:
        """`writer`: None while there is no file yet.

        `renew`: sets a damaged file aside, and returns a writer for a new one; None if there can be none. `again`: tries to
        open a file that could not be opened, and returns a writer for it; None if it still cannot.
        """
        self.trouble = ""
        """Why nothing is written any more, display-safe; "" if all is well."""
        self.writer = writer
        """What writes into the file; None while there is none."""
        self._watching = watching
        self._renew = renew
        self._again = again
        self._condition = threading.Condition()
        self._snapshot: Snapshot | None = None
        self._reasons: dict[RunKey, Reason] = {}
        self._early: dict[RunKey, Reason] = {}  # not stored yet; only the thread uses it
        self._news = False
        self._closing = False
        self._damage: HistoryError | None = None
        self._asked = self._done = 0  # calls of `flush`, and how many of them are answered
        self._more = False  # whether rows beyond the bounds are left to be removed
        self._thread: threading.Thread | None = None

    @property
    def left_out(self) -> int:
        """How many rows could not be stored, because no database holds their text or numbers."""
        writer = self.writer
        return 0 if writer is None else writer.left_out

    def record(self, update: Update) -> None:
        """Remember what an update shows. Returns at once."""
        self._watching.note(update.snapshot)
        with self._condition:
            self._snapshot = update.snapshot
            self._notify()

    def explain(self, reasons: Mapping[RunKey, Reason]) -> None:
        """Remember why these runs failed. Returns at once."""
        with self._condition:
            self._reasons = dict(list({**self._reasons, **reasons}.items())[-_MOST_REASONS:])
            self._notify()

    def use(self, writer: Writer | None, trouble: str = "") -> None:
        """Write with this writer from now on; None: there is no file, because of `trouble`."""
        with self._condition:
            self.writer = writer
            self.trouble = trouble
            self._notify()

    def report_damage(self, error: HistoryError) -> None:
        """Note that the file turned out to be damaged when it was read."""
        with self._condition:
            if self.writer is not None:
                self._damage = error
                self._notify()

    def flush(self) -> None:
        """Return when all that was handed on is written, or cannot be. Blocks."""
        with self._condition:
            self._asked += 1
            wanted = self._asked
            self._notify()
            self._condition.wait_for(lambda: self._done >= wanted or self._thread is None)

    def close(self) -> None:
        """Write what is left, for a few seconds at most, and close the file. Blocks."""
        with self._condition:
            self._closing = True
            thread = self._thread
            writer = self.writer
            self._condition.notify_all()
        if thread is not None:
            thread.join(CLOSING)
        elif writer is not None:
            writer.database.close()

    def _notify(self) -> None:
        if self._closing:
            return
        self._news = True
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="flowtui-history", daemon=True)
            self._thread.start()
        self._condition.notify_all()

    # -- the thread ---------------------------------------------------------------------------------------------

    def _work(self) -> None:
        pause, whole_at = 0.0, time.monotonic()
        while True:
            with self._condition:
                if not self._urgent:
                    self._condition.wait_for(lambda: self._urgent, pause)
                self._condition.wait_for(lambda: self._news or self._more or self._urgent, WHOLE_EVERY)
                closing, asked = self._closing, self._asked
                whole = self._urgent or time.monotonic() - whole_at >= WHOLE_EVERY
                snapshot, writer, damage = self._snapshot, self.writer, self._damage
                reasons, self._reasons = self._reasons, {}
                self._news, self._damage = False, None
            self._early = dict(list({**self._early, **reasons}.items())[-_MOST_REASONS:])
            if writer is None and self.trouble:
                writer = self._tried_again()
            if writer is not None and self._step(writer, snapshot, reasons, damage, whole=whole):
                continue
            whole_at = time.monotonic() if whole else whole_at
            pause = RETRY if self.trouble else PACE
            with self._condition:
                self._done = asked
                self._condition.notify_all()
                if closing:
                    if self.writer is not None:
                        self.writer.database.close()
                    self._thread = None
                    return

    @property
    def _urgent(self) -> bool:
        return self._closing or self._asked > self._done

    def _step(
        self,
        writer: Writer,
        snapshot: Snapshot | None,
        reasons: dict[RunKey, Reason],
        damage: HistoryError | None,
        *,
        whole: bool,
    ) -> bool:
        """Write once; return whether a new file has begun, into which everything is to be written."""
        if damage is not None:
            return self._begin_anew(damage)
        try:
            written = writer.write(snapshot, self._early if whole else reasons, whole=whole)
            self._more = writer.keep_bounds(snapshot)
            self.trouble = ""
        except (DamagedError, RemovedError) as error:
            return self._begin_anew(error)
        except HistoryError as error:
            self.trouble = f"Nothing is remembered now: {error.message}"
        except Exception as error:  # noqa: BLE001  whatever it is: the dashboard goes on
            from flowtui.config import crash  # noqa: PLC0415  rarely needed

            _LOG.error("the history was not written: %s", crash.write_report(error))
            # The file may be sound and a row the cause: setting the file aside could then cost the whole history.
            self.trouble = f"Nothing is remembered now: flowtui failed ({type(error).__name__})"
        else:
            # With a whole write they were tried once more: the runs of those that are left will hardly come.
            left = {} if whole else self._early
            self._early = {run: reason for run, reason in left.items() if run not in written}
        return False

    def _tried_again(self) -> Writer | None:
        writer = self._again()
        if writer is not None:
            with self._condition:
                self.writer, self.trouble = writer, ""
        return writer

    def _begin_anew(self, error: HistoryError) -> bool:
        """Go on with a new file after one that is damaged or gone; return whether there is one."""
        writer = self._renew(error)
        with self._condition:
            self.writer = writer
            self._news = True
        self.trouble = "" if writer is not None else f"Nothing is remembered any more: {error.message}"
        return writer is not None
