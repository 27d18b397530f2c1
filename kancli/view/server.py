"""A server for one browser on this machine: the page, and one JSON document per action."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from typing import Any

from kancli.errors import KanError
from kancli.report.svg import style_sheet
from kancli.view.workbench import Workbench

HOST = "127.0.0.1"
# No action needs more of a request than this.
LONGEST_BODY = 10_000
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; connect-src 'self'"


@dataclass(frozen=True)
class Served:
    """A server that is listening: its address with the token, what answers until it is stopped, and what stops it."""

    url: str
    forever: Callable[[], None]
    stop: Callable[[], None]


@contextmanager
def serve(bench: Workbench, port: int = 0) -> Iterator[Served]:
    """Listen on this machine only, at a port that is free if none is named. Who has not the token gets nothing.

    One request at a time: an action changes the version that the next one starts from. Raises OSError where the port
    is taken.
    """
    token = secrets.token_urlsafe(24)
    server = HTTPServer((HOST, port), partial(Answers, bench, token))
    try:
        yield Served(f"http://{HOST}:{server.server_port}/{token}/", server.serve_forever, server.shutdown)
    finally:
        server.server_close()


class Answers(BaseHTTPRequestHandler):
    """GET gives the page, POST an action: `{"action": "fix", "edge": "0,1,0", "function": "sin"}`."""

    def __init__(self, bench: Workbench, token: str, *rest: Any) -> None:
        self.bench, self.token = bench, token
        super().__init__(*rest)

    def do_GET(self) -> None:
        if not self.admitted():
            self.answer(404, "text/plain", "no such page")
            return
        nonce = secrets.token_urlsafe(12)
        self.answer(200, "text/html", page(nonce), {"Content-Security-Policy": POLICY.format(nonce=nonce)})

    def do_POST(self) -> None:
        if not self.admitted():
            self.answer(404, "text/plain", "no such page")
            return
        code, document = self.acted()
        self.answer(code, "application/json", json.dumps(document, default=float))

    def acted(self) -> tuple[int, dict[str, Any]]:
        """What an action led to; a refusal is a document with `error` and `hint`."""
        try:
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= LONGEST_BODY:
                raise ValueError("no action")
            asked = json.loads(self.rfile.read(length))
            return 200, act(self.bench, asked)
        except KanError as refused:
            return 422, {"error": refused.message, "hint": refused.hint}
        except (ValueError, KeyError, TypeError, AttributeError) as malformed:
            return 400, {"error": f"not an action: {malformed}", "hint": None}

    def admitted(self) -> bool:
        """Whether a request has the token, and was made to this address: another site's name may lead here too."""
        host = f"{HOST}:{self.connection.getsockname()[1]}"
        given = self.path.strip("/")
        return self.headers.get("Host") == host and hmac.compare_digest(given.encode(), self.token.encode())

    def answer(self, code: int, kind: str, text: str, more: Mapping[str, str] | None = None) -> None:
        body = text.encode()
        self.send_response(code)
        headers = {
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            **(more or {}),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the address has the token in it."""


def act(bench: Workbench, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Perform one action. Raises KanError where it is refused, ValueError or KeyError where there is none."""
    match asked["action"]:
        case "state":
            return bench.state()
        case "candidates":
            return bench.candidates(str(asked["edge"]))
        case "fix":
            return bench.fix(str(asked["edge"]), str(asked["function"]))
        case "free":
            return bench.free(str(asked["edge"]))
        case "remove":
            return bench.remove(str(asked["edge"]))
        case "read":
            return bench.read()
        case "refit":
            return bench.refit(int(asked["grid"]))
        case "back":
            return bench.back(int(asked["number"]))
    raise ValueError(f"{asked['action']!r}")


def page(nonce: str) -> str:
    """The page, whose script runs by this nonce only."""
    text = files("kancli.view").joinpath("page.html").read_text(encoding="utf-8")
    return text.replace("{{nonce}}", nonce).replace("/*pictures*/", style_sheet())
