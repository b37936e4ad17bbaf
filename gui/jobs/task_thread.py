"""A short look at the disk or the driver, beside the window's own thread."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from core.errors import UserFacingError
from core.language import _


class TaskThread(QThread):
    """Runs one function; for what takes longer than a moment there are jobs.

    Attributes:
        done: the function's result.
        failed: the ``UserFacingError`` it raised.
    """

    done = Signal(object)
    failed = Signal(object)

    def __init__(self, function: Callable[[], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._function = function

    def run(self) -> None:
        """Call the function and tell how it ended."""
        try:
            result = self._function()
        except UserFacingError as error:
            self.failed.emit(error)
        except Exception:  # a dialog about it can only be opened in the window's thread
            self.failed.emit(_unforeseen(traceback.format_exc()))
        else:
            self.done.emit(result)


def _unforeseen(details: str) -> UserFacingError:
    return UserFacingError(
        "window.task_bug",
        _("Something went wrong because of a bug in the application."),
        _("Your project is saved. If it happens again, report it with the details below."),
        details,
    )


class Tasks:
    """The tasks of one page; the newest of each name counts, older results are dropped."""

    def __init__(self, parent: QObject) -> None:
        self._parent = parent
        self._running: dict[str, TaskThread] = {}
        self._all: list[TaskThread] = []

    def start(
        self,
        name: str,
        function: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[UserFacingError], None],
    ) -> None:
        """Run ``function`` and hand its result to ``done`` in the window's thread."""
        task = TaskThread(function, self._parent)
        self._running[name] = task
        self._all.append(task)
        task.done.connect(lambda result: self._if_newest(name, task, done, result))
        task.failed.connect(lambda error: self._if_newest(name, task, failed, error))
        task.finished.connect(lambda: self._forget(task))
        task.start()

    def is_running(self, name: str) -> bool:
        """Return whether a task of this name has not ended yet."""
        task = self._running.get(name)
        return task is not None and task in self._all

    def _if_newest(
        self, name: str, task: TaskThread, tell: Callable[[Any], None], value: Any
    ) -> None:
        if self._running.get(name) is task:
            tell(value)

    def _forget(self, task: TaskThread) -> None:
        if task in self._all:
            self._all.remove(task)
            task.deleteLater()

    def shut_down(self) -> None:
        """Drop all results and wait for the threads."""
        self._running.clear()
        for task in list(self._all):
            task.wait()
