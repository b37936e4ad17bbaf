"""One file from the hub to the disk: continued by range, watched for silence, verified by hash.

The bytes go into ``NAME.part`` in their order, so that what is on the disk after a kill is always a
beginning of the file, and the next try asks only for the rest. The part gets its name when its hash
is the listed one; nothing else ever does.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.language import _
from core.models.hub.connection import (
    BadAnswerError,
    BrokenStreamError,
    Connection,
    HubIsBusyError,
    WrongLengthError,
)
from core.models.hub.listing import Listing, RemoteFile
from core.models.hub.refusals import bad_answer, explained
from core.storage.files import fsync_directory, fsync_file

_CHUNK = 1 << 20
_SYNC_BYTES = 256_000_000  # what a power cut may cost at most
_TRANSIENT = (408, 425, 500, 502, 503, 504, 520, 522, 524)
_NO_SUCH_RANGE = 416
_LONGEST_ASKED = 120.0  # seconds; a hub that wants more patience is left for another day
Watch = Callable[[int], None]
"""Called with the bytes of the file on the disk whenever there are more; may raise to stop."""


class TooSlowError(Exception):
    """Hardly anything arrived in the last window of time."""


class SurplusError(Exception):
    """More bytes arrive than the list says."""


@dataclass(slots=True)
class Sink:
    """The part as the client's ``http_get`` writes to it; counts, and stops what goes wrong."""

    stream: FileIO
    limit: int
    watch: Watch
    window: float
    least_rate: float
    _since: float = field(default_factory=time.monotonic)
    _from: int = 0
    _synced: int = 0

    def write(self, piece: bytes) -> int:
        """Append a piece."""
        position = self.stream.tell() + len(piece)
        if position > self.limit:
            raise SurplusError
        rest = memoryview(piece)
        while rest:  # a disk that is nearly full takes a part of it
            rest = rest[self.stream.write(rest) :]
        self._from += len(piece)
        self._measure()
        if position - self._synced >= _SYNC_BYTES:
            os.fsync(self.stream.fileno())
            self._synced = position
        self.watch(position)
        return len(piece)

    def _measure(self) -> None:
        passed = time.monotonic() - self._since
        if passed < self.window:
            return
        if self._from < self.least_rate * passed:
            raise TooSlowError
        self._since, self._from = time.monotonic(), 0

    def tell(self) -> int:
        """Return how far the part reaches."""
        return self.stream.tell()

    def seek(self, position: int) -> int:
        """Go back; the client does when a hub sends the whole file instead of its rest."""
        return self.stream.seek(position)

    def truncate(self) -> int:
        """Drop what lies behind."""
        self._synced = 0
        return self.stream.truncate()


