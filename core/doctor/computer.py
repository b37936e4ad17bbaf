"""What the computer itself has: memory, disk, graphics card, and whether it may fall asleep."""

from __future__ import annotations

import os
import platform
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from core.doctor.check import SelfCheck
from core.errors import UserFacingError
from core.events import Notice
from core.hardware.cards.makers import makers
from core.hardware.cards.reader import read_cards
from core.hardware.system.awake import KeepAwake
from core.hardware.system.machine import read_machine
from core.installation.variant import Variant, choose
from core.language import _
from core.planning.memory import gigabytes
from core.settings import default_projects_folder
from core.storage.synchronised import synchronised_by

_LEAST_FREE = 5e9
_TRIED = 64 << 20  # bytes
_PIECE = 1 << 20
_SLOW = 40e6  # bytes a second: a checkpoint of an 8B adapter (0.5 GB) then takes 12 s
_MB = 1e6


def machine() -> SelfCheck:
    """Return system and memory."""
    found = read_machine(Path.cwd())
    system, python = platform.system(), platform.python_version()
    if not found.ram_total:
        seen = _("{system}, Python {python}, size of memory unknown", system=system, python=python)
    else:
        seen = _(
            "{system}, Python {python}, {memory} GB of memory",
            system=system,
            python=python,
            memory=gigabytes(found.ram_total),
        )
    return SelfCheck(_("computer"), True, seen)


def disk() -> SelfCheck:
    """Return the room where projects are kept."""
    folder = existing(default_projects_folder())
    free = read_machine(folder).disk_free
    if free is None:
        unread = _("the free space of {folder} cannot be read", folder=str(folder))
        return SelfCheck(_("disk"), True, unread)
    enough = free > _LEAST_FREE
    todo = "" if enough else _("Free at least 5 GB: base models and checkpoints are large.")
    return SelfCheck(
        _("disk"), not todo, _("{size} GB free", size=gigabytes(free, down=True)), todo
    )


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder


def folder() -> SelfCheck:
    """Return whether the projects' folder is copied to a cloud."""
    place = default_projects_folder()
    program = synchronised_by(place)
    if not program:
        return SelfCheck(_("projects folder"), True, _("not synchronised"))
    return SelfCheck(
        _("projects folder"),
        False,
        _("{folder} is synchronised by {program}", folder=str(place), program=program),
        _(
            "Choose a folder outside it for new projects: synchronising slows saving down, and may "
            "bring back older files."
        ),
    )


def disk_speed(tried: int = _TRIED, clock: Callable[[], float] = time.monotonic) -> SelfCheck:
    """Return how fast the disk takes what a checkpoint writes; the file is removed again.

    A slow one is no fault, only advice: a disk may be busy at the moment.
    """
    place = existing(default_projects_folder()) / f".homelab-tuner-{secrets.token_hex(4)}"
    try:
        rate = _written_per_second(place, tried, clock)
    except OSError as error:
        unknown = _("not measured: {reason}", reason=error.strerror or type(error).__name__)
        return SelfCheck(_("speed of the disk"), True, unknown)
    finally:
        place.unlink(missing_ok=True)
    seen = _("{rate:,.0f} MB a second", rate=rate / _MB)
    slow = rate < _SLOW
    todo = _("Keep projects on a faster disk, best on an SSD: saving takes long here.")
    return SelfCheck(_("speed of the disk"), True, seen, todo if slow else "")


def _written_per_second(place: Path, size: int, clock: Callable[[], float]) -> float:
    piece = os.urandom(_PIECE)  # some disks compress
    began = clock()
    with place.open("xb") as stream:
        for _number in range(max(1, size // _PIECE)):
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())
    return max(1, size // _PIECE) * _PIECE / max(clock() - began, 1e-9)


def card() -> SelfCheck:
    """Return the cards, and whether their driver is new enough."""
    found = read_cards()
    if not found:
        return SelfCheck(_("graphics card"), True, found.reason)
    names = ", ".join(f"{c.name} ({gigabytes(c.memory_total or 0)} GB)" for c in found.cards)
    choice = choose(found, makers())
    fits = choice.variant is not Variant.CPU
    return SelfCheck(_("graphics card"), fits, names, "" if fits else choice.note)


class _Link:
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[Notice] = []

    def emit(self, event: object) -> None:
        """Keep a notice."""
        if isinstance(event, Notice):
            self.said.append(event)


def sleep() -> SelfCheck:
    """Return whether the computer can be kept awake; a run that sleeps waits, so it is no fault."""
    link = _Link()
    try:
        with KeepAwake(link, wanted=True) as awake:
            works = awake.works
    except UserFacingError as error:
        return SelfCheck(_("sleep"), True, error.what)
    if works:
        return SelfCheck(_("sleep"), True, _("can be held off during a run"))
    todo = next((notice.todo for notice in link.said), "")
    return SelfCheck(_("sleep"), True, _("cannot be held off from here"), todo)
