"""Opens the history of one profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from flowtui.config.settings import Settings
from flowtui.model.history.past import Past, Recorder

if TYPE_CHECKING:
    from pydantic import SecretStr


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


def open_history(settings: Settings, key: SecretStr, now: Callable[[], float]) -> History:
    """Open the history of these settings and this key, to read and to write. Blocks. Never raises.

    If there can be no history, `past` is None, the recorder forgets, and `notice` says why. `now`: UTC epoch seconds.
    """
    raise NotImplementedError


def open_in_memory(now: Callable[[], float]) -> History:
    """Return a history that ends with the process, as for the demo."""
    raise NotImplementedError


def read_history(settings: Settings, key: SecretStr) -> Past | None:
    """Open the history to read only, for one-shot commands; None if there is none. Never makes or changes a file. Blocks.

    Raises:
        HistoryError: there is a file that cannot be read.
    """
    raise NotImplementedError
