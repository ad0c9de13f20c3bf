"""`flowtui stats` over a server with each fault: no crash, no control character, and a true exit code."""

import json

import pytest

from flowtui.simulator.faults import FAULTS

from ..test_faults_one_shot import FATAL, FLAGGED, printable

SOME = [*sorted(FATAL)[::3], *sorted(FLAGGED)[::2], *sorted(name for name in FAULTS if "text" in name)[::4]]


@pytest.mark.slow
@pytest.mark.parametrize("fault", SOME)
def test_each_fault_has_its_exit_code(fault, flowtui, simulator):
    simulator.add_fault(fault)
    code = flowtui("stats", "--since", "9000h", "--by", "model", "-o", "json")
    assert code == (3 if fault in FATAL else 0), flowtui.err
    assert printable(flowtui.out + flowtui.err)
    if flowtui.out:
        found = json.loads(flowtui.out)
        assert found["whole"] == (code == 0)
        assert found["all"]["runs"] == sum(group["runs"] for group in found["groups"])
    else:
        assert code == 3
