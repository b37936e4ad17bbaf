"""What an installation of PyTorch would take, before a byte of it is fetched."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserFacingError
from core.hardware.cards.card import CardReport
from core.hardware.cards.makers import makers
from core.hardware.cards.reader import read_cards
from core.hardware.system.machine import disk_free
from core.installation.lock import EngineLock, available, read_lock
from core.installation.reuse import still_missing
from core.installation.source import Source, parse_source
from core.installation.variant import Choice, Variant, choose, name_of
from core.installation.versions import wheels_folder
from core.installed_engine import (
    EngineRecord,
    engine_folder,
    has_torch,
    pointer,
    read_record,
)
from core.language import _
from core.wording import gigabytes

# Times the wheels: the build for the processor takes 3.9 with what Python compiles of it; the
# others were not measured, but hold libraries that are packed less.
_UNPACKED_CPU, _UNPACKED = 4.2, 2.6
_SPARE = 500_000_000


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """What would be fetched, from where and to where.

    Attributes:
        choice: what suits this computer, and why.
        variant: the build that is planned.
        rest: the wheels of ``lock`` that are not installed here already.
        have: bytes of the rest that have been fetched.
        free: bytes free on the disk, ``None`` if unknown.
    """

    choice: Choice
    variant: Variant
    lock: EngineLock
    rest: EngineLock
    source: Source
    have: int
    free: int | None

    @property
    def missing(self) -> int:
        """Bytes that are still to be fetched."""
        return 0 if self.source.folder is not None else max(0, self.rest.size - self.have)

    @property
    def needed(self) -> int:
        """Bytes that the disk must have free, while both wheels and their contents lie there."""
        return room_for(self.rest, self.missing)

    @property
    def is_installed(self) -> bool:
        """Whether exactly these wheels are in use."""
        return pointer().current == self.lock.name and read_record(self.lock.name) is not None

    @property
    def fits(self) -> bool:
        """Whether the disk has room."""
        return self.free is None or self.free >= self.needed

    def lines(self) -> list[str]:
        """Return the plan as lines to read."""
        card = self.choice.card
        title = _("{name}, version {version}", name=name_of(self.variant), version=self.lock.torch)
        lines: list[str] = [title]
        if card and self.choice.driver:
            lines.append(_("For: {card}, driver {driver}", card=card, driver=self.choice.driver))
        elif card:
            lines.append(_("For: {card}", card=card))
        if self.choice.note:
            lines.append(self.choice.note)
        hosts = ", ".join(self.source.hosts(self.rest))
        lines.append(_("Download: {size} from {hosts}", size=gigabytes(self.missing), hosts=hosts))
        lines.append(self._disk())
        return lines

    def _disk(self) -> str:
        needed, folder = gigabytes(self.needed), str(engine_folder())
        if self.free is None:
            return _("On the disk: up to {needed} in {folder}", needed=needed, folder=folder)
        free = gigabytes(self.free)
        return _(
            "On the disk: up to {needed} in {folder} ({free} free)",
            needed=needed,
            folder=folder,
            free=free,
        )


@dataclass(frozen=True, slots=True)
class EngineState:
    """What is there now.

    Attributes:
        carried: PyTorch came with the application, or was installed beside it.
        record: the version in use that was fetched; ``before`` the one to go back to.
        kept: bytes of an unfinished download.
    """

    carried: bool
    record: EngineRecord | None
    before: EngineRecord | None
    kept: int

    @property
    def is_there(self) -> bool:
        """Whether there is a PyTorch to work with."""
        return self.carried or self.record is not None


def engine_state() -> EngineState:
    """Look at what is there; cheap."""
    now = pointer()
    record = read_record(now.current)
    carried = record is None and has_torch()
    return EngineState(carried, record, read_record(now.before), collected())


def collected() -> int:
    """Return the bytes of wheels that an unfinished installation has collected."""
    try:
        return sum(path.stat().st_size for path in wheels_folder().iterdir())
    except OSError:
        return 0


def can_install() -> bool:
    """Return whether this installation can take an engine; a frozen one carries its own."""
    return not getattr(sys, "frozen", False) and bool(available())


def plan_engine(
    variant: Variant | None = None, source: str = "", cards: CardReport | None = None
) -> EnginePlan:
    """Look at the cards and plan; up to a few seconds.

    Args:
        variant: another build than the one that suits.

    Raises:
        UserFacingError: codes ``engine.not_locked`` and ``engine.source``.
    """
    where = parse_source(source)
    choice = choose(cards if cards is not None else read_cards(), makers(), available())
    wanted = variant or choice.variant
    lock = read_lock(wanted)
    rest = still_missing(lock)
    have = sum(_have(wheels_folder(), wheel.file) for wheel in rest.wheels)
    return EnginePlan(choice, wanted, lock, rest, where, have, disk_free(engine_folder()))


def _have(folder: Path, file: str) -> int:
    for path in (folder / file, folder / f"{file}.part"):
        try:
            return path.stat().st_size
        except OSError:
            continue
    return 0


def room_for(lock: EngineLock, missing: int) -> int:
    """Return the bytes that must be free when ``missing`` bytes are still to be fetched."""
    times = _UNPACKED_CPU if lock.variant is Variant.CPU else _UNPACKED
    return missing + round(lock.size * times) + _SPARE


def require_room(lock: EngineLock, missing: int) -> None:
    """Refuse before the first byte when the disk cannot hold it.

    Raises:
        UserFacingError: code ``engine.disk_full``.
    """
    free, needed = disk_free(engine_folder()), room_for(lock, missing)
    if free is None or free >= needed:
        return
    raise UserFacingError(
        "engine.disk_full",
        _(
            "The disk of “{folder}” has {free} free. PyTorch needs {needed}.",
            folder=str(engine_folder()),
            free=gigabytes(free),
            needed=gigabytes(needed),
        ),
        _("Free some space and try again. What was downloaded is kept."),
    )
