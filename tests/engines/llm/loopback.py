"""A server on loopback that speaks the OpenAI protocol, answers by script and can fail in every way; keeps a history."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Handler", dict[str, Any]], None]
"""Writes the answer to a request whose body was read."""


@dataclass
class Call:
    """One request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    raw: str
    at: float


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the next reply of the script."""

    server: "LoopbackServer"
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet: two would wait for each other (Nagle, delayed ACK)
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        body = json.loads(raw)
        with self.server.lock:
            self.server.calls.append(Call(self.path, dict(self.headers), body, raw, time.monotonic()))
            reply = self.server.script.pop(0) if self.server.script else self.server.otherwise
            self.server.under_way += 1
            self.server.most_under_way = max(self.server.most_under_way, self.server.under_way)
        try:
            reply(self, body)
        except (BrokenPipeError, ConnectionResetError):  # the client gave up, as a test wants
            self.close_connection = True
        finally:
            with self.server.lock:
                self.server.under_way -= 1

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def write(
        self, status: int, content: str, headers: dict[str, str] | None = None, kind: str = "application/json"
    ) -> None:
        data = content.encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@dataclass
class LoopbackServer(ThreadingHTTPServer):
    """The server. Use it as a context manager."""

    script: list[Reply] = field(default_factory=list)
    otherwise: Reply = lambda handler, body: says("{}")(handler, body)
    calls: list[Call] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)
        self.daemon_threads = True
        self.block_on_close = False

    request_queue_size = 256

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def __enter__(self) -> "LoopbackServer":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """Say nothing: broken connections are part of the script."""


def completion(content: Any, finish: str = "stop", usage: Any = "default", **message: Any) -> dict[str, Any]:
    """Return the body of an answer."""
    text = content if isinstance(content, str | list) or content is None else json.dumps(content)
    body: dict[str, Any] = {
        "id": "x", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}],
    }  # fmt: skip
    if usage == "default":
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    if usage is not None:
        body["usage"] = usage
    return body


def says(content: Any, delay: float = 0.0, **options: Any) -> Reply:
    """Answer with this content: a string as it is, anything else as JSON."""

    def reply(handler: Handler, body: dict[str, Any]) -> None:
        time.sleep(delay)
        handler.write(200, json.dumps(completion(content, **options)))

    return reply


def fails(status: int, message: str = "no", code: str | None = None, **headers: str) -> Reply:
    """Answer with an error as OpenAI writes it."""

    def reply(handler: Handler, body: dict[str, Any]) -> None:
        error = {"error": {"message": message, "type": "error", "param": None, "code": code}}
        handler.write(status, json.dumps(error), {n.replace("_", "-"): v for n, v in headers.items()})

    return reply


def raw(status: int, content: str, kind: str = "text/html") -> Reply:
    """Answer with these very words."""
    return lambda handler, body: handler.write(status, content, kind=kind)


def hangs(seconds: float) -> Reply:
    """Keep the caller waiting, then answer."""
    return says({}, delay=seconds)


def breaks_off(handler: Handler, body: dict[str, Any]) -> None:
    """Promise more than is sent, then reset the connection."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def refuses_schema(then: Reply, mode: str = "json_schema") -> Reply:
    """Refuse one way of asking for JSON, as servers do that do not know it."""

    def reply(handler: Handler, body: dict[str, Any]) -> None:
        if (body.get("response_format") or {}).get("type") == mode:
            fails(400, f"response_format type {mode} is not supported")(handler, body)
        else:
            then(handler, body)

    return reply
