"""Takes a saved GGUF file into Ollama or LM Studio, where they are on this computer."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from core.errors import UserFacingError
from core.language import _
from core.models.hub.local import lm_studio_folders
from core.storage.files import explained_io, make_folder
from core.storage.names import free_path

_OWNER = "homelab-tuner"
_LONGEST_NAME = 60
_PATIENCE = 3600  # seconds; Ollama copies the whole file


def model_name(name: str) -> str:
    """Return a name that Ollama accepts: small letters, digits, ``-``, ``_`` and ``.``."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")
    return plain[:_LONGEST_NAME].rstrip("-._") or "my-model"


def has_ollama() -> bool:
    """Return whether its command can be run."""
    return shutil.which("ollama") is not None


def create_in_ollama(folder: Path, name: str) -> str:
    """Let Ollama make a model from the Modelfile in ``folder``; return the model's name.

    Raises:
        UserFacingError: it is not there, or it refused (code ``export.ollama``).
    """
    chosen = model_name(name)
    command = ["ollama", "create", chosen, "-f", "Modelfile"]  # not shown: a command
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace",
            timeout=_PATIENCE, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _refused(str(error)) from error
    if done.returncode:
        raise _refused(done.stderr[-2000:] or done.stdout[-2000:])
    return chosen


def _refused(details: str) -> UserFacingError:
    return UserFacingError(
        "export.ollama",
        _("Ollama did not take the model."),
        _("Start Ollama, then try again. The saved folder is complete."),
        details,
    )


def lm_studio_folder() -> Path | None:
    """Return LM Studio's folder of models, if it is on this computer."""
    return next((place for place in lm_studio_folders() if place.is_dir()), None)


def copy_to_lm_studio(folder: Path, name: str) -> Path:
    """Copy the GGUF file of ``folder`` to where LM Studio looks for models; return the copy.

    Raises:
        UserFacingError: LM Studio's folder is gone, or the disk refuses.
    """
    place = lm_studio_folder()
    files = sorted(folder.glob("*.gguf"))
    if place is None or not files:
        raise UserFacingError(
            "export.lm_studio",
            _("LM Studio's folder of models was not found."),
            _("Start LM Studio once, then try again."),
        )
    target = free_path(place / _OWNER / model_name(name))
    with explained_io(target):
        make_folder(target)
        partial = target / f"{files[0].name}.part"
        shutil.copyfile(files[0], partial)
        partial.rename(target / files[0].name)
    return target / files[0].name
