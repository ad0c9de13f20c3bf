"""Why runs failed: the reason that was found, and nothing else of the failure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final, NamedTuple

from flowtui.model.history.past import Seen
from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.model.run.redacted import REDACTED
from flowtui.model.run.row import RunKey
from flowtui.store.rows import known_time, storable, storable_text
from flowtui.store.sqlite import Database, Row
from flowtui.text import safe_name, safe_text, shorten

MAX_TEXT: Final = 2_000
"""The most characters of a reason that are kept."""

_REASON: Final = """INSERT INTO reason(digest, text, source, rules, first) VALUES(?,?,?,?,?)
ON CONFLICT(digest) DO UPDATE SET text=coalesce(text, excluded.text) RETURNING id"""
_FAILURE: Final = """INSERT INTO failure(run, reason) SELECT r.id, ? FROM run r JOIN thread t ON t.id = r.thread
WHERE t.raw_id=? AND r.raw_id=? ON CONFLICT(run) DO UPDATE SET reason=excluded.reason"""
_READ: Final = """WITH wanted(thread, run) AS (VALUES {}) SELECT t.raw_id, r.raw_id, c.digest, c.text, c.source, c.rules
FROM wanted w CROSS JOIN thread t ON t.raw_id = w.thread CROSS JOIN run r ON r.thread = t.id AND r.raw_id = w.run
CROSS JOIN failure f ON f.run = r.id CROSS JOIN reason c ON c.id = f.reason"""
_EXPLAINED: Final = """SELECT t.raw_id, r.raw_id, c.digest, c.text, c.source, c.rules FROM run r
JOIN failure f ON f.run = r.id JOIN reason c ON c.id = f.reason JOIN thread t ON t.id = r.thread
WHERE r.class=3 AND r.ended >= ? AND r.ended < ?"""
_SEEN: Final = """SELECT count(*), min(r.ended), max(r.ended) FROM reason c JOIN failure f ON f.reason = c.id
JOIN run r ON r.id = f.run WHERE c.digest=? AND r.class=3 AND r.ended < ?"""

# One pass over the index of failed runs; faster than a search for each reason from a few reasons on.
_ALL_SEEN: Final = """SELECT c.digest, s.n, s.first, s.last FROM (
SELECT f.reason, count(*) n, min(r.ended) first, max(r.ended) last FROM run r INDEXED BY run_failed
CROSS JOIN failure f ON f.run = r.id WHERE r.class=3 AND r.ended IS NOT NULL AND r.ended < ? GROUP BY f.reason) s
JOIN reason c ON c.id = s.reason"""
_FEW: Final = 3
_TOGETHER: Final = 200  # runs that one statement looks up


class Hiding(NamedTuple):
    """How the text of reasons is hidden."""

    redact: bool
    """Whether it is hidden (`--redact`), when reading and when writing."""
    key: bytes
    """The key of the ids by which hidden reasons are told apart."""


def write_reason(database: Database, run: RunKey, reason: Reason, hiding: Hiding, now: float) -> bool:
    """Write why a run failed; return whether the run is stored. Raises as the database does."""
    if not storable_text(run[0]) or not storable_text(run[1]) or not storable(reason):
        return False
    text = None if hiding.redact or reason.hidden_id else shorten(reason.text, MAX_TEXT)
    digest = bytes.fromhex(reason_id(reason, hiding.key))
    values = (digest, text, shorten(reason.source, MAX_TEXT), reason.version, now)
    found = database.row(_REASON, values)
    return found is not None and database.run(_FAILURE, (found[0], *run)) > 0


def read_reasons(database: Database, runs: Iterable[RunKey], hiding: Hiding) -> Mapping[RunKey, Reason]:
    """Return why runs failed, as far as it is known. Raises as the database does."""
    keys = [key for key in runs if storable_text(key[0]) and storable_text(key[1])]
    rows: list[Row] = []
    with database.reading():
        # Many at a time: after each statement this thread may have to wait for the others.
        for start in range(0, len(keys), _TOGETHER):
            part = keys[start : start + _TOGETHER]
            wanted = ",".join(["(?,?)"] * len(part))
            rows += database.rows(_READ.format(wanted), list(chain.from_iterable(part)))
    return _by_run(rows, hiding)


def read_explained(database: Database, since: float, until: float, hiding: Hiding) -> Mapping[RunKey, Reason]:
    """Return why runs failed that ended from `since` until before `until`. Raises as the database does."""
    return _by_run(database.rows(_EXPLAINED, (since, until)), hiding)


def _by_run(rows: Iterable[Row], hiding: Hiding) -> dict[RunKey, Reason]:
    kept: dict[Row, Reason] = {}  # few reasons explain many runs
    found = {}
    for thread, run, *row in rows:
        same = tuple(row)
        if same not in kept:
            kept[same] = _reason(same, hiding)
        found[thread, run] = kept[same]
    return found


def read_seen(
    database: Database, reasons: Iterable[Reason], before: float, hiding: Hiding
) -> Mapping[Reason, Seen]:
    """Return what is remembered of these reasons from before a time. Raises as the database does."""
    wanted = {bytes.fromhex(reason_id(reason, hiding.key)): reason for reason in reasons}
    with database.reading():
        if len(wanted) > _FEW:
            rows = database.rows(_ALL_SEEN, (before,))
        else:
            rows = [(key, *(database.row(_SEEN, (key, before)) or (0, 0, 0))) for key in wanted]
    found = {}
    for key, count, first, last in rows:
        if count and (reason := wanted.get(bytes(key))) is not None:
            found[reason] = Seen(count, known_time(first), known_time(last))
    return found


def _reason(row: Row, hiding: Hiding) -> Reason:
    digest, text, source, rules = row
    if text is None or hiding.redact:
        return Reason(REDACTED, safe_name(source), rules, bytes(digest).hex()[:64])
    return Reason(safe_text(shorten(text, MAX_TEXT)), safe_name(source), rules)
