"""A server that answers with given bytes, for bodies that the simulator cannot send."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from .pipeline import Bodies

_ROUTES: Final = (
    (re.compile(r"/v1/threads/?"), "threads"),
    (re.compile(r"/v1/threads/[^/]+/runs/?"), "runs"),
    (re.compile(r"/v1/threads/[^/]+/runs/[^/]+/?"), "run"),
    (re.compile(r"/v1/threads/[^/]+/messages/?"), "messages"),
    (re.compile(r"/v1/observability/spans/?"), "spans"),
    (re.compile(r"/v2/flow/agents/?"), "agents"),
)


class BodiesServer(ThreadingHTTPServer):
    """Serves `bodies`, which may be changed at any time. Each list has one page."""

    daemon_threads = True

    def __init__(self, bodies: Bodies) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies = bodies

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def body(self, path: str) -> bytes:
        """Return the body with which a request for this path and query is answered."""
        place, _, query = path.partition("?")
        offset = re.search(r"\boffset=(\d+)", query)
        name = next((name for pattern, name in _ROUTES if pattern.fullmatch(place)), None)
        if name is None or (offset is not None and int(offset[1]) > 0):
            return b"[]"
        found: bytes = getattr(self.bodies, name)
        return found


class _Handler(BaseHTTPRequestHandler):
    server: BodiesServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = self.server.body(self.path)
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.do_GET()

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""


@contextmanager
def serving(bodies: Bodies) -> Iterator[BodiesServer]:
    """Serve bodies until the end of the block."""
    with BodiesServer(bodies) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
