"""The job ``update``: fetch the package of a new version; it may be killed and started again."""

from __future__ import annotations

import shutil
import time

from core.errors import UserFacingError
from core.events import Notice, Transfer
from core.installation.fetching import Fetching
from core.installation.lock import RemoteFile
from core.installation.source import Source
from core.installation.updates.packages import arriving_folder, keep_package
from core.installation.updates.spec import UpdateParams, UpdateResult
from core.jobs.link import Cancelled, JobLink, Request, Stopped
from core.language import _
from core.models.hub.download import Speed
from core.project import RunFolder
from core.storage.files import explained_io, make_folder

_TELL_SECONDS = 0.5
_HEAR_SECONDS = 0.2


class _Update:
    """One run of the job."""

    def __init__(self, params: UpdateParams, link: JobLink) -> None:
        self._params, self._link = params, link
        self._speed = Speed()
        self._told = 0.0
        self._fetching = Fetching(
            folder=arriving_folder(),
            source=Source(),
            patience=params.patience,
            proxy=params.proxy,
            watch=self._watch,
            check=self._check,
            wait=self._wait,
            say=self._say,
        )

    def work(self) -> UpdateResult:
        """Do what is not done yet."""
        wanted = self._params.file
        with explained_io(arriving_folder()):
            make_folder(arriving_folder())
            for path in arriving_folder().iterdir():
                if path.name.removesuffix(".part") != wanted.file:
                    path.unlink()
            folder = self._fetching.fetch_all((wanted,))
            package = keep_package(folder / wanted.file, self._params.version)
        return UpdateResult(version=package.version, path=str(package.path))

    def _watch(self, file: RemoteFile, done: int) -> None:
        self._obey()
        now = time.monotonic()
        if now - self._told < _TELL_SECONDS:
            return
        self._told = now
        self._speed.note(now, done)
        self._link.emit(
            Transfer(
                file=file.file,
                done=done,
                total=file.size,
                rate=self._speed.rate,
                seconds_left=self._speed.left(file.size - done),
            )
        )

    def _check(self, file: RemoteFile, done: int) -> None:
        self._obey()
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS:
            self._told = now
            self._link.emit(Transfer(phase="checking", file=file.file, done=done, total=file.size))

    def _obey(self) -> None:
        if self._link.request() in (Request.PAUSE, Request.STOP):
            raise Stopped(UpdateResult(kept=self._fetching.on_disk(self._params.file)))
        self._link.check_cancelled()

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._obey()
            time.sleep(min(left, _HEAR_SECONDS))

    def _say(self, text: str) -> None:
        self._link.emit(Notice(level="warning", code="update.waits", text=text))


def run_update(folder: RunFolder, params: UpdateParams, link: JobLink) -> UpdateResult:
    """Job ``update``; a cancelled one keeps nothing of what it fetched.

    Raises:
        UserFacingError: codes ``engine.…`` of the fetching; what has arrived is kept.
    """
    del folder
    try:
        return _Update(params, link).work()
    except Cancelled:
        shutil.rmtree(arriving_folder(), ignore_errors=True)
        raise
    except UserFacingError as error:
        if error.code != "engine.no_network":
            raise
        again = _("Check the network and try again. It continues where it stopped.")
        raise UserFacingError(error.code, error.what, again, error.details) from error
