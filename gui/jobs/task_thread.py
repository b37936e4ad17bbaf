"""A short look at the disk or the driver, beside the window's own thread."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal, Slot

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

    def __init__(self, function: Callable[[], Any]) -> None:
        super().__init__()
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


class _RunningThreads(QObject):
    """Owns the threads until they have ended: who asked may be deleted before.

    Qt ends the whole application when a QThread is deleted that still runs.
    """

    def __init__(self) -> None:
        super().__init__()
        self._threads: set[TaskThread] = set()

    def start(self, thread: TaskThread) -> None:
        self._threads.add(thread)
        thread.finished.connect(self._let_go)
        thread.start()

    @Slot()
    def _let_go(self) -> None:
        thread = self.sender()
        if isinstance(thread, TaskThread):
            thread.wait()
            self._threads.discard(thread)
            thread.deleteLater()

    def wait(self) -> None:
        for thread in list(self._threads):
            thread.wait()


@cache
def _running() -> _RunningThreads:
    return _RunningThreads()  # on the first task: its signals arrive in the window's thread


def wait_for_tasks() -> None:
    """Wait until every task has ended, also those whose page is gone."""
    _running().wait()


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who is told how a task ended."""

    name: str
    done: Callable[[Any], None]
    failed: Callable[[UserFacingError], None]


class Tasks(QObject):
    """The tasks of one page; the newest of each name counts, older results are dropped.

    The threads know no function that knows them: Python would find such a circle at any time in
    any thread, and a thread that is taken apart in another one takes the window down.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._asked: dict[TaskThread, _Asked] = {}
        self._newest: dict[str, TaskThread] = {}

    def start(
        self,
        name: str,
        function: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[UserFacingError], None],
    ) -> None:
        """Run ``function`` and hand its result to ``done`` in the window's thread."""
        task = TaskThread(function)
        self._asked[task] = _Asked(name, done, failed)
        self._newest[name] = task
        task.done.connect(self._done)
        task.failed.connect(self._failed)
        task.finished.connect(self._finished)
        _running().start(task)

    def is_running(self, name: str) -> bool:
        """Return whether a task of this name has not ended yet."""
        return self._newest.get(name) in self._asked

    def _counting(self) -> _Asked | None:
        """Return who waits for the task that has just told something, if it counts."""
        task = self.sender()
        if not isinstance(task, TaskThread):
            return None
        asked = self._asked.get(task)
        return asked if asked is not None and self._newest.get(asked.name) is task else None

    @Slot(object)
    def _done(self, result: object) -> None:
        if (asked := self._counting()) is not None:
            asked.done(result)

    @Slot(object)
    def _failed(self, error: UserFacingError) -> None:
        if (asked := self._counting()) is not None:
            asked.failed(error)

    @Slot()
    def _finished(self) -> None:
        task = self.sender()
        if isinstance(task, TaskThread) and task in self._asked:
            del self._asked[task]  # last: who asked may live only as long as this

    def shut_down(self) -> None:
        """Drop all results and wait for the threads."""
        self._newest.clear()
        for task in list(self._asked):
            task.wait()
