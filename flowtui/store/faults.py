"""What can go wrong with the file of a history, and what is to be done then.

```
HistoryError
├── DamagedError    the content is wrong: the file is set aside, and a new one begins
├── RemovedError    it was deleted or renamed: a new one begins
├── PausedError     it cannot be written or read now (disk full, locked): the file stays, and is tried again later
└── RefusedError    there can be no history here (another program's file, a newer version, no rights): the file stays
```
"""

from __future__ import annotations

from flowtui.errors import HistoryError


class DamagedError(HistoryError):
    """The content of the file is not what flowtui wrote."""


class RemovedError(HistoryError):
    """The file is not at its path any more."""


class PausedError(HistoryError):
    """The file cannot be used now; later it may."""


class RefusedError(HistoryError):
    """The file cannot be used, and is not touched."""
