"""Why runs failed: the reason that was found, and nothing else of the failure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final, NamedTuple

from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.model.run.redacted import REDACTED
from flowtui.model.run.row import RunKey
from flowtui.store.rows import storable, storable_text
from flowtui.store.sqlite import Database
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
    found: dict[RunKey, Reason] = {}
    keys = [key for key in runs if storable_text(key[0]) and storable_text(key[1])]
    with database.reading():
        # Many at a time: between two statements this thread may have to wait for the others.
        for start in range(0, len(keys), _TOGETHER):
            part = keys[start : start + _TOGETHER]
            statement = _READ.format(",".join(["(?,?)"] * len(part)))
            for thread, run, digest, text, source, rules in database.rows(
                statement, [*chain.from_iterable(part)]
            ):
                if text is None or hiding.redact:
                    reason = Reason(REDACTED, safe_name(source), rules, bytes(digest).hex()[:64])
                else:
                    reason = Reason(safe_text(shorten(text, MAX_TEXT)), safe_name(source), rules)
                found[thread, run] = reason
    return found
