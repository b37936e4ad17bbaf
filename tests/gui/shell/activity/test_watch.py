from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.hardware.system.energy import Range
from core.project import Project
from core.queue import entries
from core.settings import Settings
from gui.shell.activity import watch
from gui.shell.activity.watch import Activity, ActivityWatch, Download, Elsewhere


def test_nothing_is_under_way_without_a_project() -> None:
    assert watch.look(None) == Activity()


def test_what_waits_in_the_queue_is_counted(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "lamps")
    for _number in range(2):
        entries.add(project, project.new_run("train"), "Balanced", Range(60, 120), None)
    assert watch.look(project).waiting == 2


def test_it_tells_only_what_is_new(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Activity((Download("Own/Name", 0.5),), 1)
    monkeypatch.setattr(watch, "look", lambda _project: found)
    parent = QObject()
    watcher = ActivityWatch(parent)
    told: list[Activity] = []
    watcher.changed.connect(told.append)
    watcher.watch(None)
    qtbot.waitUntil(lambda: told == [found])
    watcher._seen(found)
    assert told == [found]
    watcher.shut_down()


def test_a_run_of_another_project_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_one, garden = (Project.create(tmp_path / name) for name in ("lamps", "garden"))
    gone = tmp_path / "gone"
    known = Settings(recent=tuple(map(str, (open_one.root, gone, garden.root))))
    monkeypatch.setattr(watch, "load_settings", lambda: known)
    running = {open_one.root, garden.root}
    monkeypatch.setattr(watch, "live_training", lambda project: project.root in running or None)
    assert watch.look(open_one).elsewhere == (Elsewhere(garden.root, "garden"),)
    running.clear()
    assert watch.look(open_one).elsewhere == ()
