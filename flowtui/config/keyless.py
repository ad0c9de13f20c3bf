"""The environment that other programs get from flowtui: without the variables that hold the key. Reads none itself."""

from __future__ import annotations

from collections.abc import Mapping


def keyless(environ: Mapping[str, str], key: str, *names: str) -> dict[str, str]:
    """Return an environment without the variables that hold `key` ("": none is known), and without those named for one."""
    hidden = {"SEEKR_API_KEY", *names}
    return {
        name: value for name, value in environ.items() if name not in hidden and not (key and key in value)
    }
