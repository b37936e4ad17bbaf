"""One loaded model for server and chat: the chat asks what the server holds.

Without this, two copies of the same base would lie in memory as soon as both are used.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.generation.spec import Ask, Hearer
from core.serving.client import ModelProcess, Told

_lock = threading.Lock()
_offered: list[ModelProcess] = []


def offer(process: ModelProcess) -> None:
    """Let others ask this model too."""
    with _lock:
        _offered.append(process)


def withdraw(process: ModelProcess) -> None:
    """Let nobody else ask it from now on."""
    with _lock, suppress(ValueError):
        _offered.remove(process)


def offered(project: Path, base: Path, runs: Sequence[str]) -> ModelProcess | None:
    """Return a model that answers for all of these, loaded or not; ``None`` if there is none."""
    with _lock:
        for process in _offered:
            same = (process.project, process.base) == (project, base)
            if same and set(runs) <= set(process.runs):
                return process
    return None


class SharedModel:
    """The use of a model that belongs to somebody else.

    Args:
        told: hears of its states from :meth:`start` on.
    """

    def __init__(self, process: ModelProcess, told: Told) -> None:
        self._process, self._told = process, told
        self._ids: set[str] = set()

    def start(self) -> None:
        """Begin to load, unless it is loaded already.

        Raises:
            UserFacingError: as :meth:`core.serving.client.ModelProcess.start`.
        """
        self._process.follow(self._told)
        self._process.start()
        ready = self._process.ready
        if ready is not None:
            self._told(ready)

    def ask(self, ask: Ask, hear: Hearer) -> None:
        """Begin an answer."""
        self._ids.add(ask.id)
        self._process.ask(ask, hear)

    def cancel(self, id: str) -> None:
        """End an answer early."""
        self._process.cancel(id)

    def close(self) -> None:
        """Use it no more; it stays loaded for its owner."""
        self._process.unfollow(self._told)
        for id in self._ids:
            self._process.cancel(id)