@dataclass(slots=True)
class Transfer:
    """Fetches the files of one listing into a folder.

    Attributes:
        watch: hears how much of a file has arrived, ``check`` how much of it was verified.
        wait: sleeps between tries; raises when the job is to pause, stop or end.
        say: takes a sentence about why it waits.
    """

    connection: Connection
    listing: Listing
    folder: Path
    watch: Watch
    wait: Callable[[float], None]
    say: Callable[[str], None]
    check: Watch

    def part_of(self, file: RemoteFile) -> Path:
        """Return where the beginning of a file is collected."""
        return self.folder / f"{file.name}.part"

    def on_disk(self, file: RemoteFile) -> int:
        """Return how many bytes of a file have arrived; all of them once it is verified."""
        done = size_of(self.folder / file.name)
        return done if done is not None else size_of(self.part_of(file)) or 0

    def fetch(self, file: RemoteFile) -> None:
        """Fetch what is missing of one file, verify it and give it its name.

        Raises:
            UserFacingError: it cannot be had (codes ``hub.…``); the part is kept unless it is
                known to be wrong.
        """
        target = self.folder / file.name
        if size_of(target) == file.size:
            return
        for is_last in (False, True):
            self._fill(file)
            if hash_matches(self.part_of(file), file, self.check):
                fsync_file(self.part_of(file))
                self.part_of(file).replace(target)
                fsync_directory(self.folder)
                return
            self.part_of(file).unlink()
            if not is_last:
                self.say(_("“{name}” arrived damaged and is downloaded once more.", name=file.name))
        raise UserFacingError(
            "hub.wrong_hash",
            _(
                "“{name}” arrived twice with content that does not match what the hub lists, so it "
                "is not used.",
                name=file.name,
            ),
            _("Try another network or the public hub. A mirror or a proxy may change files."),
            f"{self.listing.repo}@{self.listing.commit}",
        )

    def _fill(self, file: RemoteFile) -> None:
        patience = self.connection.patience
        failed = slow = restarts = 0
        while (before := self._begin(file)) < file.size or file.size == 0:
            try:
                self._get(file, before)
                return
            except TooSlowError as error:
                slow += 1
                if slow >= patience.slow_rounds:
                    raise self._too_slow(error) from error
                failed, pause = 0, 0.0
            except (SurplusError, BadAnswerError) as error:
                restarts += 1
                if restarts > 1:
                    raise self._other_size(file, error) from error
                self.part_of(file).unlink(missing_ok=True)
                pause = 0.0
            except WrongLengthError as error:  # what is on the disk may still be right
                failed += 1
                if failed >= patience.tries:
                    raise self._another_file(file, error) from error
                pause = patience.pause
            except Exception as error:
                failed = 1 if self.on_disk(file) > before else failed + 1
                pause = self._pause_after(error, failed)
                if is_no_range(error) and before:
                    self.part_of(file).unlink(missing_ok=True)
            self.say(self._why(pause))
            self.wait(pause)

    def _begin(self, file: RemoteFile) -> int:
        """Return where to continue; a part that is longer than the file is none of it."""
        done = size_of(self.part_of(file)) or 0
        if done > file.size:
            self.part_of(file).unlink()
            return 0
        return done

    def _get(self, file: RemoteFile, begin: int) -> None:
        from huggingface_hub import hf_hub_url
        from huggingface_hub.file_download import http_get

        patience = self.connection.patience
        url = hf_hub_url(
            self.listing.repo,
            file.name,
            revision=self.listing.commit,
            endpoint=self.connection.endpoint.url,
        )
        with (
            self.part_of(file).open("ab", buffering=0) as stream,
            self.connection.fetching(file.size),
        ):
            sink: Any = Sink(stream, file.size, self.watch, patience.window, patience.least_rate)
            http_get(
                url,
                sink,
                resume_size=begin,
                headers=self.connection.headers,
                expected_size=file.size,
                _nb_retries=0,  # the tries are counted here, where a request to stop is heard
            )

    def _pause_after(self, error: Exception, failed: int) -> float:
        """Return how long to wait before the next try; raise when there shall be none."""
        patience = self.connection.patience
        hopeless = failed >= patience.tries or not is_transient(error)
        asked = error.seconds if isinstance(error, HubIsBusyError) else None
        if hopeless or (asked or 0.0) > _LONGEST_ASKED:
            with explained(self.connection, self.listing.reference):
                raise error
        if asked is not None:
            return asked
        return min(patience.longest_pause, patience.pause * 2.0 ** (failed - 1))

    def _why(self, pause: float) -> str:
        host = self.connection.endpoint.host
        if pause < 1:
            return _(
                "The connection to {host} broke. The download continues where it stopped.",
                host=host,
            )
        return _(
            "{host} is not sending anything at the moment. Next attempt in {seconds:.0f} s.",
            host=host,
            seconds=pause,
        )

    def _too_slow(self, error: Exception) -> UserFacingError:
        return UserFacingError(
            "hub.too_slow",
            _("{host} has almost stopped sending.", host=self.connection.endpoint.host),
            _(
                "Start the download again later or on another network. It continues where it "
                "stopped."
            ),
            str(error),
        )

    def _another_file(self, file: RemoteFile, error: WrongLengthError) -> UserFacingError:
        if error.is_page:
            return bad_answer(self.connection.endpoint, error)
        return self._other_size(file, error)

    def _other_size(self, file: RemoteFile, error: Exception) -> UserFacingError:
        return UserFacingError(
            "hub.wrong_size",
            _(
                "The file “{name}” that the hub sends is not the one it lists, so it is not used.",
                name=file.name,
            ),
            _("Try another network or the public hub. A mirror or a proxy may change files."),
            str(error),
        )


def is_no_range(error: Exception) -> bool:
    """Return whether the hub says that there is nothing behind what is on the disk."""
    response = getattr(error, "response", None)
    return getattr(response, "status_code", 0) == _NO_SUCH_RANGE


def is_transient(error: Exception) -> bool:
    """Return whether another try may help."""
    import httpx2

    if isinstance(error, HubIsBusyError | BrokenStreamError):
        return True
    response = getattr(error, "response", None)
    if response is not None:
        expired = bool(response.history)  # the address that the hub sent on to
        return response.status_code in _TRANSIENT or is_no_range(error) or expired
    if isinstance(error, httpx2.ProxyError | httpx2.UnsupportedProtocol):
        return False
    if isinstance(error, httpx2.TransportError):
        return True
    return isinstance(error, OSError) and error.errno is None  # the client: fewer bytes than listed


def size_of(path: Path) -> int | None:
    """Return the bytes of a file, ``None`` when there is none."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return None


def hash_matches(path: Path, file: RemoteFile, watch: Watch | None = None) -> bool:
    """Return whether a file's bytes are the listed ones, read from the disk."""
    size = size_of(path)
    if size != file.size:
        return False
    if file.sha256:
        digest, wanted = hashlib.sha256(), file.sha256
    else:  # how Git names content; no protection, since the list came over the same line
        digest, wanted = (
            hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False),
            file.git_sha1,
        )
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
            if watch is not None:
                watch(stream.tell())
    return digest.hexdigest() == wanted
