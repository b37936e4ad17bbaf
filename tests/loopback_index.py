"""A small package index on loopback, with tiny real wheels and faults; and a proxy that refuses."""

from __future__ import annotations

import base64
import hashlib
import io
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from core.installation.lock import EngineLock, Wheel
from core.installation.variant import Variant
from core.installed_engine import python_tag

_PIECE = 16_384
_TORCH = """
from torch import version
__version__ = version.__version__
class _Number:
    def __matmul__(self, other): return self
    def sum(self): return self
    def item(self): return 512
def ones(*_shape, device="cpu"): return _Number()
class cuda:
    is_available = staticmethod(lambda: {card!r} != "")
    get_device_name = staticmethod(lambda _index: {card!r})
"""
BROKEN = "raise OSError('libcudart.so.13: cannot open shared object file')\n"


def make_wheel(name: str, version: str, files: dict[str, str | bytes], tag: str = "") -> bytes:
    """Return a wheel with these files, as an installer wants it."""
    tag = tag or "py3-none-any"
    info = f"{name}-{version}.dist-info"
    contents: dict[str, str | bytes] = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    lines = []
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for path, content in contents.items():
            data = content.encode() if isinstance(content, str) else content
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            archive.writestr(zipfile.ZipInfo(path), data)
            lines.append(f"{path},sha256={digest},{len(data)}")
        record = "\n".join([*lines, f"{info}/RECORD,,", ""])
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD"), record)
    return stream.getvalue()


def torch_wheel(version: str = "2.13.0", card: str = "", size: int = 0, code: str = "") -> bytes:
    """Return something that calls itself torch; ``size`` bytes lie beside it."""
    cuda = "'13.0'" if card else "None"
    files: dict[str, str | bytes] = {
        "torch/__init__.py": code or _TORCH.format(card=card),
        "torch/version.py": f"__version__ = '{version}'\ncuda = {cuda}\n",
        "torch/lib/ballast.bin": bytes(i % 251 for i in range(size)),
    }
    tag = f"{python_tag()}-{python_tag()}-any"
    return make_wheel("torch", version, files, tag.replace("-any", "-linux_x86_64"))


@dataclass
class Index:
    """What the index holds, and how it behaves.

    Attributes:
        status: an answer for everything, instead of the files.
        cut: bytes after which a file breaks off, once for each entry.
        rate: bytes a second of a file, 0 for all at once.
        spoiled: names of files of which one byte is wrong.
        missing: names of files that are not there.
        seen: path and range of each request; ``headers``: all that came with it.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    status: int = 0
    cut: list[int] = field(default_factory=list)
    rate: float = 0.0
    spoiled: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    seen: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def add(self, name: str, version: str, content: bytes, tag: str = "py3-none-any") -> Wheel:
        """Put a wheel into the index; return how a lock names it."""
        file = f"{name}-{version}-{tag}.whl"
        self.files[file] = content
        return Wheel(
            name=name,
            version=version,
            file=file,
            url=f"{self.url}/files/{file}",
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )

    def lock(
        self, variant: Variant = Variant.CPU, version: str = "2.13.0", **torch: Any
    ) -> EngineLock:
        """Put a whole engine into the index; return its lock."""
        tag = f"{python_tag()}-{python_tag()}-linux_x86_64"
        wheels = (
            self.add("torch", version, torch_wheel(version, **torch), tag),
            self.add("tinymath", "1.0", make_wheel("tinymath", "1.0", {"tinymath.py": "x = 1\n"})),
        )
        return EngineLock(variant=variant, wheels=wheels)

    def write_to(self, folder: Path) -> None:
        """Write all wheels into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    index: Index

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_CONNECT(self) -> None:
        self._answer(self.index.status or 502, b"")

    def do_GET(self) -> None:
        path = self.path.partition("://")[2].partition("/")[2] if "://" in self.path else self.path
        self.index.seen.append((path, self.headers.get("Range", "")))
        self.index.headers.append(dict(self.headers.items()))
        if self.index.status:
            self._answer(self.index.status, b"no")
            return
        parts = path.strip("/").split("/")
        if parts[0] == "simple":
            listed = [name for name in self.index.files if name.startswith(f"{parts[1]}-")]
            listed = [name for name in listed if name not in self.index.missing]
            page = "".join(f'<a href="../../files/{name}#sha256=0">{name}</a>' for name in listed)
            self._answer(200 if page else 404, page.encode(), "text/html")
        else:
            self._file(parts[-1])

    def _file(self, name: str) -> None:
        content = self.index.files.get(name)
        if content is None or name in self.index.missing:
            self._answer(404, b"no")
            return
        if name in self.index.spoiled:
            content = content[:-30] + bytes([content[-30] ^ 1]) + content[-29:]
        begin = int(self.headers.get("Range", "bytes=0-")[6:].rstrip("-"))
        rest = content[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(rest)))
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        cut = self.index.cut.pop(0) if self.index.cut and len(rest) > _PIECE else None
        with suppress(OSError):
            for at in range(0, len(rest), _PIECE):
                if cut is not None and at >= cut:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.wfile.write(rest[at : at + _PIECE])
                if self.index.rate:
                    time.sleep(_PIECE / self.index.rate)

    def _answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(index: Index) -> Iterator[Index]:
    """Serve an index on loopback."""
    handler = type("Handler", (_Handler,), {"index": index})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    index.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
