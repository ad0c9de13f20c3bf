import httpx
import pytest

from flowtui.simulator.server import Simulator

from ..id_styles import ids_for

BEGIN = 1_800_000_000.0


class Clock:
    """A clock that moves only when a test sets it."""

    def __init__(self):
        self.now = BEGIN

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def simulator(clock, request):
    with Simulator(clock=clock, key="k", runs=60, ids=ids_for(request.node.nodeid)) as running:
        yield running


@pytest.fixture
def api(simulator):
    # Without TLS there is nothing to verify, and to read all certificates takes longer than most tests.
    with httpx.Client(
        base_url=simulator.url, headers={"Authorization": "k"}, timeout=30, verify=False
    ) as client:
        yield client
