"""A terminal that goes away without a signal takes the application with it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 25.0


def test_it_ends_when_its_terminal_is_gone(tmp_path):
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "flowtui", "demo"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,  # without a controlling terminal there is no SIGHUP
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
        },
    )
    os.close(slave)
    try:
        seen = b""
        while b"Runs" not in seen:
            assert select.select([master], [], [], PATIENCE)[0]
            seen += os.read(master, 65536)
        os.close(master)
        assert process.wait(PATIENCE) == 129
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
