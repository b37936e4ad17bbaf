"""Which other programs use a card: neither this training, nor the desktop's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import psutil

from core.hardware.cards.card import CardProcess
from core.hardware.cards.nvml import Nvml, attempt, number

_MAX_PROCESSES = 100
_DESKTOP_BYTES = 500_000_000  # a desktop, a browser: what draws needs more to be worth a word


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    is_own: bool


class OtherPrograms:
    """Names the programs on a card; asks the system about each of them only once.

    The processes of this run (this one and its descendants, the workers of the other cards) are
    left out. So is what only draws, unless it is known to hold much of the memory: a game is
    named, a desktop is not.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], _Known] = {}

    def on(self, library: Nvml, handle: Any, index: int) -> tuple[CardProcess, ...]:
        """Return the other programs on the card ``index``; empty where the library refuses."""
        drawing = _listed(lambda: library.nvmlDeviceGetGraphicsRunningProcesses(handle))
        computing = _listed(lambda: library.nvmlDeviceGetComputeRunningProcesses(handle))
        large = {pid: held for pid, held in drawing.items() if (held or 0) >= _DESKTOP_BYTES}
        found = {pid: held for pid, held in computing.items() if pid not in drawing} | large
        known = {(index, pid): self._look_up(index, pid) for pid in found}
        others = {key: one for key, one in self._known.items() if key[0] != index}
        self._known = others | known  # a number that left the card may come back as another's
        return tuple(
            CardProcess(pid, known[index, pid].name, held)
            for pid, held in found.items()
            if not known[index, pid].is_own
        )

    def _look_up(self, index: int, pid: int) -> _Known:
        before = self._known.get((index, pid))
        return before or _Known(attempt(lambda: psutil.Process(pid).name()) or "", _is_own(pid))


def _listed(read: Callable[[], Any]) -> dict[int, int | None]:
    """Return the bytes that each process holds, by its number."""
    entries = attempt(lambda: list(read())) or []
    found = [attempt(partial(_process, entry)) for entry in entries[:_MAX_PROCESSES]]
    return dict(process for process in found if process is not None)


def _process(entry: Any) -> tuple[int, int | None]:
    held = number(lambda: entry.usedGpuMemory, 0, 1e14)
    return int(entry.pid), None if held is None else int(held)


def _is_own(pid: int) -> bool:
    """Whether the process is this one or descends from it."""
    if pid == os.getpid():
        return True
    parents = attempt(lambda: psutil.Process(pid).parents()) or []
    return any(parent.pid == os.getpid() for parent in parents)
