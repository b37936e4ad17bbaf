"""The versions of the engine on this computer: made whole, switched to, gone back from, removed."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import UserFacingError
from core.installed_engine import (
    RECORD,
    SITE,
    EngineRecord,
    Pointer,
    engine_folder,
    pointer,
    read_record,
    use_engine,
    version_folder,
)
from core.language import _
from core.project import RunFolder
from core.storage.files import explained_io, fsync_directory, make_folder, write_json
from core.storage.patience import patiently

_STAGING = ".staging-"


def job_folder() -> RunFolder:
    """Return the run folder of the job that fetches the engine; one at a time."""
    return RunFolder(engine_folder() / "job")


def wheels_folder() -> Path:
    """Return where wheels are collected."""
    return engine_folder() / "wheels"


@contextmanager
def staged_version(name: str) -> Iterator[Path]:
    """Yield an empty folder beside the versions; what is left of others is removed."""
    parent = version_folder(name).parent
    with explained_io(parent):
        make_folder(parent)
        for old in parent.glob(f"{_STAGING}*"):
            shutil.rmtree(old, ignore_errors=True)
        staging = parent / f"{_STAGING}{uuid.uuid4().hex[:8]}"  # a killed job's uv may still write
        (staging / SITE).mkdir(parents=True)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def keep_version(staging: Path, name: str, record: EngineRecord) -> None:
    """Give a staged version its place; the record, written last, makes it whole."""
    folder = version_folder(name)
    with explained_io(folder):
        write_json(staging / RECORD, record.model_dump(mode="json"))
        if folder.exists():  # not whole, or it would have been used
            folder.replace(folder.parent / f"{_STAGING}{uuid.uuid4().hex[:8]}")
        patiently(lambda: staging.replace(folder))
        fsync_directory(folder.parent)


def switch_to(name: str) -> None:
    """Use a version from now on, and remember the one before; all others are removed."""
    now = pointer()
    before = now.before if now.current == name else now.current
    before = before if read_record(before) else None
    _write(Pointer(current=name, before=before))
    for folder in version_folder(name).parent.iterdir():
        if folder.name not in (name, before):
            shutil.rmtree(folder, ignore_errors=True)


def go_back() -> EngineRecord:
    """Use the version before; return its record.

    Raises:
        UserFacingError: there is none (code ``engine.no_way_back``).
    """
    now = pointer()
    record = read_record(now.before)
    if record is None:
        raise UserFacingError(
            "engine.no_way_back",
            _("There is no earlier version of PyTorch to go back to."),
            _("Install it again instead."),
        )
    _write(Pointer(current=now.before, before=now.current))
    return record


def remove_engine() -> None:
    """Delete all versions and whatever was collected."""
    with explained_io(engine_folder()):
        if engine_folder().exists():
            _write(Pointer())
            shutil.rmtree(engine_folder(), ignore_errors=True)
    use_engine()


def _write(new: Pointer) -> None:
    write_json(engine_folder() / "current.json", new.model_dump(mode="json"))
    use_engine()
