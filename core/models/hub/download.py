"""The job ``download``: fetch what was offered, verify it, and put it where models are kept.

It may be killed at any moment and started again with the same parameters: verified files are not
fetched again, the beginning of a file is continued by range, and the version stays the one that was
offered even if the hub has a newer one by then.
"""

from __future__ import annotations

import shutil
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from core.contract import JobParams, JobResult
from core.errors import UserFacingError
from core.events import Notice, Transfer
from core.hardware.system.machine import disk_free
from core.jobs.link import JobLink, Request, Stopped
from core.language import _
from core.models.hub.connection import Patience, checked_endpoint, connected
from core.models.hub.listing import Listing, RemoteFile, require_usable
from core.models.hub.store import (
    discard,
    final_folder,
    read_record,
    staging_folder,
    write_record,
)
from core.models.hub.tokens import find_token
from core.models.hub.transfer import Transfer as FileTransfer
from core.models.hub.transfer import size_of
from core.models.inspection import inspect_model
from core.models.origin import RECORD
from core.project import RunFolder
from core.settings import load_settings
from core.storage.files import explained_io, fsync_directory

_SPARE = 500_000_000  # bytes that stay free on the disk
_TELL_SECONDS = 0.5
_HEAR_SECONDS = 0.2
_RATE_SECONDS = 8.0
_ENOUGH_SECONDS = 2.0  # a rate over less says nothing


class DownloadResult(JobResult):
    """Where the model is; of a download that was stopped only how much of it is kept.

    Attributes:
        base_model: its folder, ``""`` when the download was stopped.
        kept: bytes that a stopped download has collected.
    """

    kind: ClassVar[str] = "download"

    base_model: str = ""
    repo: str
    commit: str = ""
    size: int = 0
    kept: int = 0


class DownloadParams(JobParams[DownloadResult]):
    """Fetch the listing that was agreed to, on this way to the hub."""

    kind: ClassVar[str] = "download"

    listing: Listing
    endpoint: str
    patience: Patience = Patience()


class PauseError(Exception):
    """A pause was asked for: the connection is given up and made again afterwards."""


@dataclass
class Speed:
    """Bytes a second over the last seconds, and what is left at that rate."""

    _points: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, at: float, done: int) -> None:
        """Take a reading of what is on the disk."""
        if self._points and done < self._points[-1][1]:
            self._points.clear()  # a file began again
        self._points.append((at, done))
        while at - self._points[0][0] > _RATE_SECONDS:
            self._points.popleft()

    def forget(self) -> None:
        """Begin again, as after a pause."""
        self._points.clear()

    @property
    def rate(self) -> float | None:
        """Bytes a second, ``None`` until it is known."""
        if len(self._points) < 2:
            return None
        (began, first), (now, last) = self._points[0], self._points[-1]
        return (last - first) / (now - began) if now - began >= _ENOUGH_SECONDS else None

    def left(self, bytes_left: int) -> float | None:
        """Return the seconds for what is left."""
        return bytes_left / self.rate if self.rate else None


