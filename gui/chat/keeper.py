"""Saves the conversation beside the window's thread, one writing after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.conversations import store
from core.conversations.conversation import Conversation
from core.errors import UserFacingError
from gui.jobs.task_thread import Tasks


class Keeper(QObject):
    """Keeps conversations in a folder.

    Attributes:
        failed: one could not be written (``UserFacingError``).
    """

    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(self)
        self._waiting: dict[str, tuple[Path, Conversation]] = {}
        self._writing = False

    def keep(self, folder: Path, name: str, conversation: Conversation) -> None:
        """Write it soon; of several states of one conversation the newest counts."""
        self._waiting[name] = (folder, conversation)
        self._next()

    def forget(self, name: str) -> None:
        """Do not write one that waits."""
        self._waiting.pop(name, None)

    def read(
        self,
        folder: Path,
        name: str,
        done: Callable[[Conversation], None],
        failed: Callable[[UserFacingError], None],
    ) -> None:
        """Read one and hand it to ``done``; one that waits to be written is at hand."""
        waiting = self._waiting.get(name)
        if waiting is not None:
            done(waiting[1])
            return
        self._tasks.start("read", lambda: store.load(folder, name), done, failed)

    def _next(self) -> None:
        if self._writing or not self._waiting:
            return
        self._writing = True
        name, (folder, conversation) = next(iter(self._waiting.items()))

        def write() -> None:
            store.save(folder, name, conversation)

        self._tasks.start(
            "write",
            write,
            lambda _none: self._written(name, conversation),
            lambda error: self._refused(name, error),
        )

    def _written(self, name: str, conversation: Conversation) -> None:
        waiting = self._waiting.get(name)
        if waiting is not None and waiting[1] is conversation:
            del self._waiting[name]
        self._writing = False
        self._next()

    def _refused(self, name: str, error: UserFacingError) -> None:
        self._waiting.pop(name, None)
        self._writing = False
        self.failed.emit(error)
        self._next()

    def flush(self) -> list[UserFacingError]:
        """Write what waits, now; return what the disk refused."""
        self._tasks.shut_down()
        self._writing = False
        refused = []
        for name, (folder, conversation) in self._waiting.items():
            try:
                store.save(folder, name, conversation)
            except UserFacingError as error:
                refused.append(error)
        self._waiting.clear()
        return refused
