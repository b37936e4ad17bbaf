from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.project import Project
from core.queue import entries
from gui.training.queue.watch import QueueView, QueueWatch, look
from tests.core.queue.queues import add
from tests.gui import scenes


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "Projekt ü 漢字")


def test_what_there_is(project: Project) -> None:
    assert look(project) == QueueView()
    run = add(project)
    keeper = project.new_run("queue")
    with FileLock(run.lock_file), FileLock(keeper.lock_file):
        seen = look(project)
    assert (seen.live, seen.training) == (True, run.name)
    assert seen.entries[0].state == "running"


def test_only_a_change_is_told(project: Project, qtbot: QtBot) -> None:
    parent = QObject()
    watch = QueueWatch(parent)
    told: list[QueueView] = []
    watch.changed.connect(told.append)
    add(project)
    watch.watch(project)
    scenes.until(qtbot, lambda: len(told) == 1)
    with qtbot.waitSignal(watch.looked):
        watch.look_now()
    assert len(told) == 1
    entries.remove(project, "train-001")
    scenes.until(qtbot, lambda: len(told) == 2)
    assert watch.view.entries == ()
    assert watch.view.removed, "it can be put back"
    watch.watch(None)
    watch.shut_down()
