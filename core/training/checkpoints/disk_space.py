"""Room on the disk, asked for before it is needed: a full disk is a pause, never a lost night.

What a run still writes is known from its first step: checkpoints (the adapter and AdamW's two
moments, all float32), the best adapter, and the export at the end. So there is a refusal before the
first step and a check before every save, and the export's share is never given away.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

from core.errors import UserFacingError
from core.events import Notice, StateChanged
from core.hardware.system.machine import disk_free
from core.jobs.link import JobLink, Request
from core.language import _

SPARE_BYTES = 32_000_000  # events, log, tokens, everything small
POLL_SECONDS = 2.0
_FLOAT = 4
_ENDS = (Request.STOP, Request.END)


def checkpoint_bytes(trainable: int) -> int:
    """Return the size of one checkpoint of this many trainable weights."""
    return 3 * _FLOAT * trainable


def bytes_for_a_save(trainable: int) -> int:
    """Return what must be free before a save: a checkpoint, a best adapter, and the export."""
    return checkpoint_bytes(trainable) + 2 * _FLOAT * trainable + SPARE_BYTES


def bytes_for_a_run(trainable: int, kept: int) -> int:
    """Return what must be free before the first step.

    Args:
        trainable: trainable weights.
        kept: bytes that this run has on the disk already (when it is resumed).
    """
    most = 3 * checkpoint_bytes(trainable) + 3 * _FLOAT * trainable + SPARE_BYTES
    return max(bytes_for_a_save(trainable), most - kept)


def folder_bytes(*folders: Path) -> int:
    """Return the size of all files in these folders; what vanishes meanwhile counts nothing."""
    paths = (path for folder in folders if folder.is_dir() for path in folder.rglob("*"))
    return sum(path.stat().st_size for path in paths if path.is_file())


def require_room(folder: Path, needed: int) -> None:
    """Refuse when fewer than ``needed`` bytes are free where ``folder`` is.

    Raises:
        UserFacingError: ``disk.full``, with the gigabytes to free.
    """
    free = disk_free(folder)
    if free is not None and free < needed:
        raise UserFacingError(
            "disk.full",
            _(
                "The disk that holds “{folder}” has only {free:.1f} GB free; the run needs "
                "{needed:.1f} GB to save its work.",
                folder=str(folder),
                free=_gigabytes(free, math.floor),
                needed=_gigabytes(needed, math.ceil),
            ),
            _("Free at least {size:.1f} GB.", size=_gigabytes(needed - free, math.ceil)),
        )


def _gigabytes(size: int, rounded: Callable[[float], int]) -> float:
    return rounded(size / 1e8) / 10


def save_or_wait(link: JobLink, write: Callable[[], object], needed: int) -> float:
    """Do ``write``; while the disk refuses, say so once and try again. Return the seconds waited.

    Args:
        link: takes the events; its folder's disk is the one that is watched.
        write: leaves nothing behind when it fails.
        needed: bytes that must be free.

    Raises:
        UserFacingError: the refusal, when you or the system ask to end while waiting.
        Cancelled: you cancelled.
    """
    began, told = time.monotonic(), False
    while True:
        try:
            require_room(link.folder.root, needed)
            write()
            break
        except UserFacingError as error:
            if not error.code.startswith("disk.") or link.request() in _ENDS:
                raise
            if not told:
                _tell(link, error, needed)
                told = True
            link.check_cancelled()
            time.sleep(POLL_SECONDS)
    if told:
        link.emit(StateChanged(state="running"))
    return time.monotonic() - began if told else 0.0


def _tell(link: JobLink, error: UserFacingError, needed: int) -> None:
    text = _("{what} The run waits; everything saved before is kept.", what=error.what)
    missing = max(0, needed - (disk_free(link.folder.root) or 0)) or needed  # or a quota is full
    size = _gigabytes(missing, math.ceil)
    if error.code == "disk.full":
        todo = _("Free at least {size:.1f} GB; the run then continues automatically.", size=size)
    else:
        todo = _("{todo} The run then continues automatically.", todo=error.todo)
    link.emit(Notice(level="problem", code=error.code, text=text, todo=todo))
    link.emit(StateChanged(state="paused", reason=text, by_itself=True))
