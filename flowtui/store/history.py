"""Opens the history of one profile."""

from __future__ import annotations

import math
import secrets
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from flowtui.config.settings import Settings
from flowtui.errors import HistoryError
from flowtui.model.history.clocks import MOVES, server_ahead
from flowtui.model.history.past import Past, Recorder
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import RunKey
from flowtui.model.state.snapshot import Update

if TYPE_CHECKING:
    from flowtui.config.files.plain_key import Secret


class History(Protocol):
    """An open history."""

    @property
    def past(self) -> Past | None:
        """What was remembered; None while a file that another key wrote is not claimed, and if it cannot be read."""

    @property
    def recorder(self) -> Recorder:
        """Remembers what is seen from now on."""

    @property
    def notice(self) -> str:
        """One display-safe line for the user: that a history begins and where, or why there is none; "" if all is well."""

    def claim(self, threads: Iterable[str]) -> bool:
        """Take over the file that an older key wrote, if the API lists one of its threads to this key (raw ids).

        Return whether `past` has become readable by this call.
        """

    def close(self) -> None:
        """Write what is left and close the file. Blocks for a few seconds at most."""


class Forgetful:
    """The recorder where nothing is remembered."""

    trouble = ""

    def record(self, update: Update) -> None:
        """Do nothing."""

    def explain(self, reasons: Mapping[RunKey, Reason]) -> None:
        """Do nothing."""

    def flush(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class NoHistory:
    """The history where nothing is remembered."""

    past: Past | None = None

    def __init__(self, notice: str = "") -> None:
        self.notice = notice
        self.recorder: Recorder = Forgetful()

    def claim(self, threads: Iterable[str]) -> bool:  # noqa: ARG002  there is no file
        """Do nothing: there is no file. Return False."""
        return False

    def close(self) -> None:
        """Do nothing."""


def open_history(settings: Settings, key: Secret, now: Callable[[], float]) -> History:
    """Open the history of these settings and this key, to read and to write. Blocks. Never raises.

    If there can be no history, `past` is None, the recorder forgets, and `notice` says why. `now`: UTC epoch seconds.
    """
    if not settings.remember:
        return NoHistory()
    from flowtui.store.files.filesystem import network_type  # noqa: PLC0415  sqlite3 only where a history is wanted
    from flowtui.store.files.location import place_of, shown  # noqa: PLC0415
    from flowtui.store.keeper import FileHistory  # noqa: PLC0415

    place = place_of(settings, key, make_salt=True)
    if place is None:
        return NoHistory("Nothing is remembered: the folder of flowtui's state cannot be written")
    network = network_type(place.folder)
    if network:
        return NoHistory(
            f"Nothing is remembered: {shown(place.folder)} is on a network file system ({network}); "
            "set remember_path to a folder of this machine"
        )
    history = FileHistory(settings, place, now, time.sleep)
    try:
        history.open()
    except Exception as error:  # noqa: BLE001  whatever it is: the dashboard goes on
        return NoHistory(f"Nothing is remembered: {type(error).__name__} in {shown(place.file)}")
    return history


def open_in_memory(now: Callable[[], float]) -> History:
    """Return a history that ends with the process, as for the demo."""
    from flowtui.store.keeper import MemoryHistory  # noqa: PLC0415  sqlite3 only where a history is wanted

    return MemoryHistory(secrets.token_bytes(32), now)


def read_history(settings: Settings, key: Secret, *, by_server: bool = False) -> Past | None:
    """Open the history to read only, for one-shot commands; None if there is none. Never makes or changes a file. Blocks.

    The file is closed as soon as nobody has the past any more. `by_server`: whether all times are to be by the server's
    clock, as far as it is known how far that is from this machine's.

    Raises:
        HistoryError: there is a file that cannot be read.
    """
    from flowtui.store.files.location import belonging, place_of, shown  # noqa: PLC0415  as below

    place = place_of(settings, key, make_salt=False)
    if place is None or not belonging(place.file):
        return None
    from flowtui.store.files.opening import open_to_read  # noqa: PLC0415  sqlite3 only where there is a history
    from flowtui.store.reading.past_reader import StoredPast  # noqa: PLC0415
    from flowtui.store.reasons import Hiding  # noqa: PLC0415

    try:
        database = open_to_read(place.file)
    except HistoryError as error:
        raise HistoryError(f"The history in {shown(place.file)} cannot be read: {error.message}") from None
    if database is None:
        return None
    past = StoredPast(database, Hiding(settings.redact, place.salt))
    weakref.finalize(past, database.close)
    if by_server:
        past.clock_offset = server_ahead(past.moves(-math.inf, math.inf, MOVES))
    return past
