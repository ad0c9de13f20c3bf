"""The tables of the history, as statements that make them. All times are UTC epoch seconds, exactly the floats of the model.

`run.class` is the place of a status class in `STATUS_CLASSES`. Texts that repeat are kept once, in `word`: ids of agents,
statuses, models, fingerprints. `rev` counts the writes.
"""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x666C6F77
"""Says in the header of an SQLite file that it is flowtui's ("flow")."""

VERSION: Final = 1
"""The newest version of the tables, see `migrations`."""

IS_ACTIVE: Final = 1
"""Flag of a run: the API's field `is_active`."""
NOT_SEEN: Final = 2
"""Flag of a run: a later answer should have shown it and did not."""
WENT_BACK: Final = 4
"""Flag of a run: its status once went backwards."""
TOKENS_FELL: Final = 16
"""Flag of a run: see `Trail.tokens_fell`."""
NO_ROW: Final = 32
"""Flag of a run: it is no row of its thread (any more), such as a dropped placeholder, of which the trail is kept."""

PLACE_STEP: Final = 1024
"""The distance of neighbours in `run.place`, so that others fit between them."""

QUARTER: Final = 900.0
"""The seconds of one entry of the table `hour`."""

V1: Final = (
    """CREATE TABLE scope(one INTEGER PRIMARY KEY CHECK(one=1), profile TEXT NOT NULL, base_url TEXT NOT NULL,
    made REAL NOT NULL, writer TEXT NOT NULL,
    forgotten REAL, -- runs that ended before this time are gone, and are not stored again
    checked REAL) STRICT -- when the file was last searched for damage""",
    """CREATE TABLE leader(one INTEGER PRIMARY KEY CHECK(one=1), term INTEGER NOT NULL, rev INTEGER NOT NULL,
    holder TEXT NOT NULL, beat REAL NOT NULL) STRICT""",
    "INSERT INTO leader VALUES(1,0,0,'',0.0)",
    "CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT",
    """CREATE TABLE agent(id INTEGER PRIMARY KEY REFERENCES word, name TEXT, deployed REAL, at REAL NOT NULL) STRICT""",
    """CREATE TABLE thread(id INTEGER PRIMARY KEY, raw_id TEXT NOT NULL UNIQUE,
    status INTEGER, -- NULL: the list of threads has not shown it
    active_run TEXT, created REAL, thread_at REAL, observed REAL, orphaned REAL, whole INTEGER NOT NULL,
    unreadable TEXT, interval REAL NOT NULL,
    newest REAL, -- when its newest run was created
    low INTEGER NOT NULL, high INTEGER NOT NULL, -- the first and the last place of its runs
    trails INTEGER NOT NULL, -- the last `nth` of its runs
    cut INTEGER NOT NULL DEFAULT 0, -- whether runs of it were removed, so that it is not whole whatever `whole` says
    rev INTEGER NOT NULL) STRICT""",
    """CREATE TABLE run(id INTEGER PRIMARY KEY, thread INTEGER NOT NULL REFERENCES thread, raw_id TEXT NOT NULL,
    place INTEGER NOT NULL, -- the order of ThreadState.runs, the oldest first: times alone cannot tell it
    agent INTEGER NOT NULL, status INTEGER NOT NULL, class INTEGER NOT NULL, model INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    created REAL, started REAL, expires REAL, cancelled REAL, failed REAL, completed REAL,
    prompt INTEGER, completion INTEGER, total INTEGER, unreadable TEXT, config INTEGER,
    ended REAL, -- Run.ended
    first_seen REAL, -- the observation that showed it first; NULL: the one of `at`
    at REAL NOT NULL, -- the observation that showed its last change
    rev INTEGER NOT NULL,
    nth INTEGER, -- of its trail: what changed last has the greatest; NULL: it has none
    trail_first REAL, trail_changed REAL, trail_moves INTEGER, -- how many of its last moves belong to the trail
    UNIQUE(thread, raw_id)) STRICT""",
    "CREATE INDEX run_created ON run(created)",
    # with the agent, so that the runs of one are found without reading the rows of all
    "CREATE INDEX run_ended ON run(ended, agent) WHERE ended IS NOT NULL",
    "CREATE INDEX run_active ON run(created) WHERE class IN (0, 1)",
    "CREATE INDEX run_failed ON run(ended) WHERE class=3 AND ended IS NOT NULL",
    "CREATE INDEX run_undated ON run(created) WHERE ended IS NULL AND class>1",
    """CREATE TABLE move(id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    at REAL NOT NULL, since REAL, before INTEGER NOT NULL, after INTEGER NOT NULL) STRICT""",
    "CREATE INDEX move_run ON move(run)",
    "CREATE INDEX move_at ON move(at)",
    """CREATE TABLE reason(id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE,
    text TEXT, -- NULL: hidden by --redact
    source TEXT NOT NULL, rules INTEGER NOT NULL, first REAL NOT NULL) STRICT""",
    """CREATE TABLE failure(run INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,
    reason INTEGER NOT NULL REFERENCES reason) STRICT""",
    "CREATE INDEX failure_reason ON failure(reason)",
    """CREATE TABLE hour(hour INTEGER NOT NULL, agent INTEGER NOT NULL, class INTEGER NOT NULL, n INTEGER NOT NULL,
    prompt INTEGER, completion INTEGER, total INTEGER, busy REAL NOT NULL, timed INTEGER NOT NULL,
    PRIMARY KEY(agent, class, hour)) STRICT, WITHOUT ROWID -- ended runs by the quarter hour of their end""",
    """CREATE TABLE watched(id INTEGER PRIMARY KEY, since REAL NOT NULL, until REAL NOT NULL, how TEXT NOT NULL,
    why TEXT NOT NULL, threads INTEGER, complete REAL) STRICT""",
    "CREATE INDEX watched_until ON watched(until)",
    "CREATE TABLE mark(name TEXT PRIMARY KEY, at REAL NOT NULL, made REAL NOT NULL) STRICT",
)
"""The statements that make version 1."""
