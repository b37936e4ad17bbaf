"""Where downloads are kept: plain folders of the application's own, each with a record.

A finished model lies in ``models/OWNER--NAME``; another version of it beside, with the beginning of
its commit. What is still being fetched lies in ``downloads/OWNER--NAME``, which is also the run
folder of the job that fetches it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from core.errors import UserFacingError
from core.models.hub.listing import Listing
from core.models.hub.reference import HubReference
from core.models.origin import RECORD
from core.project import RunFolder
from core.settings import application_folder
from core.storage.files import explained_io, read_json, write_json

_COMMIT_SHOWN = 8
_RECORD_LIMIT = 30_000_000  # bytes


@dataclass(frozen=True, slots=True)
class KeptModel:
    """A finished download."""

    folder: Path
    listing: Listing

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return self.listing.size


def models_folder() -> Path:
    """Return where finished models lie, one folder each."""
    return application_folder() / "models"


def downloads_folder() -> Path:
    """Return where unfinished downloads lie, one run folder each."""
    return application_folder() / "downloads"


def folder_name(repo: str) -> str:
    """Return the name of a model's folder."""
    return repo.replace("/", "--")


def run_folder(repo: str) -> RunFolder:
    """Return the run folder of a model's download, made if it is missing.

    Raises:
        UserFacingError: the disk refuses.
    """
    folder = downloads_folder() / folder_name(repo)
    with explained_io(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return RunFolder(folder)


def staging_folder(run: RunFolder) -> Path:
    """Return where a download collects its files."""
    return run.root / "files"


def write_record(folder: Path, listing: Listing) -> None:
    """Note in a folder what it holds, or is going to."""
    write_json(folder / RECORD, listing.model_dump(mode="json"))


def read_record(folder: Path) -> Listing | None:
    """Return what a folder is noted to hold; ``None`` for no, or a damaged, record."""
    path = folder / RECORD
    try:
        if not path.is_file() or path.stat().st_size > _RECORD_LIMIT:
            return None
        return Listing.model_validate(read_json(path))
    except (UserFacingError, ValidationError, OSError):
        return None


def kept_models() -> Iterator[KeptModel]:
    """Yield the finished downloads by name."""
    parent = models_folder()
    if not parent.is_dir():
        return
    for folder in sorted(parent.iterdir()):
        if folder.is_symlink() or not folder.is_dir() or folder.name.startswith("."):
            continue
        if (listing := read_record(folder)) is not None:
            yield KeptModel(folder, listing)


def find_kept(reference: HubReference) -> KeptModel | None:
    """Return a finished download of this model; of several versions the newest one fetched.

    A revision that is a commit, or its beginning, must be that; a branch or tag what was asked.
    """
    found = [kept for kept in kept_models() if _is(kept.listing, reference)]
    return max(found, key=lambda kept: kept.folder.stat().st_mtime, default=None)


def _is(listing: Listing, reference: HubReference) -> bool:
    if listing.repo.casefold() != reference.repo.casefold():
        return False
    wanted = reference.revision
    return wanted == listing.revision or (len(wanted) > 6 and listing.commit.startswith(wanted))


def final_folder(listing: Listing) -> Path:
    """Return the folder that a finished download goes to; one that exists holds this very one."""
    name = folder_name(listing.repo)
    for folder in (models_folder() / name, models_folder() / f"{name}--{_short(listing)}"):
        if not folder.exists():
            return folder
        record = read_record(folder)
        if record is not None and (record.repo, record.commit) == (listing.repo, listing.commit):
            return folder
    return models_folder() / f"{name}--{listing.commit}"


def _short(listing: Listing) -> str:
    return listing.commit[:_COMMIT_SHOWN]


def discard(run: RunFolder) -> None:
    """Delete what an unfinished download has collected."""
    with explained_io(run.root):
        shutil.rmtree(staging_folder(run), ignore_errors=True)
