"""Time from the start of `flowtui watch` to its first request, against a bare script with one request.

python -m benchmarks.watch_start [--rounds 21]

The bare script imports httpx and pydantic, defines one model and does one GET. Both run as whole processes, with
their bytecode compiled, against the same server on loopback.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.pairs import Pair, pair, run_benchmark

ROOT = Path(__file__).resolve().parents[1]
# The script that pip writes for the entry point.
OURS = """\
import sys
from flowtui.cli import main
if __name__ == "__main__":
    sys.exit(main())
"""
# Without loading certificates: plain http does not need them, and flowtui does not load them either.
BARE = """\
import sys
import httpx
from pydantic import BaseModel


class Run(BaseModel):
    id: str
    status: str | None = None
    created_at: str | None = None
    total_tokens: int | None = None


with httpx.Client(verify=False, trust_env=False) as client:
    response = client.get(sys.argv[1] + "/v1/threads/thr_a/runs?limit=20", headers={"Authorization": "any"})
sys.exit(response.status_code != 401)
"""
REFUSAL = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class RefusingServer:
    """A server that records the time of the first request and answers 401, which ends both sides at once."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.received: list[float] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if connection.recv(65536):
                    self.received.append(time.perf_counter())
                    connection.sendall(REFUSAL)

    def wait_for(self, words: list[str], environ: dict[str, str]) -> float:
        """Return the milliseconds from the start of a process to its first request."""
        self.received.clear()
        nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
        began = time.perf_counter()
        pid = os.posix_spawn(words[0], words, environ, file_actions=nowhere)
        os.waitpid(pid, 0)
        return 1000 * (self.received[0] - began)


def measure(rounds: int) -> list[Pair]:
    door = RefusingServer()
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = Path(folder) / "flowtui", Path(folder) / "bare"
        ours.write_text(OURS)
        bare.write_text(BARE)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environ |= {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": folder, "FLOWTUI_CONFIG": ""}
        environ |= {"SEEKR_API_KEY": "any", "SEEKR_BASE_URL": door.url}
        watch = [sys.executable, str(ours), "watch", "thr_a", "-o", "none"]
        script = [sys.executable, str(bare), door.url]
        for _ in range(3):  # bytecode, disk
            door.wait_for(watch, environ)
            door.wait_for(script, environ)
        turns = [(door.wait_for(watch, environ), door.wait_for(script, environ)) for _ in range(rounds)]
    return [pair("`watch`, start to first request", "bare script with httpx and pydantic", "ms", turns, 1.3)]


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=21)
