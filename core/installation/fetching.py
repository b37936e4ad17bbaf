"""Wheels to the disk: continued by range after any interruption, verified by SHA-256.

What is on the disk after a kill is the beginning of the file (``FILE.part``); the next try asks for
the rest. A file gets its name only when its hash is the locked one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.errors import UserFacingError
from core.installation.lock import RemoteFile
from core.installation.refusals import (
    broken_off,
    explained_status,
    no_connection,
    wrong_hash,
)
from core.installation.source import Source, link_to, no_wheel, page_url
from core.language import _
from core.models.hub.connection import Patience
from core.storage.files import fsync_file

if TYPE_CHECKING:
    import httpx2

_PIECE = 1 << 18
_OK, _PARTIAL, _NO_RANGE, _MISSING = 200, 206, 416, (404, 410)
_TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
_PAGE_LIMIT = 64_000_000
_SIMPLE = "application/vnd.pypi.simple.v1+json, text/html;q=0.9"  # not shown: a header


class _AgainError(Exception):
    """Another try may help."""


@dataclass(slots=True)
class Fetching:
    """Fetches wheels into a folder, one after the other.

    Attributes:
        watch: hears the wheel and how much of it is on the disk; may raise to stop.
        check: hears how much of a wheel was verified.
        wait: sleeps between tries; may raise.
        say: takes a sentence about why it waits.
    """

    folder: Path
    source: Source
    patience: Patience
    proxy: str
    watch: Callable[[RemoteFile, int], None]
    check: Callable[[RemoteFile, int], None]
    wait: Callable[[float], None]
    say: Callable[[str], None]
    _pages: dict[str, str] = field(default_factory=dict)

    def on_disk(self, wheel: RemoteFile) -> int:
        """Return how many bytes of a wheel have arrived."""
        if self.source.folder is not None:
            return size_of(self.source.folder / wheel.file)
        return size_of(self.folder / wheel.file) or size_of(self._part(wheel))

    def _part(self, wheel: RemoteFile) -> Path:
        return self.folder / f"{wheel.file}.part"

    def fetch_all(self, wheels: tuple[RemoteFile, ...]) -> Path:
        """Fetch and verify what is missing; return the folder that holds all wheels.

        Raises:
            UserFacingError: codes ``engine.…``; what has arrived is kept unless it is wrong.
        """
        if self.source.folder is not None:
            for wheel in wheels:
                self._look_at(wheel, self.source.folder)
            return self.source.folder
        with self._client() as client:
            for wheel in sorted(wheels, key=lambda wheel: (wheel.size, wheel.file)):
                self._fetch(client, wheel)
        return self.folder

    def _look_at(self, wheel: RemoteFile, folder: Path) -> None:
        """A folder on a stick may be incomplete, or hold something else under the same name."""
        path = folder / wheel.file
        if not path.is_file():
            raise no_wheel(wheel, str(folder))
        if not self._right(path, wheel):
            raise wrong_hash(wheel, str(folder))

    def _client(self) -> httpx2.Client:
        import httpx2

        return httpx2.Client(
            follow_redirects=True,
            proxy=self.proxy or None,
            timeout=self.patience.silence,
            headers={"User-Agent": "homelab-tuner", "Accept-Encoding": "identity"},  # not shown
        )

    def _fetch(self, client: httpx2.Client, wheel: RemoteFile) -> None:
        target = self.folder / wheel.file
        if size_of(target) == wheel.size:
            return  # uv verifies its hash once more
        for is_last in (False, True):
            url = self._address(client, wheel)
            self._fill(client, wheel, url)
            if self._right(self._part(wheel), wheel):
                fsync_file(self._part(wheel))
                self._part(wheel).replace(target)
                return
            self._part(wheel).unlink()
            if is_last:
                raise wrong_hash(wheel, urlsplit(url).netloc)
            self.say(_("“{name}” arrived damaged and is downloaded once more.", name=wheel.file))

    def _address(self, client: httpx2.Client, wheel: RemoteFile) -> str:
        if not self.source.index:
            return wheel.url
        address = page_url(self.source.index, wheel)
        if address not in self._pages:
            self._pages[address] = self._try(lambda: self._page(client, address, wheel), address)
        link = link_to(wheel, self._pages[address], address)
        if link is None:
            raise no_wheel(wheel, self.source.index)
        return link

    def _page(self, client: httpx2.Client, address: str, wheel: RemoteFile) -> str:
        answer = client.get(address, headers={"Accept": _SIMPLE})
        if answer.status_code in _MISSING:
            raise no_wheel(wheel, self.source.index)
        self._require(answer.status_code, address)
        return answer.text[:_PAGE_LIMIT]

    def _try(self, ask: Callable[[], str], address: str) -> str:
        """Ask a few times; count only tries that brought nothing new."""
        import httpx2

        failed = 0
        while True:
            try:
                return ask()
            except _AgainError as error:
                failed, last = failed + 1, broken_off(address, error)
            except httpx2.ProxyError as error:
                raise no_connection(address, error) from error
            except httpx2.TransportError as error:
                failed, last = failed + 1, no_connection(address, error)
            if failed >= self.patience.tries:
                raise last
            pause = min(self.patience.longest_pause, self.patience.pause * 2.0 ** (failed - 1))
            self.say(_waits(urlsplit(address).netloc, pause))
            self.wait(pause)

    def _fill(self, client: httpx2.Client, wheel: RemoteFile, url: str) -> None:
        while True:
            before = size_of(self._part(wheel))
            if before == wheel.size:
                return
            try:
                self._try(lambda: self._get(client, wheel, url), url)
                return
            except UserFacingError:
                if size_of(self._part(wheel)) <= before:
                    raise

    def _get(self, client: httpx2.Client, wheel: RemoteFile, url: str) -> str:
        part = self._part(wheel)
        begin = size_of(part)
        if begin >= wheel.size:
            part.unlink(missing_ok=True)
            begin = 0
        headers = {"Range": f"bytes={begin}-"} if begin else {}
        with client.stream("GET", url, headers=headers) as answer:
            if answer.status_code in _MISSING:
                raise no_wheel(wheel, urlsplit(url).netloc)
            if answer.status_code == _NO_RANGE:
                part.unlink(missing_ok=True)
                raise _AgainError("no such range")
            self._require(answer.status_code, url)
            begin = begin if answer.status_code == _PARTIAL else 0
            with part.open("ab" if begin else "wb", buffering=0) as stream:
                self._write(answer, stream.write, wheel, begin)
        if size_of(part) < wheel.size:
            raise _AgainError("the connection broke off")
        return url

    def _write(
        self, answer: httpx2.Response, write: Callable[[memoryview], int | None],
        wheel: RemoteFile, done: int,
    ) -> None:  # fmt: skip
        for piece in answer.iter_raw():  # as they come: a break loses nothing
            rest = memoryview(piece)[: max(0, wheel.size + 1 - done)]  # a byte more is enough
            done += len(rest)
            while rest:  # a disk that is nearly full takes a part of it
                rest = rest[write(rest) or 0 :]
            self.watch(wheel, done)
            if done > wheel.size:
                return

    def _require(self, status: int, address: str) -> None:
        if status in _TRANSIENT:
            raise _AgainError(f"status {status}")
        if status not in (_OK, _PARTIAL):
            raise explained_status(status, address)

    def _right(self, path: Path, wheel: RemoteFile) -> bool:
        if size_of(path) != wheel.size:
            return False
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                self.check(wheel, stream.tell())
        return digest.hexdigest() == wheel.sha256


def _waits(host: str, pause: float) -> str:
    return _(
        "{host} is not sending anything at the moment. Next attempt in {seconds:.0f} s.",
        host=host,
        seconds=pause,
    )


def size_of(path: Path) -> int:
    """Return the bytes of a file, 0 when there is none."""
    with suppress(OSError):
        return path.stat().st_size
    return 0
