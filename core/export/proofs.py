"""Which folders this application has exported and proved: noted in its own folder, not in projects.

A project that comes from elsewhere may name any folder as its export. Only a folder that was loaded
again and compared here, and has the same manifest since, is called that.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

from core.errors import UserFacingError
from core.settings import application_folder
from core.storage.files import read_json, sha256_of, write_json
from core.storage.transaction import MANIFEST

_LIMIT = 1 << 16  # bytes


def note_proof(folder: Path) -> None:
    """Remember that ``folder`` was just loaded again, compared and found equal."""
    noted = {"folder": os.fspath(folder), "manifest": sha256_of(folder / MANIFEST)}
    with suppress(UserFacingError):  # then it is only not said again later
        write_json(_note(folder), noted)


def was_proved(folder: Path) -> bool:
    """Return whether ``folder`` is an export that was proved here and is what it was then.

    A folder of which nothing is noted is not touched.
    """
    try:
        noted = read_json(_note(folder), _LIMIT)
        same_place = noted["folder"] == os.fspath(folder)
        return bool(same_place and noted["manifest"] == sha256_of(folder / MANIFEST))
    except (UserFacingError, OSError, KeyError, TypeError):
        return False


def proof_state(folder: Path) -> Literal["unchanged", "changed", "gone", "unknown"]:
    """Say what became of a folder that was proved here; ``unknown`` for any other, untouched.

    The files that its manifest names are looked for, not read.
    """
    try:
        noted = read_json(_note(folder), _LIMIT)
        if noted["folder"] != os.fspath(folder):
            return "unknown"
    except (UserFacingError, KeyError, TypeError):
        return "unknown"
    if not folder.is_dir():
        return "gone"
    try:
        manifest = folder / MANIFEST
        same = noted["manifest"] == sha256_of(manifest)
        whole = same and all((folder / name).is_file() for name in read_json(manifest)["files"])
    except (UserFacingError, OSError, KeyError, TypeError):
        return "changed"
    return "unchanged" if whole else "changed"


def _note(folder: Path) -> Path:
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]
    return application_folder() / "proofs" / f"{name}.json"
