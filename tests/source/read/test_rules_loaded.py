"""The rules of reasons are loaded by a thread, so that the first failure does not block the event loop."""

from __future__ import annotations

import sys

from ... import processes

_CODE = """
import asyncio, sys, threading
from flowtui.source.read.tracing import fetch_why

loaded_by = []
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "flowtui.model.reasons.folding":
            loaded_by.append(threading.current_thread() is threading.main_thread())
        return None
sys.meta_path.insert(0, Finder())

class Feed:
    async def fetch_spans(self, key):
        return [{"is_exception": True, "message": "crm 502: bad gateway", "run_id": "r"}]
    async def fetch_messages(self, key):
        return []

async def both():
    return [await fetch_why(Feed(), ("t", "r")) for _ in range(2)]

found = asyncio.run(both())
print(loaded_by, [each.folded.text for each in found])
"""


def test_a_thread_loads_the_rules_once():
    done = processes.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True)
    assert done.stdout == "[False] ['crm 502: bad gateway', 'crm 502: bad gateway']\n"
