"""The job ``update``: fetch the package of a new version; it may be killed and started again."""

from __future__ import annotations

import shutil

from core.errors import UserFacingError
from core.installation.fetching import Fetching
from core.installation.source import Source
from core.installation.telling import Telling
from core.installation.updates.packages import arriving_folder, keep_package
from core.installation.updates.spec import UpdateParams, UpdateResult
from core.jobs.link import Cancelled, JobLink
from core.language import _
from core.project import RunFolder
from core.storage.files import explained_io, make_folder


class _Update:
    """One run of the job."""

    def __init__(self, params: UpdateParams, link: JobLink) -> None:
        self._params = params
        telling = Telling(link, (params.file,), self._kept, "update.waits")
        self._fetching = Fetching(
            folder=arriving_folder(),
            source=Source(),
            patience=params.patience,
            proxy=params.proxy,
            watch=telling.watch,
            check=telling.check,
            wait=telling.wait,
            say=telling.say,
        )

    def _kept(self) -> UpdateResult:
        return UpdateResult(kept=self._fetching.on_disk(self._params.file))

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
