"""Copying over ssh: OSC 52 through the terminal, wrapped for tmux. Pure; says truthfully what may have happened.

What is copied is pasted somewhere, often into a shell: no control character gets that far but tabs and line breaks.
"""

from __future__ import annotations

import base64
from typing import Final

from flowtui.text import safe_text

MAX_BYTES: Final = 74_994
"""What most terminals take in one OSC 52 sequence: 100,000 characters of base64, less the sequence itself."""


def sequence(text: str, *, tmux: bool) -> str | None:
    """Return what to write to the terminal to copy `text`, display-safe; None where it is too long for that.

    Tabs and line breaks stay: text of one line must come without them. tmux passes on only what is wrapped for it,
    with every escape doubled.
    """
    safe = "\n".join("\t".join(map(safe_text, line.split("\t"))) for line in text.split("\n"))
    data = safe.encode()
    if len(data) > MAX_BYTES:
        return None
    osc = f"\x1b]52;c;{base64.b64encode(data).decode('ascii')}\x07"
    if tmux:
        doubled = osc.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return osc
