"""Folders that exist whole or not at all: checkpoints, exports, dataset versions, the sample model.

A folder is filled beside its final place, every file is flushed to the disk, a manifest with the
SHA-256 of every file is written last, and one rename makes it visible.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from core.errors import UserFacingError
from core.language import N_, _
from core.storage.files import (
    explained_io,
    fsync_contents,
    fsync_directory,
    make_folder,
    read_json,
    sha256_of,
    write_json,
)
from core.storage.patience import patiently

MANIFEST = "manifest.json"
_STAGING_PREFIX = ".staging-"
_MISSING = N_("“{folder}” is damaged: the file “{name}” is missing.")
_SURPLUS = N_("“{folder}” is damaged: the file “{name}” does not belong there.")
_CHANGED = N_("“{folder}” is damaged: the file “{name}” has changed since it was written.")
_UNREADABLE = N_("“{folder}” is damaged: the file “{name}” cannot be read.")


@contextmanager
def staged_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder to fill; on success it becomes ``target``, on failure nothing remains.

    Raises:
        UserFacingError: ``target`` exists already (code ``folder.exists``), or the disk refuses.
    """
    if target.exists():
        raise UserFacingError(
            "folder.exists",
            _("“{folder}” already exists, and nothing is ever overwritten.", folder=str(target)),
            _("Choose another name."),
        )
    staging = target.parent / f"{_STAGING_PREFIX}{os.getpid()}-{target.name}"
    with explained_io(target):
        make_folder(target.parent)
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            yield staging
            _seal(staging)
            patiently(lambda: staging.rename(target))
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        fsync_directory(target.parent)


def _seal(folder: Path) -> None:
    fsync_contents(folder)
    hashes = {}
    for path in _files(folder):
        hashes[path.relative_to(folder).as_posix()] = sha256_of(path)
    write_json(folder / MANIFEST, {"files": hashes})


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p != folder / MANIFEST)


def verify_folder(folder: Path) -> None:
    """Check every file of a sealed folder against its manifest.

    Raises:
        UserFacingError: code ``folder.damaged`` names the first file that is missing, surplus or
            changed.
    """
    recorded = _recorded_hashes(folder)
    present = {path.relative_to(folder).as_posix() for path in _files(folder)}
    for name in sorted(present ^ recorded.keys()):
        raise _damaged(folder, name, _SURPLUS if name in present else _MISSING)
    for name, expected in sorted(recorded.items()):
        with explained_io(folder / name):
            actual = sha256_of(folder / name)
        if actual != expected:
            raise _damaged(folder, name, _CHANGED)


def _recorded_hashes(folder: Path) -> dict[str, str]:
    try:
        recorded = read_json(folder / MANIFEST)["files"]
        names_are_inside = all(".." not in PurePosixPath(name).parts for name in recorded)
    except (UserFacingError, KeyError, TypeError) as error:
        raise _damaged(folder, MANIFEST, _UNREADABLE) from error
    if not (isinstance(recorded, dict) and names_are_inside):
        raise _damaged(folder, MANIFEST, _UNREADABLE)
    return recorded


def _damaged(folder: Path, name: str, what: str) -> UserFacingError:
    return UserFacingError(
        "folder.damaged",
        _(what, folder=folder.name, name=name),
        _("Restore it from a backup, or repeat the step that made it."),
        str(folder),
    )


def remove_leftovers(parent: Path) -> None:
    """Delete what interrupted writers left beside finished folders in ``parent``.

    Only call it where no other writer works in ``parent``.
    """
    for leftover in parent.glob(f"{_STAGING_PREFIX}*"):
        shutil.rmtree(leftover, ignore_errors=True)
