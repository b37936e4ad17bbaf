"""What the models on this computer take, which fine-tunes need them, and deleting one safely."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserFacingError
from core.jobs.supervisor import is_alive
from core.language import _, ngettext
from core.library.fine_tunes import list_fine_tunes
from core.models.hub.download import on_disk
from core.models.hub.listing import Listing
from core.models.hub.local import LocalModel, find_local
from core.models.hub.store import (
    discard,
    downloads_folder,
    models_folder,
    read_record,
    staging_folder,
)
from core.project import Project, RunFolder
from core.storage.files import explained_io, read_json

_JOBS = ("train", "evaluate", "export", "trial", "learning", "proof", "prompts")


@dataclass(frozen=True, slots=True)
class Holding:
    """A model with the names of the fine-tunes (project: run) that need it.

    Attributes:
        is_own: it lies in this application's folder, so that it may be deleted here.
    """

    model: LocalModel
    needed_by: tuple[str, ...]
    is_own: bool


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A download that can be continued."""

    repo: str
    revision: str
    run: RunFolder
    done: int
    total: int
    is_running: bool
    listing: Listing


def inventory(projects: Iterable[Path]) -> list[Holding]:
    """Return the models on this computer with what needs them."""
    users = _users(projects)
    own = models_folder().resolve()
    return [
        Holding(
            model,
            tuple(users.get(model.folder.resolve(), ())),
            model.folder.resolve().parent == own,
        )
        for model in find_local()
    ]


def _users(projects: Iterable[Path]) -> dict[Path, list[str]]:
    users: dict[Path, list[str]] = {}
    for tune in list_fine_tunes(projects):
        name = f"{tune.project.name}: {tune.run.name}"
        users.setdefault(tune.base_model.resolve(), []).append(name)
    return users


def unfinished() -> list[Unfinished]:
    """Return the downloads that were begun and not finished."""
    parent = downloads_folder()
    found = []
    for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
        run = RunFolder(folder)
        record = read_record(staging_folder(run))
        if record is not None:
            done = on_disk(staging_folder(run))
            found.append(
                Unfinished(
                    record.repo, record.revision, run, done, record.size, is_alive(run), record
                )
            )
    return found


def delete_unfinished(download: Unfinished) -> None:
    """Delete what a download has collected.

    Raises:
        UserFacingError: it runs right now (code ``inventory.busy``).
    """
    if is_alive(download.run):
        what = _("“{model}” is being downloaded right now.", model=download.repo)
        raise UserFacingError("inventory.busy", what, _("Stop the download first."))
    discard(download.run)


def delete(holding: Holding, projects: Iterable[Path], *, although_needed: bool = False) -> None:
    """Delete a model that this application downloaded.

    Raises:
        UserFacingError: it belongs to another program (``inventory.foreign``), a job works with it
            (``inventory.busy``), fine-tunes need it (``inventory.needed``), or the disk refuses.
    """
    model = holding.model
    if not holding.is_own or model.folder.is_symlink():
        raise UserFacingError(
            "inventory.foreign",
            _("“{model}” belongs to {program}.", model=model.name, program=model.source),
            _(
                "Delete it there, or delete the folder “{folder}” yourself.",
                folder=str(model.folder),
            ),
        )
    if job := _job_with(model.folder, projects):
        what = _("“{job}” is using “{model}” right now.", job=job, model=model.name)
        raise UserFacingError("inventory.busy", what, _("Wait until it is done, or stop it."))
    if holding.needed_by and not although_needed:
        raise UserFacingError(
            "inventory.needed",
            ngettext(
                "{count:,} fine-tune needs “{model}”: {names}.",
                "{count:,} fine-tunes need “{model}”: {names}.",
                len(holding.needed_by),
                model=model.name,
                names=", ".join(holding.needed_by),
            ),
            _(
                "A fine-tune does not work without its base model. If you can download the model "
                "again, delete it with --force."
            ),
        )
    _remove(model.folder)


def _remove(folder: Path) -> None:
    """Rename first: what is half deleted is no model any more."""
    with explained_io(folder):
        doomed = folder.with_name(f".deleting-{uuid.uuid4().hex[:8]}")
        folder.rename(doomed)
        shutil.rmtree(doomed)


def _job_with(folder: Path, projects: Iterable[Path]) -> str:
    """Return the name of a job that works with the model now, ``""`` for none."""
    for root in projects:
        try:
            runs = list(Project.open(root).runs())
        except UserFacingError:
            continue
        for run in runs:
            if run.name.startswith(_JOBS) and is_alive(run) and _base_of(run) == folder.resolve():
                return run.name
    return ""


def _base_of(run: RunFolder) -> Path | None:
    """Look only: what another version asked counts as well, whether this one could do it or not."""
    try:
        base = read_json(run.job_file)["params"]["base_model"]
        return Path(base).resolve()
    except (UserFacingError, KeyError, TypeError, ValueError):
        return None
