"""Where the runs come from and whether anything may be done to them, as the head says it. Knows settings, never a connection."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flowtui.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Place:
    """The profile's name and the host. `actions`: flowtui may change something there; `redacted`: what is private is hidden."""

    profile: str
    host: str
    actions: bool = False
    redacted: bool = False


def place_of(settings: Settings) -> Place:
    """Return what the head says of where the runs come from."""
    return Place(
        settings.profile, urlsplit(settings.base_url).netloc, settings.allow_actions, settings.redact
    )
