"""Wheels that a version on this computer was made of already: taken over, not fetched again.

A new version of the application often changes one small wheel and keeps PyTorch's gigabytes. What
is unchanged is compared with the hashes that its wheel brought (RECORD) and linked, so that it
takes no room either.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import PackagePath, distributions
from pathlib import Path

from core.installation.lock import EngineLock, RemoteFile
from core.installed_engine import SITE, pointer, read_record, version_folder

_PIECE = 1 << 20


def already_here(lock: EngineLock) -> dict[str, Path]:
    """Return where each wheel of the lock is installed, by its package; cheap, nothing is read."""
    found: dict[str, Path] = {}
    now = pointer()
    for name in (now.current, now.before):
        record = read_record(name)
        if name is None or record is None:
            continue
        for wheel in lock.wheels:
            if record.wheels.get(wheel.name) == wheel.sha256:
                found.setdefault(wheel.name, version_folder(name) / SITE)
    return found


def still_missing(lock: EngineLock) -> EngineLock:
    """Return the wheels that have to be fetched, unless what is installed turns out damaged."""
    here = already_here(lock)
    return lock.model_copy(update={"wheels": tuple(w for w in lock.wheels if w.name not in here)})


def sound(wheel: RemoteFile, site: Path, check: Callable[[], object]) -> bool:
    """Return whether every file of an installed wheel is as it was installed.

    Args:
        check: called often; may raise to end it.
    """
    try:
        entries = _entries(wheel, site)
        return bool(entries) and all(_is_right(entry, site, check) for entry in entries)
    except OSError:
        return False


def take_over(wheel: RemoteFile, site: Path, target: Path) -> None:
    """Put the files of an installed wheel into another site, as links where the disk has them."""
    for entry in _entries(wheel, site):
        place = target / entry
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(site / entry, place)
        except OSError:
            shutil.copy2(site / entry, place)


def _entries(wheel: RemoteFile, site: Path) -> list[PackagePath]:
    """What a wheel has installed; nothing where a file is gone or a name leads out of the site."""
    found = next(iter(distributions(name=wheel.name, path=[str(site)])), None)
    if found is None:
        return []
    entries = list(found.files or ())  # some versions of Python leave out what is gone
    recorded = [line for line in (found.read_text("RECORD") or "").splitlines() if line.strip()]
    inside = all(".." not in entry.parts and not entry.is_absolute() for entry in entries)
    return entries if inside and len(entries) == len(recorded) else []


def _is_right(entry: PackagePath, site: Path, check: Callable[[], object]) -> bool:
    path = site / entry
    if path.is_symlink() or not path.is_file():
        return False
    if entry.hash is None:  # RECORD itself, and what uv writes beside it
        return ".dist-info" in entry.parts[0]
    digest = hashlib.new(entry.hash.mode)
    for piece in _pieces(path):
        digest.update(piece)
        check()
    return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode() == entry.hash.value


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece
