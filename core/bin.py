"""Deleted runs wait in their project's bin and can be brought back until it is emptied.

A folder there counts only with the mark that :func:`put_in_bin` left in it: nothing else that
somebody keeps under that name is ever listed or deleted.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.language import _
from core.project import Project, RunFolder
from core.storage.files import explained_io, read_json, write_json

KEPT_DAYS = 30
_DAY = 86_400.0
_NAME = re.compile(r"train-\d+")
_MARK = "deleted.json"


@dataclass(frozen=True, slots=True)
class Binned:
    """One deleted training.

    Attributes:
        run: its folder, in the bin.
        at: when it was deleted, in seconds since 1970.
        size: bytes that emptying the bin frees.
        queued: it never began and was only taken out of the queue.
        steps: what the wizard's steps knew of it (fields of ``core.wizard.WizardState``).
    """

    project: Project
    run: RunFolder
    at: float
    size: int
    queued: bool = False
    steps: dict[str, Any] = field(default_factory=dict)


def put_in_bin(
    project: Project,
    run: RunFolder,
    *,
    queued: bool = False,
    steps: Mapping[str, str | bool] | None = None,
) -> Binned:
    """Take a run out of its project; nothing of it is lost, nor what the ``steps`` knew of it.

    Raises:
        UserFacingError: the disk refuses.
    """
    target = project.bin / run.name
    with explained_io(run.root):
        project.bin.mkdir(exist_ok=True)
        write_json(
            run.root / _MARK, {"at": time.time(), "queued": queued, "steps": dict(steps or {})}
        )
        run.root.rename(target)
    return _read(project, target) or Binned(project, RunFolder(target), time.time(), 0, queued)


def binned_run(project: Project, name: str) -> Binned | None:
    """Return a run of this name that can be brought back."""
    return None if project.bin.is_symlink() else _read(project, project.bin / name)


def bring_back(binned: Binned) -> RunFolder:
    """Put a run back where it was.

    Raises:
        UserFacingError: it is gone for good, its name is taken (code ``bin.name_taken``), or the
            disk refuses.
    """
    target = binned.project.runs_folder / binned.run.name
    if target.exists():
        raise UserFacingError(
            "bin.name_taken",
            _("There is now another run called “{run}”.", run=binned.run.name),
            _("Delete that run first. It goes to the bin, so you can restore it too."),
        )
    with explained_io(binned.run.root):
        binned.run.root.rename(target)
        (target / _MARK).unlink(missing_ok=True)
    return RunFolder(target)


def delete_for_good(binned: Binned) -> None:
    """Free the space that a deleted training takes.

    Raises:
        UserFacingError: the disk refuses.
    """
    with explained_io(binned.run.root):
        shutil.rmtree(binned.run.root)


def in_bin(projects: Iterable[Path]) -> list[Binned]:
    """Return what can be brought back, the newest first; what is too old goes for good."""
    found = [binned for root in projects for binned in _of_project(root)]
    for old in [binned for binned in found if time.time() - binned.at > KEPT_DAYS * _DAY]:
        delete_for_good(old)
        found.remove(old)
    return sorted(found, key=lambda binned: binned.at, reverse=True)


def _of_project(root: Path) -> Iterator[Binned]:
    try:
        project = Project.open(root)
    except UserFacingError:
        return
    if project.bin.is_symlink() or not project.bin.is_dir():
        return
    for folder in sorted(project.bin.iterdir()):
        binned = _read(project, folder)
        if binned is not None:
            yield binned


def _read(project: Project, folder: Path) -> Binned | None:
    if folder.is_symlink() or not folder.is_dir() or not _NAME.fullmatch(folder.name):
        return None
    try:
        mark = read_json(folder / _MARK)
        at, queued = float(mark["at"]), mark.get("queued") is True
    except (UserFacingError, KeyError, TypeError, ValueError):
        return None
    steps = mark.get("steps")
    known = steps if isinstance(steps, dict) else {}
    return Binned(project, RunFolder(folder), at, folder_size(folder), queued, known)


def folder_size(folder: Path) -> int:
    """Return the bytes of all files in a folder; what a link leads to does not count."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files)
