"""A module that is blocked cannot be imported inside the block; afterwards it can. Missing modules are searched once."""

import sys

import pytest

from flowtui.source.http.import_guard import import_blocked, skip_missing_module


def test_a_blocked_module_can_be_imported_after_the_block(monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with import_blocked("this"), pytest.raises(ImportError):
        import this  # noqa: F401, PLC0415
    assert "this" not in sys.modules


def test_blocking_a_module_that_is_imported_already_has_no_effect():
    with import_blocked("json"):
        import json  # noqa: PLC0415
    assert sys.modules["json"] is json


def test_an_error_in_the_block_ends_the_blocking():
    with pytest.raises(ZeroDivisionError), import_blocked("no_such_module"):
        _ = 1 / 0
    assert "no_such_module" not in sys.modules


def test_a_missing_module_is_searched_once(monkeypatch):
    asked = []

    class Finder:
        @staticmethod
        def find_spec(name, _path=None, _target=None):
            asked.append(name)

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    try:
        skip_missing_module("no_such_module")
        for _ in range(3):
            with pytest.raises(ImportError):
                import no_such_module  # noqa: F401, PLC0415
    finally:
        sys.modules.pop("no_such_module", None)
    assert asked == ["no_such_module"]


def test_an_installed_module_is_not_skipped(monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)
    skip_missing_module("this")
    assert "this" not in sys.modules
