"""A module that is kept out is not there inside the block only, and one that is there already stays."""

import sys

import pytest

from flowtui.source.halted import halted


def test_it_cannot_be_imported_inside_and_can_after(monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with halted("this"), pytest.raises(ImportError):
        import this  # noqa: F401, PLC0415
    assert "this" not in sys.modules


def test_what_was_imported_before_stays():
    with halted("json"):
        import json  # noqa: PLC0415
    assert sys.modules["json"] is json


def test_an_error_inside_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError), halted("no_such_module"):
        _ = 1 / 0
    assert "no_such_module" not in sys.modules
