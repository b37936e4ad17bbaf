"""Where a project's base model is, also on another machine than the one it was chosen on.

A project names its base model by folder. When the project is carried elsewhere, that folder may not
exist; the model is then known by its fingerprint, and looked for where models usually are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from core.errors import UserFacingError
from core.language import _
from core.models.hub.local import places
from core.models.inspection import inspect_model
from core.models.sample import MODEL_NAME, sample_model_folder
from core.project import Project
from core.settings import load_settings

_WINDOWS = os.name == "nt"
_KNOWN = "base_models"  # in project.json: folder → fingerprint


def remember_base(project: Project, folder: str, fingerprint: str) -> None:
    """Note which model ``folder`` held, so that it can be found again elsewhere."""
    known = _known(project)
    if known.get(folder) != fingerprint:
        project.update_info(**{_KNOWN: {**known, folder: fingerprint}})


def _known(project: Project) -> dict[str, str]:
    known = project.info().get(_KNOWN)
    pairs = known.items() if isinstance(known, dict) else ()
    return {folder: value for folder, value in pairs if isinstance(value, str)}


def find_base(project: Project, wanted: str) -> Path:
    """Return the folder of the base model that the project calls ``wanted``.

    A folder that exists is used as it is. Nothing is known about one that was never used; the
    inspection reports that it is missing.

    Raises:
        UserFacingError: the model is nowhere on this machine (code ``model.elsewhere``).
    """
    folder = Path(wanted)
    if not _is_elsewhere(wanted) and folder.is_dir():
        return folder
    fingerprint = _known(project).get(wanted)
    if fingerprint is None:
        return folder
    found = next((c for c in _candidates(project) if _is(c, fingerprint)), None)
    if found is not None:
        return found
    name = wanted.replace("\\", "/").rstrip("/").rpartition("/")[2]
    if name == MODEL_NAME:
        return sample_model_folder()  # it can be made here
    raise UserFacingError(
        "model.elsewhere",
        _("The base model “{name}” of this project is not on this computer.", name=name),
        _(
            "Download it, or copy its folder into “{folder}”, and try again.",
            folder=str(project.root.parent),
        ),
        f"{wanted}, fingerprint {fingerprint}",  # not shown: technical details
    )


def _is_elsewhere(wanted: str) -> bool:
    """Whether Windows would ask another computer for this folder, and say who you are.

    A project that comes from elsewhere could name any; what you added yourself may be there.
    """
    remote = _WINDOWS and wanted.replace("/", "\\").startswith("\\\\")
    return remote and wanted not in load_settings().model_folders


def _candidates(project: Project) -> Iterator[Path]:
    for folder in (project.root / "models", project.root.parent, project.root.parent / "models"):
        yield from sorted(folder.glob("*"))
    yield from (folder for _, folder in places())


def _is(folder: Path, fingerprint: str) -> bool:
    if not (folder / "config.json").is_file():
        return False
    try:
        return inspect_model(folder).fingerprint == fingerprint
    except UserFacingError:
        return False
