"""Keeps the newest page of each thread, so that an unchanged page need not be decoded again.

Pages are kept as bytes while there is room, else as a digest. Comparing bytes takes a hundredth of the time of decoding a
page, comparing digests takes half of the time of decoding. So digests are used only for long pages, and for further pages
once many threads fill the room.
"""

from __future__ import annotations

from typing import Final

from flowtui.model.run.parsing import ParsedRuns
from flowtui.source.http.bodies import digest

ROOM: Final = 16 << 20
"""The most bytes that all pages kept whole may have together: enough for 200 threads with 20 runs of usual length."""

LONGEST: Final = 128 << 10
"""The most bytes that one page kept whole may have."""


class PageCache:
    """The newest page of each thread, by raw id.

    `room`: the most bytes that all pages kept whole may have together.
    `held`: how many bytes they have now.
    """

    def __init__(self, room: int = ROOM) -> None:
        self.held = 0
        self._room = room
        self._whole: dict[str, bytes] = {}
        self._digests: dict[str, bytes] = {}
        self._parsed: dict[str, ParsedRuns] = {}

    def rows_of(self, key: str, body: bytes) -> ParsedRuns | None:
        """Return the decoded rows of a thread's last page if `body` equals that page, else None."""
        whole = self._whole.get(key)
        if whole is not None:
            return self._parsed[key] if whole == body else None
        mark = self._digests.get(key)
        return self._parsed[key] if mark is not None and mark == digest(body) else None

    def keep(self, key: str, body: bytes, parsed: ParsedRuns) -> None:
        """Keep a page and its decoded rows in place of the thread's last page."""
        self.drop(key)
        self._parsed[key] = parsed
        if len(body) <= min(LONGEST, self._room - self.held):
            self._whole[key] = body
            self.held += len(body)
        else:
            self._digests[key] = digest(body)

    def drop(self, key: str) -> None:
        """Forget the page of a thread, so that its next page is decoded in any case."""
        self.held -= len(self._whole.pop(key, b""))
        self._digests.pop(key, None)
        self._parsed.pop(key, None)
