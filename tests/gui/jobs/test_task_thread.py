from __future__ import annotations

import threading

import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from gui.jobs.task_thread import Tasks, TaskThread, wait_for_tasks


def test_the_result_arrives_in_the_windows_thread(qtbot: QtBot) -> None:
    owner = QObject()
    tasks = Tasks(owner)
    got: list[tuple[str, str]] = []
    tasks.start(
        "look",
        lambda: threading.current_thread().name,
        lambda name: got.append((name, threading.current_thread().name)),
        lambda _error: None,
    )
    assert tasks.is_running("look")
    qtbot.waitUntil(lambda: bool(got) and not tasks.is_running("look"))
    assert got[0][0] != got[0][1] == "MainThread"


def test_an_error_for_the_person_is_told(qtbot: QtBot) -> None:
    tasks = Tasks(owner := QObject())
    told: list[UserFacingError] = []

    def fail() -> None:
        raise UserFacingError("test.refused", "No.", "Ask again.")

    tasks.start("look", fail, lambda _result: None, told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert told[0].code == "test.refused"
    tasks.shut_down()
    del owner


def test_only_the_newest_of_a_name_counts(qtbot: QtBot) -> None:
    tasks = Tasks(owner := QObject())
    may_end = threading.Event()
    got: list[str] = []
    tasks.start("look", lambda: may_end.wait(60) and "old", got.append, lambda _error: None)
    tasks.start("look", lambda: "new", got.append, lambda _error: None)
    qtbot.waitUntil(lambda: bool(got))
    may_end.set()
    qtbot.waitUntil(lambda: not tasks._asked)
    assert got == ["new"]
    del owner


def test_shutting_down_waits_and_drops(qtbot: QtBot) -> None:
    tasks = Tasks(owner := QObject())
    got: list[str] = []
    tasks.start("look", lambda: "late", got.append, lambda _error: None)
    tasks.shut_down()
    qtbot.wait(20)
    assert got == []
    del owner


def test_whoever_asked_may_be_deleted_meanwhile(qtbot: QtBot) -> None:
    """Qt would end the application with the thread's owner."""
    tasks = Tasks(owner := QObject())
    may_end = threading.Event()
    got: list[str] = []
    tasks.start("look", lambda: may_end.wait(60) and "late", got.append, lambda _error: None)
    shiboken6.delete(owner)
    assert not shiboken6.isValid(tasks)
    may_end.set()
    wait_for_tasks()
    qtbot.wait(20)
    assert got == []


def test_a_mistake_is_told_in_the_windows_thread(qtbot: QtBot) -> None:
    """A dialog that another thread opens takes the window down."""

    def fail() -> None:
        raise KeyError("unforeseen")

    thread = TaskThread(fail)
    with qtbot.waitSignal(thread.failed) as told:
        thread.start()
    thread.wait()
    assert told.args[0].code == "window.task_bug"
    assert "KeyError" in told.args[0].details
