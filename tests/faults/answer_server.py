"""A server with one thread of three runs whose private texts begin with PRIVATE; tests may give it other answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs

THREAD = "thr_1"
FAILED, BEFORE, OTHER = "run_1", "run_2", "run_3"
CREATED = 1_793_990_000


def _at(seconds: float) -> float:
    return CREATED + seconds


def run(run_id: str, status: str, since: float, label: str) -> dict[str, Any]:
    """Return a run. Runs with different labels have different configurations."""
    return {
        "id": run_id,
        "object": "thread.run",
        "created_at": _at(since),
        "started_at": _at(since + 2),
        f"{status}_at": _at(since + 30),
        "agent_id": "agent_1",
        "thread_id": THREAD,
        "status": status,
        "model": "llama-3",
        "instructions": f"PRIVATE-instructions {label}",
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "crm_lookup",
                    "description": f"PRIVATE-tool {label}",
                    "parameters": {"PRIVATE-parameter": {"type": "PRIVATE-kind"}},
                },
            },
            "PRIVATE-nameless",
        ],
        "meta_data": {"env": f"PRIVATE-env-{label}", "PRIVATE-key": 1},
        "response_format": {"type": "json_schema", "json_schema": {"name": f"PRIVATE-format {label}"}},
        "tool_choice": {"type": "function", "function": {"name": "crm_lookup", "x": "PRIVATE-choice"}},
        "truncation_strategy": {"type": "last_messages", "last_messages": 7, "why": "PRIVATE-truncation"},
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18, "x": "PRIVATE-usage"},
        "temperature": 0.25,
        "top_p": 1,
        "parallel_tool_calls": True,
        "last_error": {"message": "PRIVATE-field-of-tomorrow"},
    }


RUNS = [
    run(FAILED, "failed", 100, "one"),
    run(BEFORE, "completed", 50, "two"),
    run(OTHER, "completed", 0, "two"),
]
MESSAGES = [
    {
        "id": "msg_2",
        "role": "assistant",
        "run_id": FAILED,
        "created_at": _at(120),
        "meta_data": {"x": "PRIVATE-message-label"},
        "content": "",
        "parts": [
            {"type": "text", "text": "PRIVATE-answer"},
            {"type": "reasoning", "text": "PRIVATE-thought"},
            {
                "type": "tool-call",
                "tool_name": "crm_lookup",
                "tool_call_id": "c1",
                "args": {"q": "PRIVATE-asked"},
            },
            {
                "type": "tool-result",
                "tool_name": "crm_lookup",
                "tool_call_id": "c1",
                "output": "PRIVATE-result",
            },
            {
                "type": "tool-error",
                "tool_name": "crm_lookup",
                "tool_call_id": "c2",
                "error_text": "PRIVATE-error 502",
            },
            {"type": "file", "filename": "PRIVATE-file.pdf", "file_id": "PRIVATE-file-id"},
            {"type": "data", "data_type": "PRIVATE-data-type", "data": {"a": "PRIVATE-data"}},
            {"type": "PRIVATE-novelty", "x": "PRIVATE-part-of-tomorrow"},
        ],
    },
    {
        "id": "msg_1",
        "role": "user",
        "run_id": FAILED,
        "created_at": _at(101),
        "content": [{"type": "text", "text": "PRIVATE-question"}],
    },
]
SPANS = [
    {
        "run_id": FAILED,
        "span_id": "s2",
        "parent_span_id": "s1",
        "span_name": "running tool crm_lookup",
        "start_timestamp": _at(110),
        "end_timestamp": _at(111),
        "is_exception": True,
        "exception_type": "HTTPError",
        "message": "PRIVATE-exception 502",
        "thread_id": THREAD,
        "group": "PRIVATE-group",
        "seekr_metadata": {"x": "PRIVATE-span-label"},
    },
    {
        "run_id": FAILED,
        "span_id": "s1",
        "span_name": "agent run",
        "start_timestamp": _at(102),
        "end_timestamp": _at(130),
        "message": "agent run",
    },
]
THREADS = [
    {
        "id": THREAD,
        "object": "thread",
        "created_at": _at(0),
        "status": "available",
        "active_run_id": None,
        "meta_data": {"x": "PRIVATE-thread-label"},
    }
]

Answer = tuple[int, dict[str, str], Any]
"""Status, headers and body; a body that is not bytes is sent as JSON."""


def api_answer(path: str, _key: str) -> Answer:
    """Return the API's answer for a path."""
    place, _, query = path.partition("?")
    offset = int(parse_qs(query).get("offset", ["0"])[0])
    bodies: dict[str, Any] = {
        "/v1/threads": THREADS[offset:],
        f"/v1/threads/{THREAD}": THREADS[0],
        f"/v1/threads/{THREAD}/runs": RUNS[offset:],
        f"/v1/threads/{THREAD}/messages": MESSAGES[offset:],
        "/v2/flow/agents/": {"data": [{"id": "agent_1", "name": "checkout"}]},
        "/v1/observability/spans": SPANS,
    }
    bodies |= {f"/v1/threads/{THREAD}/runs/{each['id']}": each for each in RUNS}
    return (200, {}, bodies[place]) if place in bodies else (404, {}, {"detail": "no such thing"})


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Ignore clients that disconnect."""


class AnswerServer:
    """The server. `answer(path, key)` returns the answer to each request."""

    def __init__(self, answer: Callable[[str, str], Answer] = api_answer) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = (
                True  # headers and body are two packets; the second one would wait for 40 ms
            )

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, body = answer(self.path, self.headers.get("Authorization", ""))
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET  # noqa: N815  the library's name

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
