"""The environment of a session: an empty home folder, and an API key that must not be written anywhere."""

from __future__ import annotations

import base64
import os
import re
import sys
from pathlib import Path

KEY = "sk-planted-5f1c9e70b3d24a68"
"""The API key of each session. Only the environment holds it, so anywhere else it is a leak."""

_ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.")
_CLIPBOARD = re.compile(rb"\x1b\]52;[^;]*;([A-Za-z0-9+/=]*)")
_ROOT = Path(__file__).resolve().parents[2]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a new user whose folders are under `home`, such as `home/STATE`; `more` is added."""
    inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    homes = {f"XDG_{name}_HOME": str(home / name) for name in ("STATE", "CONFIG", "CACHE", "DATA")}
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "HOME": str(home), "PYTHONPATH": path}
    return {**inherited, **homes, **terminal, **more}


def dashboard(url: str, *more: str) -> list[str]:
    """Return the command that starts the dashboard on the server at `url`."""
    return [sys.executable, "-m", "flowtui", "--base-url", url, *more]


def leaks(raw: bytes, home: Path) -> list[str]:
    """Return where the API key was written: to the terminal, the clipboard (OSC 52), or a file under `home`.

    `raw` is all that the process wrote to the terminal.
    """
    found = []
    key = KEY.encode()
    if key in raw or key in _ESCAPES.sub(b"", raw):
        found.append("on the terminal")
    for sent in _CLIPBOARD.findall(raw):
        if key in base64.b64decode(sent + b"=" * (-len(sent) % 4)):
            found.append("in the clipboard")
            break
    files = sorted(path for path in home.rglob("*") if path.is_file())
    named = [path for path in files if key in path.read_bytes() or KEY in path.name]
    return [*found, *(f"in {path.relative_to(home)}" for path in named)]
