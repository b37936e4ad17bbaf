"""The job ``engine``: fetch, install, try and switch to a build of PyTorch.

It may be killed at any moment and started again: what has arrived is kept, a version that is not
whole is never used, and the one in use stays until the new one has worked once.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from core.errors import UserFacingError
from core.installation import uv
from core.installation.fetching import Fetching
from core.installation.lock import EngineLock
from core.installation.plan import collected, require_room
from core.installation.reuse import already_here, sound, take_over
from core.installation.source import parse_source
from core.installation.spec import EngineParams, EngineResult
from core.installation.telling import Telling
from core.installation.trial import Tried, try_engine
from core.installation.versions import (
    keep_version,
    staged_version,
    switch_to,
    wheels_folder,
)
from core.installed_engine import (
    SITE,
    EngineRecord,
    engine_folder,
    python_tag,
    read_record,
    version_folder,
)
from core.jobs.link import Cancelled, JobLink
from core.language import _
from core.project import RunFolder
from core.storage.files import explained_io, make_folder, write_text


class Installation:
    """One run of the job."""

    def __init__(self, params: EngineParams, link: JobLink) -> None:
        self._params, self._link = params, link
        self.lock: EngineLock = params.lock
        telling = Telling(
            link, self.lock.wheels, lambda: EngineResult(kept=collected()), "engine.waits"
        )
        self._obey, self._telling = telling.obey, telling
        self._here: dict[str, Path] = {}
        self._rest = self.lock  # what is not installed here already
        self._fetching = Fetching(
            folder=wheels_folder(),
            source=parse_source(params.source),
            patience=params.patience,
            proxy=params.proxy,
            watch=telling.watch,
            check=telling.check,
            wait=telling.wait,
            say=telling.say,
        )
        telling.on_disk = self._fetching.on_disk

    def work(self) -> EngineResult:
        """Do what is not done yet."""
        name = self.lock.name
        if read_record(name) is None:
            self._look_for_unchanged()
            self._require_room()
            self._install(name, self._fetch())
        self._link.progress(_("Trying PyTorch"))
        tried = try_engine(version_folder(name) / SITE, self.lock.variant)
        self._link.check_cancelled()
        switch_to(name)
        for rest in (wheels_folder(), _cache()):
            shutil.rmtree(rest, ignore_errors=True)
        return EngineResult(version=name, torch=tried.torch, seen=tried.sentence())

    def _look_for_unchanged(self) -> None:
        """What the version in use was made of already is not fetched once more."""
        here = already_here(self.lock)
        if here:
            self._link.progress(_("Checking what is installed already"))
        sound_here = {
            wheel.name: here[wheel.name]
            for wheel in self.lock.wheels
            if wheel.name in here and sound(wheel, here[wheel.name], self._telling.listen)
        }
        rest = tuple(wheel for wheel in self.lock.wheels if wheel.name not in sound_here)
        self._here, self._rest = sound_here, self.lock.model_copy(update={"wheels": rest})
        self._telling.files = rest

    def _require_room(self) -> None:
        here = sum(self._fetching.on_disk(wheel) for wheel in self._rest.wheels)
        require_room(self._rest, max(0, self._rest.size - here))

    def _fetch(self) -> Path:
        with explained_io(wheels_folder()):
            make_folder(wheels_folder())
            wanted = {wheel.file for wheel in self._rest.wheels}
            for path in wheels_folder().iterdir():
                if path.name.removesuffix(".part") not in wanted:
                    path.unlink()
            return self._fetching.fetch_all(self._rest.wheels)

    def _install(self, name: str, wheels: Path) -> None:
        self._link.progress(_("Installing PyTorch"))
        with staged_version(name) as staging:
            with explained_io(staging):
                for wheel in self.lock.wheels:
                    if wheel.name in self._here:
                        take_over(wheel, self._here[wheel.name], staging / SITE)
            if self._rest.wheels:
                self._unpack(staging, wheels)
            self._link.progress(_("Trying PyTorch"))
            tried = try_engine(staging / SITE, self.lock.variant)
            keep_version(staging, name, self._record(tried))

    def _unpack(self, staging: Path, wheels: Path) -> None:
        requirements = staging / "requirements.txt"
        write_text(requirements, self._rest.requirements())
        try:
            uv.install(requirements, wheels, staging / SITE, _cache(), self._obey)
        except UserFacingError as error:
            if error.code == "engine.wrong_hash":  # a disk that lies: fetch all of it again
                shutil.rmtree(wheels_folder(), ignore_errors=True)
            raise

    def _record(self, tried: Tried) -> EngineRecord:
        return EngineRecord(
            variant=self.lock.variant,
            python=python_tag(),
            torch=tried.torch,
            wheels={wheel.name: wheel.sha256 for wheel in self.lock.wheels},
        )


def run_install(folder: RunFolder, params: EngineParams, link: JobLink) -> EngineResult:
    """Job ``engine``; a cancelled one keeps nothing of what it fetched."""
    del folder
    try:
        return Installation(params, link).work()
    except Cancelled:
        shutil.rmtree(wheels_folder(), ignore_errors=True)
        raise


def _cache() -> Path:
    return engine_folder() / "cache"
