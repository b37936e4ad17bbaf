"""What you said of answers in daily use becomes examples of the next dataset version."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from core.data.dataset import DatasetVersion
from core.data.draft import Draft, ScanOptions
from core.data.scan import scan
from core.project import Project
from core.serving.use.extension import Extension, extend
from core.serving.use.record import Use, UseRecord
from core.storage.files import explained_io, make_folder

ORIGIN = "use"
_FILE = "daily-use.jsonl"
_NOT_TAKEN = "-"
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Learned:
    """What became of the reviewed answers.

    Attributes:
        version: the new dataset version, or the old one where nothing was added.
        added: examples more to train on.
        held_out: they resemble an example that is kept for checks and tests, so they are not
            trained on.
        known: they are training examples already.
        dropped: cleaning left them out.
    """

    version: DatasetVersion
    added: int
    held_out: int
    known: int
    dropped: int


def learn_from_use(project: Project, version: DatasetVersion) -> Learned:
    """Make the next dataset version from ``version`` and the reviewed answers.

    Each reviewed answer is taken once; what is not taken is not offered again, unless its mark
    changes. Seconds, so not for the window's thread.

    Raises:
        UserFacingError: the version is damaged, or the disk refuses.
    """
    with UseRecord(project) as record:
        uses = record.usable(_MOST)
        if not uses:
            return Learned(version, 0, 0, 0, 0)
        make_folder(project.root / "data")
        with (
            explained_io(project.root),
            tempfile.TemporaryDirectory(dir=project.root / "data") as folder,
        ):
            found = _extended(project, version, uses, Path(folder))
        record.note_version([uses[n].id for n in found.added], found.version.content_hash)
        left = (*found.held_out, *found.known, *found.dropped)
        record.note_version([uses[n].id for n in left], _NOT_TAKEN)
    return Learned(
        version=found.version,
        added=len(found.added),
        held_out=len(found.held_out),
        known=len(found.known),
        dropped=len(found.dropped),
    )


def _extended(
    project: Project, version: DatasetVersion, uses: Sequence[Use], folder: Path
) -> Extension:
    """Read the answers as a file is read; row ``n`` of the draft is ``uses[n]``."""
    path = folder / _FILE
    path.write_bytes(b"".join(map(as_line, uses)))
    scan([path], ScanOptions(near_threshold=version.meta.near_threshold), folder / "draft")
    with Draft(folder / "draft") as draft:
        return extend(version, draft, project.versions, ORIGIN)


def as_line(use: Use) -> bytes:
    """Return a reviewed answer as one line of a file of examples."""
    turns = [("system", use.system)] if use.system else []
    answer = use.edited if use.mark == "edited" else use.answer
    turns += [("user", use.prompt), ("assistant", answer)]
    messages = [{"role": role, "content": content} for role, content in turns]
    return orjson.dumps({"messages": messages}) + b"\n"
