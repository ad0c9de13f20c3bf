"""The private names of Textual that flowtui uses, and why. All of them are used in this package alone.

A release of Textual may change them without notice. A test fails with the name if the installed Textual has one no more,
and if the code uses one that is not in this list. "#1" is an issue or pull request of Textualize/textual.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PRIVATE_NAMES: Final[Mapping[str, str]] = {
    "textual._ansi_sequences.ANSI_SEQUENCES_KEYS": "says which sequences of escape and a letter are one key",
    "textual._compositor.ChopsUpdate": "writes each line from the left edge of the changed widget (#5625)",
    "textual._compositor.Compositor._dirty_regions": "the changes of a screen below a dialog, never emptied (#6307)",
    "textual._context.visible_screen_stack": "makes the lower of two dialogs opaque",
    "textual._xterm_parser.XTermParser": "the parser of keys; no other can be given to the driver",
    "textual._xterm_parser.XTermParser._sequence_to_key_events": "reads escape and a key as alt and the key (#6663)",
    "textual.app.App._background_screens": "the screens in sight below a dialog; for Textual also one that is covered",
    "textual.app.App._batch_count": "says whether `_display` writes anything",
    "textual.app.App._close_messages_no_wait": "ends the application after a crash, without printing the error",
    "textual.app.App._display": "writes a frame; the only place to make it smaller, and to know when it is written",
    "textual.app.App._driver": "writes to the terminal",
    "textual.app.App._fatal_error": "prints local variables after a crash",
    "textual.app.App._handle_exception": "takes a missing widget for a crash even during the shutdown (#4817)",
    "textual.app.App._shutdown": "the start and the end of the shutdown; between them nothing may be drawn",
    "textual.drivers.linux_driver.LinuxDriver._file": "the output; replaced by one that survives a lost terminal",
    "textual.drivers.linux_driver.LinuxDriver._in_band_window_resize": "the terminal reports its size by itself",
    "textual.drivers.linux_driver.LinuxDriver._writer_thread": "blocks the event loop once it has ended (#6692)",
    "textual.screen.Screen._compositor": "holds the changes of a screen",
    "textual.screen.Screen._compositor_refresh": "repaints a whole screen below a dialog for each change (#6307)",
    "textual.screen.Screen._refresh_layout": "only scrolls if a layout is due as well",
    "textual.widget.Widget._layout_required": "says whether a layout is due",
    "textual.widget.Widget._border_subtitle": "the public setter repaints the whole frame",
    "textual.widget.Widget._border_title": "the public setter repaints the whole frame",
    "textual.widget.Widget._set_dirty": "adds changed regions; `refresh` would drop others that wait",
}
"""Where Textual has the name → why flowtui uses or overrides it."""
