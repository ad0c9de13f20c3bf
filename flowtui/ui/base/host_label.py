"""The label of a server in all headers: profile, host, and whether runs may be cancelled. Needs no connection."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flowtui.config.settings import Settings
from flowtui.ui.paint.ink import Span


@dataclass(frozen=True, slots=True)
class HostLabel:
    """The profile's name and the host. `actions`: runs may be cancelled there; `redacted`: private texts are hidden."""

    profile: str
    host: str
    actions: bool = False
    redacted: bool = False

    @property
    def brand(self) -> list[Span]:
        """The start of every header: the name of the program, and the profile."""
        return [Span(" flowtui ", "badge"), Span(f" {self.profile}", "strong")]

    @property
    def host_spans(self) -> list[Span]:
        """The host, as text for a header."""
        return [Span(f" {self.host}", "dim")]

    @property
    def rights(self) -> list[Span]:
        """`actions` if flowtui may cancel runs, else `read-only`."""
        return [Span("  actions", "warn") if self.actions else Span("  read-only", "dim")]

    @property
    def redaction(self) -> list[Span]:
        """`redacted` if private texts are hidden, else nothing."""
        return [Span("  redacted", "warn")] if self.redacted else []

    @property
    def spans(self) -> list[Span]:
        """All parts, for a header with room for them."""
        return [*self.brand, *self.host_spans, *self.rights, *self.redaction]


def host_label_of(settings: Settings) -> HostLabel:
    """Return the label of the server to which these settings connect."""
    return HostLabel(
        settings.profile, urlsplit(settings.base_url).netloc, settings.allow_actions, settings.redact
    )
