"""The packages that were fetched: the newest, and the one before as the way back."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from core.installation.kind import Kind
from core.installation.updates.looking import updates_folder
from core.language import _
from core.project import RunFolder

_KEPT = 2
_READY = "packages"


@dataclass(frozen=True, slots=True)
class Package:
    """A package that lies ready."""

    version: str
    path: Path


def job_folder() -> RunFolder:
    """Return the run folder of the job that fetches a package; one at a time."""
    return RunFolder(updates_folder() / "job")


def package_folder(version: str) -> Path:
    """Return where the package of a version is kept."""
    return updates_folder() / _READY / version


def arriving_folder() -> Path:
    """Return where a package is collected."""
    return updates_folder() / "arriving"


def packages() -> tuple[Package, ...]:
    """Return the packages that lie ready, newest first."""
    found = []
    with suppress(OSError):
        for folder in (updates_folder() / _READY).iterdir():
            with suppress(InvalidVersion, StopIteration, OSError):
                Version(folder.name)
                found.append(Package(folder.name, next(folder.iterdir())))
    return tuple(sorted(found, key=lambda one: Version(one.version), reverse=True))


def keep_package(arrived: Path, version: str) -> Package:
    """Give a fetched package its place; only it and the newest before it are kept."""
    folder = package_folder(version)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = arrived.replace(folder / arrived.name)
    others = [one for one in packages() if one.version != version]
    for other in others[_KEPT - 1 :]:
        shutil.rmtree(other.path.parent, ignore_errors=True)
    return Package(version, path)


def way_back(own: str) -> Package | None:
    """Return the newest package of a version before this one."""
    before = [one for one in packages() if Version(one.version) < Version(own)]
    return before[0] if before else None


def how_to_install(package: Package, kind: Kind, *, back: bool = False) -> str:
    """Return what to do with a package: a line for the terminal, or words."""
    path = str(package.path)
    if kind is Kind.DEBIAN:
        downgrade = "--allow-downgrades " if back else ""
        return f'sudo apt install {downgrade}"{path}"'  # not shown as a sentence: a command
    if kind is Kind.APPIMAGE:
        return _("Close Homelab Tuner, and start this file from now on.")
    if sys.platform == "darwin":
        return _("Open it and drag Homelab Tuner into Applications.")
    return _("Close Homelab Tuner, then open the file to install it.")
