"""Addresses are stored in one form."""

from __future__ import annotations

import pytest

from flowtui.config.memory.addresses import address_of

PROD = "https://flow.seekr.com"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://Flow.Seekr.COM", PROD),
        ("https://flow.seekr.com:443", PROD),
        ("https://flow.seekr.com/", PROD),
        ("https://flow.seekr.com:8443/api", "https://flow.seekr.com:8443/api"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8765", "http://[::1]:8765"),
        ("https://flow.seekr.com/Eu", "https://flow.seekr.com/Eu"),
    ],
)
def test_addresses_are_normalised(written, address):
    assert address_of(written) == address
