"""Which parts of the text of a running run are drawn: those that its messages do not show yet. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from flowtui.model.messages.conversation import Conversation
from flowtui.model.messages.live_part import MAX_ID, TOOL, LivePart
from flowtui.model.messages.live_text import LiveText
from flowtui.model.messages.opened import Loaded
from flowtui.model.messages.parts import TOOL_CALL, TOOL_ERROR, TOOL_RESULT
from flowtui.model.run.row import Run


@dataclass(frozen=True, slots=True)
class _Messages:
    """What the messages of a run show: the texts by kind, and the raw ids of the tool calls and of those with a result."""

    texts: tuple[tuple[str, str], ...] = ()
    calls: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()

    def show(self, part: LivePart) -> bool:
        """Whether a message shows the part. A text counts only once it is complete; its beginning may be missing here.

        Of a nested agent messages show the result only.
        """
        if part.root and part.root in self.returned:
            return True
        if part.kind == TOOL:
            return part.call in self.calls
        text = "\n".join(part.lines).strip()
        return part.done and any(kind == part.kind and known.endswith(text) for kind, known in self.texts)


def unseen(live: LiveText, run: Run, loaded: Loaded[Conversation]) -> LiveText | None:
    """Return what of `live` the messages of the run do not show; None if there is nothing to draw.

    After the run has ended, nothing is drawn once its messages were read again: then they are what the run has said.
    """
    if not run.active and loaded.at is not None and loaded.at >= live.at:
        return None
    shown = _of(loaded.value) if loaded.value is not None else _Messages()
    rest = live._replace(parts=tuple(part for part in live.parts if not shown.show(part)))
    told = rest.parts or rest.error or rest.unreadable or rest.unknown
    return rest if told else None


def _of(conversation: Conversation) -> _Messages:
    parts = [part for message in conversation.messages for part in message.parts]
    return _Messages(
        tuple((part.kind, "\n".join(part.lines).strip()) for part in parts if part.kind != TOOL_CALL),
        frozenset(part.call[:MAX_ID] for part in parts if part.kind == TOOL_CALL and part.call),
        frozenset(
            part.call[:MAX_ID] for part in parts if part.kind in (TOOL_RESULT, TOOL_ERROR) and part.call
        ),
    )
