"""Tables are brought to the newest version forward only, each version in one transaction."""

from __future__ import annotations

from contextlib import closing

import pytest

from flowtui.store import migrations
from flowtui.store.faults import RefusedError
from flowtui.store.migrations import check_version, migrate, version_of
from flowtui.store.sqlite import Database


@pytest.fixture
def database():
    with closing(Database.in_memory()) as database:
        yield database


def _next_version(monkeypatch, step):
    monkeypatch.setattr(migrations, "VERSION", 2)
    monkeypatch.setattr(migrations, "_STEPS", (*migrations._STEPS, step))


def _step(database):
    database.run("ALTER TABLE mark ADD COLUMN note TEXT")
    database.run("UPDATE scope SET writer='next'")


def test_a_file_of_the_version_before_is_migrated_once(database, monkeypatch):
    assert migrate(database)
    assert not migrate(database)
    _next_version(monkeypatch, _step)
    monkeypatch.setattr(migrations, "check_tables", lambda _: None)
    with pytest.raises(RefusedError, match="an older flowtui wrote it"):
        check_version(database)
    assert not migrate(database)
    assert version_of(database) == 2
    assert database.rows("SELECT note FROM mark") == []
    assert not migrate(database)


def test_a_migration_that_fails_changes_nothing(database, monkeypatch):
    migrate(database)
    before = database.rows("SELECT * FROM sqlite_schema")

    def broken(database):
        _step(database)
        database.run("ALTER TABLE missing ADD COLUMN x")

    _next_version(monkeypatch, broken)
    with pytest.raises(migrations.DamagedError):
        migrate(database)
    assert version_of(database) == 1
    assert database.rows("SELECT * FROM sqlite_schema") == before
