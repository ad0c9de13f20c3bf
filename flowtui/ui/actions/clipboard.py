"""Makes the OSC 52 sequence that copies text through the terminal, also over ssh and in tmux. Pure.

Copied text is often pasted into a shell, so its control characters are removed, except tabs and line breaks.
"""

from __future__ import annotations

import base64
from typing import Final

from flowtui.text import safe_text

MAX_BYTES: Final = 74_994
"""The most bytes of text that can be copied: in base64 they are 100,000 characters, the limit of common terminals."""


def sequence(text: str, *, tmux: bool) -> str | None:
    """Return the sequence that copies `text`; None if the text is too long.

    The text is made display-safe, but tabs and line breaks are kept. `tmux`: wrap the sequence for tmux and double every
    escape in it, as tmux passes no other sequences to the terminal.
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
