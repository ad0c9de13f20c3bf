"""For all tests: an interpreter that looks for garbage less often than a program should, and no home but their own."""

import atexit
import gc
import os
import shutil
import sys
import tempfile
import warnings
from itertools import count
from pathlib import Path

import pytest

from . import processes

# Thousands of small tests keep much alive (modules, hypothesis, the simulator): looking through it all again and
# again took a tenth of the time.
gc.set_threshold(300_000, 20, 50)

# To rewrite the asserts of all tests takes each worker ten seconds. Where Python may not keep what it compiles beside the
# sources, it is kept in pytest's own cache; workers are started later, and get this by their environment.
if sys.dont_write_bytecode and "PYTEST_XDIST_WORKER" not in os.environ:
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # it may be an option of Python
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

# The servers of the tests are on this machine: no proxy that somebody has in the environment is asked for them.
for _name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(_name, None)
    os.environ.pop(_name.upper(), None)

# Whatever a test starts, also through flowtui or a benchmark, has default signals: `nohup` and jobs of scripts ignore some.
processes.default_signals()

# No test reads or writes what the user who runs the tests has in the home directory: marks, views, crash reports, config.
_HOMES = Path(tempfile.mkdtemp(prefix="flowtui-tests-"))
atexit.register(shutil.rmtree, _HOMES, ignore_errors=True)
_NUMBER = count()
_FOLDERS = ("CONFIG", "STATE", "CACHE", "DATA")


def _home(set_variable):
    home = _HOMES / str(next(_NUMBER))  # its folders are made by whoever writes into them
    for name in _FOLDERS:
        set_variable(f"XDG_{name}_HOME", str(home / name.lower()))


os.environ["HOME"] = str(_HOMES)
_home(os.environ.__setitem__)  # for what is set up once for many tests


def pytest_configure(config):
    """Let hypothesis try the same examples each time: what fails here fails there.

    Plain pytest tries a quarter as many as the full check (see `examples.py`). `--hypothesis-profile=default` looks for new
    ones. Nothing is judged by how long an example took: a busy machine may stand still in any of them. The process that
    only hands tests to its workers needs no hypothesis.
    """
    if "PYTEST_XDIST_WORKER" in os.environ or config.getoption("dist", "no") == "no":
        from hypothesis import HealthCheck, settings  # noqa: PLC0415

        # Loaded by a thread at the first failure: tests with a clock of their own would not wait for it.
        import flowtui.model.reasons.folding  # noqa: F401, PLC0415

        settings.register_profile(
            "same",
            derandomize=True,
            deadline=None,
            max_examples=100 if os.environ.get("FLOWTUI_EXAMPLES") == "all" else 25,
            suppress_health_check=[HealthCheck.too_slow],
        )
        settings.load_profile("same")


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for no garbage among what all tests share: not while it is built up, and never after."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def _own_home(monkeypatch):
    _home(monkeypatch.setenv)


@pytest.fixture(autouse=True)
def _own_processes():
    before = processes.alive()  # of a module or of the whole session
    yield
    processes.end(processes.alive() - before)


@pytest.fixture(scope="module", autouse=True)
def _nothing_left_open():
    """In the full check, find files, sockets and databases that the tests of a module did not close."""
    yield
    if os.environ.get("FLOWTUI_EXAMPLES") == "all":
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always", ResourceWarning)
            gc.collect()
        assert not [str(each.message) for each in found if each.category is ResourceWarning]
