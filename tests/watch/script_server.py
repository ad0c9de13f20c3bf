"""A small SeekrFlow server over real HTTP whose threads the test sets, for cases that the simulator lacks."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class ScriptServer:
    """Serves `threads`: id -> runs, newest first. Each request for the list of threads calls the next one of `steps`.

    `clock` returns the time for the dates of runs.
    """

    def __init__(self, steps=(), clock=time.time):
        self.clock = clock
        self.threads = {}
        self.steps = list(steps)
        self.paths = []
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"script": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self._server.shutdown()
        self._server.server_close()

    def put(self, thread, run, status, agent="agent_a"):
        now = datetime.fromtimestamp(self.clock(), UTC).isoformat()
        raw = {"id": run, "status": status, "agent_id": agent, "model": "m", "created_at": now}
        raw["is_active"] = status in ("queued", "running")
        if status == "completed":
            raw |= {"started_at": now, "completed_at": now}
        rest = [known for known in self.threads.get(thread, []) if known["id"] != run]
        self.threads[thread] = [raw, *rest]

    def answer(self, path, query):
        limit, offset = int(query.get("limit", ["20"])[0]), int(query.get("offset", ["0"])[0])
        self.paths.append(f"{path} {offset}")
        if path.endswith("/agents/"):
            return {"data": [{"id": "agent_a", "name": "checkout"}]}
        if path == "/v1/observability/spans":
            return []
        if path == "/v1/threads":
            with self._lock:
                if self.steps and offset == 0:
                    self.steps.pop(0)(self)
            rows = [self._thread_row(key) for key in reversed(self.threads)]
            return rows[offset:][:limit]
        return self.threads.get(path.split("/")[3], [])[offset:][:limit]

    def _thread_row(self, key):
        held = next((raw["id"] for raw in self.threads[key] if raw["is_active"]), None)
        return {"id": key, "status": "locked" if held else "available", "active_run_id": held}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: ScriptServer

    def do_GET(self):
        length = int(self.headers.get("content-length") or 0)
        self.rfile.read(length)
        parts = urlsplit(self.path)
        body = json.dumps(self.script.answer(parts.path, parse_qs(parts.query))).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  the name is the server's

    def date_time_string(self, timestamp=None):
        return super().date_time_string(self.script.clock() if timestamp is None else timestamp)

    def log_message(self, *_words):
        pass
