"""The base model that a command names: a folder, a name on the hub, or the sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.language import _
from core.models.hub.local import find_by_name
from core.models.hub.reference import parse_reference
from core.models.sample import sample_model_folder
from core.models.whereabouts import find_base
from core.project import Project
from core.wizard import load_state

_SAMPLE = "sample"


def add_base(parser: Any, *, required: bool = True) -> None:
    """Add ``--base``."""
    text = _("folder of the base model, its name on the hub, or “{sample}”", sample=_SAMPLE)
    parser.add_argument("--base", required=required, default="", metavar="MODEL", help=text)


def base_folder(name: str, project: Project | None = None) -> Path:
    """Return the folder of the base model that a command names, or that the project has.

    Raises:
        UserFacingError: there is none (code ``base.not_chosen``), or none of this name.
    """
    if name == _SAMPLE:
        return sample_model_folder()
    if not name and project is not None and (chosen := load_state(project).base_model):
        return find_base(project, chosen)
    if not name:
        raise UserFacingError(
            "base.not_chosen", _("No base model is chosen yet."), _("Name one with --base.")
        )
    return resolve_base(name)


def resolve_base(name: str) -> Path:
    """Return the folder of a base model given by folder or by its name on the hub.

    Raises:
        UserFacingError: a hub name whose model is not here (code ``base.not_here``).
    """
    path = Path(name).expanduser()
    if path.exists() or path.is_absolute() or name.startswith((".", "~")) or "/" not in name:
        return path.absolute()
    try:
        reference = parse_reference(name)
    except UserFacingError:
        return path.absolute()
    found = find_by_name(reference)
    if found is None:
        raise UserFacingError(
            "base.not_here",
            _("“{model}” is not on this computer.", model=reference.repo),
            _("Download it first with: homelab-tuner download {model}", model=reference.repo),
        )
    return found
