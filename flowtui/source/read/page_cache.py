"""Keeps the newest page of each thread, so that an unchanged page need not be decoded again.

Pages are kept as bytes while there is room, else as a digest. Comparing bytes takes a hundredth of the time of decoding
them, a digest half of it; so digests are for long pages and for thousands of threads.
"""

from __future__ import annotations

from typing import Final

from flowtui.model.run.parsing import ParsedRuns
from flowtui.source.http.bodies import digest

ROOM: Final = 16 << 20
"""Bytes of all pages that are kept whole: two hundred threads with twenty runs of usual length."""

LONGEST: Final = 128 << 10
"""Bytes of the longest page that is kept whole."""


class PageCache:
    """Pages by the raw id of their thread. `held`: bytes of the pages that are kept whole."""

    def __init__(self, room: int = ROOM) -> None:
        self.held = 0
        self._room = room
        self._whole: dict[str, bytes] = {}
        self._digests: dict[str, bytes] = {}
        self._parsed: dict[str, ParsedRuns] = {}

    def rows_of(self, key: str, body: bytes) -> ParsedRuns | None:
        """Return the decoded rows of a thread's last page if `body` equals it, else None."""
        whole = self._whole.get(key)
        if whole is not None:
            return self._parsed[key] if whole == body else None
        mark = self._digests.get(key)
        return self._parsed[key] if mark is not None and mark == digest(body) else None

    def keep(self, key: str, body: bytes, parsed: ParsedRuns) -> None:
        """Replace the last page of a thread."""
        self.drop(key)
        self._parsed[key] = parsed
        if len(body) <= min(LONGEST, self._room - self.held):
            self._whole[key] = body
            self.held += len(body)
        else:
            self._digests[key] = digest(body)

    def drop(self, key: str) -> None:
        """Forget the page of a thread, so that the next one is decoded in any case."""
        self.held -= len(self._whole.pop(key, b""))
        self._digests.pop(key, None)
        self._parsed.pop(key, None)