class Download:
    """One run of the job."""

    def __init__(self, params: DownloadParams, run: RunFolder, link: JobLink) -> None:
        self.listing = params.listing
        self._folder = staging_folder(run)
        self._run, self._link, self._params = run, link, params
        self._speed = Speed()
        self._told = self._heard = 0.0
        self._file = ""
        self._file_size = self._of_others = 0

    def work(self) -> DownloadResult:
        """Fetch everything and move it to its place."""
        target = final_folder(self.listing)
        if not target.exists():
            prepare(self._folder, self.listing)
            self._fetch_all()
            inspect_model(self._folder)
            with explained_io(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                self._folder.rename(target)
                fsync_directory(target.parent)
        return DownloadResult(
            base_model=str(target),
            repo=self.listing.repo,
            commit=self.listing.commit,
            size=self.listing.size,
        )

    def _fetch_all(self) -> None:
        params = self._params
        endpoint = checked_endpoint(params.endpoint, load_settings().hub_proxy)
        token = find_token(endpoint)
        value = token.value if token else None
        with connected(endpoint, params.patience, value) as connection:
            transfer = FileTransfer(
                connection,
                self.listing,
                self._folder,
                watch=self._watch,
                wait=self._wait,
                say=self._say,
                check=self._check,
            )
            require_room(transfer, self.listing)
            for file in sorted(self.listing.files, key=lambda file: (file.size, file.name)):
                self._file, self._file_size = file.name, file.size
                self._of_others = sum(
                    transfer.on_disk(other) for other in self.listing.files if other != file
                )
                self._fetch(transfer, file)

    def _fetch(self, transfer: FileTransfer, file: RemoteFile) -> None:
        while True:
            try:
                self._obey()
                transfer.fetch(file)
            except PauseError:
                self._link.wait_while_paused(_("You paused the download."))
                self._speed.forget()
            else:
                return

    def _watch(self, done: int) -> None:
        """Report progress, and listen; called for every piece."""
        now = self._listen()
        if now - self._told >= _TELL_SECONDS:
            self._told = now
            self._tell(now, self._of_others + done)

    def _check(self, checked: int) -> None:
        """The same while a file is read again; nothing arrives then."""
        now = self._listen()
        self._speed.forget()
        if now - self._told >= _TELL_SECONDS:
            self._told = now
            event = Transfer(phase="checking", file=self._file, done=checked, total=self._file_size)
            self._link.emit(event)

    def _listen(self) -> float:
        now = time.monotonic()
        if now - self._heard >= _HEAR_SECONDS:
            self._heard = now
            self._obey()
        return now

    def _tell(self, now: float, done: int) -> None:
        whole = self.listing.size
        self._speed.note(now, done)
        self._link.emit(
            Transfer(
                file=self._file,
                done=done,
                total=whole,
                rate=self._speed.rate,
                seconds_left=self._speed.left(whole - done),
            )
        )

    def _obey(self) -> None:
        match self._link.request():
            case Request.PAUSE:
                raise PauseError
            case Request.STOP:
                raise Stopped(DownloadResult(repo=self.listing.repo, kept=on_disk(self._folder)))
        self._link.check_cancelled()

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._obey()
            time.sleep(min(left, _HEAR_SECONDS))
        self._obey()

    def _say(self, text: str) -> None:
        self._link.emit(Notice(level="warning", code="download.waits", text=text))


def run_download(folder: RunFolder, params: DownloadParams, link: JobLink) -> DownloadResult:
    """Job ``download``; a cancelled one keeps nothing."""
    from core.jobs.link import Cancelled

    require_usable(params.listing.repo, list(params.listing.files), [])
    try:
        return Download(params, folder, link).work()
    except Cancelled:
        discard(folder)
        raise


def prepare(folder: Path, listing: Listing) -> None:
    """Make the collecting folder ready; what it holds of the same content is kept.

    Of another version only files with the same hash stay, so that nothing equal is fetched twice.
    """
    with explained_io(folder):
        if folder.is_symlink():
            folder.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        before = read_record(folder)
        same = set(before.files) & set(listing.files) if before is not None else set()
        kept = {RECORD} | {n for file in same for n in (file.name, f"{file.name}.part")}
        for path in folder.iterdir():
            if path.is_symlink() or path.is_file():
                if path.name not in kept or path.is_symlink():
                    path.unlink()
            else:
                shutil.rmtree(path)
    write_record(folder, listing)


def require_room(transfer: FileTransfer, listing: Listing) -> None:
    """Refuse before the first byte when the disk cannot hold the rest.

    Raises:
        UserFacingError: code ``hub.disk_full``.
    """
    missing = listing.size - sum(transfer.on_disk(file) for file in listing.files)
    free = disk_free(transfer.folder)
    if free is None or missing + _SPARE <= free:
        return
    lacking = missing + _SPARE - free
    raise UserFacingError(
        "hub.disk_full",
        _(
            "The disk of “{folder}” has {free:.1f} GB free. The download needs {missing:.1f} GB "
            "more.",
            folder=str(transfer.folder.parent.parent),
            free=free / 1e9,
            missing=missing / 1e9,
        ),
        _(
            "Free at least {lacking:.1f} GB, for example by deleting a base model: in the window "
            "under Library, in the terminal with “homelab-tuner models --delete NAME”.",
            lacking=max(0.1, lacking / 1e9),
        ),
    )


def on_disk(folder: Path) -> int:
    """Return the bytes that a download has collected, 0 for none."""
    with suppress(OSError):
        return sum(size_of(path) or 0 for path in folder.iterdir() if path.name != RECORD)
    return 0
