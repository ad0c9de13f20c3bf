"""The simulator in the foreground, as in `flowtui simulate`: it prints one line and runs until a signal."""

import signal
import sys

import httpx
import pytest

from flowtui.simulator import server

from .. import processes

PROGRAM = """
import sys
from flowtui.simulator.server import serve_forever
sys.exit(serve_forever(port=0, seed=3, threads=2, runs=5, faults=["no-ray"], key="k"))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_line_is_the_url_and_a_signal_ends_it_without_output(number, code):
    with processes.Process(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        stdout=processes.PIPE,
        stderr=processes.PIPE,
        text=True,
    ) as process:
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        answer = httpx.get(f"{url}/v1/threads", headers={"Authorization": "k"}, timeout=30)
        assert len(answer.json()) == 2
        process.send_signal(number)
        out, err = process.communicate()
        assert (process.returncode, out, err) == (code, "", "")


def test_a_port_in_use_is_an_error_without_traceback(simulator):
    with pytest.raises(server.UsageError, match="--port 0"):
        server.serve_forever(port=int(simulator.url.rpartition(":")[2]))
