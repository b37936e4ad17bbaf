"""The servers of the loopback hub: what is asked, and the answers, right or spoiled."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.loopback_hub import LARGE, TOKEN, Fault, LoopbackHub, Repo

_PIECE = 8192
_SMALL_BUFFER = 16384  # bytes between the two ends, so that what is counted has nearly arrived


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: LoopbackHub
    is_store = False

    def setup(self) -> None:
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SMALL_BUFFER)
        self.request.settimeout(30)
        super().setup()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            super().handle()

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_CONNECT(self) -> None:
        self._status(407, "proxy")

    def do_GET(self) -> None:
        path = urlsplit(self.path).path if "://" in self.path else self.path
        with self.hub.lock:
            self.hub.seen.append((self.command, path, self.headers.get("Authorization", "")))
        fault = self.hub.fault_for(path, self.command, self.is_store)
        if fault is not None and self._spoiled(fault, path):
            return
        url = urlsplit(path)
        parts = [unquote(part) for part in url.path.strip("/").split("/")]
        if self.is_store:
            self._store(parts, fault)
        elif parts[:2] == ["api", "models"]:
            self._api(parts[2:], parse_qs(url.query), fault)
        else:
            self._file(parts, fault)

    # What is asked

    def _api(self, parts: list[str], query: dict[str, list[str]], fault: Fault | None) -> None:
        name = "/".join(parts[:2])
        repo = self.hub.repos.get(name)
        if repo is None or (repo.private and not self._has_token()):
            self._error(404 if self._has_token() else 401, "RepoNotFound", "Repository not found")
        elif parts[2:] == ["auth-check"]:
            if self._may_have(repo):
                self._json({})
        else:
            revision = parts[3] if parts[2:3] == ["revision"] else "main"
            commit = repo.commit_of(revision)
            if commit is None:
                self._error(404, "RevisionNotFound", "Invalid rev id")
                return
            self._json(self.hub.listing_of(name, repo, commit), fault)

    def _has_token(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _may_have(self, repo: Repo) -> bool:
        given = self.headers.get("Authorization", "")
        if given and not self._has_token():
            self._error(401, "", "Invalid credentials in Authorization header")
        elif repo.gated and not given:
            self._error(401, "GatedRepo", "Access to this model is restricted. Please log in.")
        elif repo.gated and TOKEN not in repo.accepted:
            self._error(403, "GatedRepo", "You are not in the authorized list.")
        else:
            return True
        return False

    def _file(self, parts: list[str], fault: Fault | None) -> None:
        name, rest = "/".join(parts[:2]), parts[2:]
        repo = self.hub.repos.get(name)
        if repo is None or len(rest) < 3 or rest[0] != "resolve":
            self._error(404, "RepoNotFound", "Repository not found")
            return
        commit = repo.commit_of(rest[1])
        if commit is None:
            self._error(404, "RevisionNotFound", "Invalid rev id")
            return
        file = "/".join(rest[2:])
        content = repo.versions[commit].get(file)
        if content is None:
            self._error(404, "EntryNotFound", "Entry not found")
        elif self._may_have(repo):
            large = file.endswith(LARGE)
            if self.hub.store and large:
                self._redirect(f"{self.hub.store}/{commit}/{name}/{file}")
            else:
                self._body(content, file, fault, commit)

    def _store(self, parts: list[str], fault: Fault | None) -> None:
        commit, name, file = parts[0], "/".join(parts[1:3]), "/".join(parts[3:])
        self._body(self.hub.repos[name].versions[commit][file], file, fault, commit)

    # What is answered

    def _spoiled(self, fault: Fault, path: str) -> bool:
        """Answer wrongly at once; ``False`` when only the body is to be spoiled."""
        match fault.kind:
            case "status":
                self._status(*fault.value if isinstance(fault.value, tuple) else (fault.value, ""))
            case "html":
                self._bytes(
                    b"<html><body>Welcome to the airport. Log in.</body></html>", "text/html"
                )
            case "close":
                self.close_connection = True
                self.connection.close()
            case "hang":
                self.hub.ending.wait(fault.value or 20)
                self.close_connection = True
            case "redirect":
                self._redirect(fault.value or path)
            case "truncated_json":
                self._bytes(b'{"id": "a/b", "siblings": [{"rfilena', "application/json")
            case "json":
                self._bytes(json.dumps(fault.value).encode(), "application/json")
            case "endless":
                self._endless(fault)
            case _:
                return False
        return True

    def _endless(self, fault: Fault) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        while not self.hub.ending.is_set():
            self.wfile.write(b" " * (1 if fault.value else 65536))
            self.wfile.flush()
            self.hub.ending.wait(fault.value or 0)

    def _status(self, status: int, more: str = "") -> None:
        headers = {"Retry-After": more} if status in (429, 503) and more else {}
        self._bytes(b"{}", "application/json", status, headers)

    def _error(self, status: int, code: str, message: str) -> None:
        headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        self._bytes(json.dumps({"error": message}).encode(), "application/json", status, headers)

    def _redirect(self, url: str) -> None:
        self._bytes(b"", "text/plain", 302, {"Location": url})

    def _json(self, value: Any, fault: Fault | None = None) -> None:
        content = json.dumps(value).encode()
        if fault is not None and fault.kind == "cut":
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: fault.after or len(content) // 2])
            self.close_connection = True
            return
        self._bytes(content, "application/json")

    def _bytes(
        self, content: bytes, kind: str, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _body(self, content: bytes, file: str, fault: Fault | None, commit: str) -> None:
        kind = fault.kind if fault else ""
        after = fault.after if fault else 0
        begin, end = self._range(content)
        if begin >= len(content) > 0 or kind == "no_range":
            self._bytes(b"", "text/plain", 416, {"Content-Range": f"bytes */{len(content)}"})
            return
        if kind == "ignore_range":
            begin, end = 0, len(content)
        body = content[begin:end]
        said = len(body)
        if kind == "flip" and body:
            at = min(after, len(body) - 1)
            body = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        elif kind == "short":
            body, said = body[:after], min(after, len(body))
        elif kind == "long":
            body, said = body + b"x" * 5000, len(body) + 5000
        elif kind == "promises":
            said += 5000
        is_part = "Range" in self.headers and kind != "ignore_range"
        self.send_response(206 if is_part else 200)
        if is_part:
            shift = 17 if kind == "wrong_piece" else 0
            span = f"{begin + shift}-{end - 1 + shift}"
            self.send_header("Content-Range", f"bytes {span}/{len(content)}")
        self.send_header("Content-Length", str(said))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", commit)
        self.end_headers()
        if self.command != "HEAD":
            self._send(body, file, fault, said)

    def _range(self, content: bytes) -> tuple[int, int]:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked:
            return 0, len(content)
        end = int(asked.group(2)) + 1 if asked.group(2) else len(content)
        return int(asked.group(1)), min(end, len(content))

    def _send(self, body: bytes, file: str, fault: Fault | None, said: int) -> None:
        kind, after = (fault.kind, fault.after) if fault else ("", 0)
        step = 200 if kind == "drip" else _PIECE
        stop = after if kind in ("cut", "stall") else len(body)
        for at in range(0, min(stop, len(body)), step):
            piece = body[at : min(at + step, stop)]
            self.wfile.write(piece)
            with self.hub.lock:
                self.hub.served[file] += len(piece)
            pause = fault.value if fault and kind == "drip" else self.hub.pace
            if pause and self.hub.ending.wait(pause):
                break
        if kind == "stall":
            self.hub.ending.wait(fault.value if fault and fault.value else 20)
        if kind in ("cut", "stall") or said != len(body):
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def handle_error(self, *_: Any) -> None:
        """A client that left is no error."""


@contextmanager
def serving(hub: LoopbackHub, **values: Any) -> Iterator[str]:
    handler = type("Handler", (_Handler,), {"hub": hub, **values})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        hub.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()
