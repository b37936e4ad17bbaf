from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from gui.examples.drop_area import DropArea

_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def dragged(*urls: QUrl) -> QMimeData:
    data = QMimeData()
    data.setUrls(list(urls))
    return data


def test_dropped_files_are_handed_on(qtbot: QtBot, tmp_path: Path) -> None:
    area = DropArea()
    qtbot.addWidget(area)
    path = tmp_path / "Übung 😀.jsonl"
    data = dragged(QUrl.fromLocalFile(str(path)))
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, _LEFT, _NONE)
    area.dragEnterEvent(enter)
    assert enter.isAccepted()
    with qtbot.waitSignal(area.chosen) as chosen:
        area.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, _LEFT, _NONE))
    assert chosen.args == [[path]]


def test_what_lies_elsewhere_is_not_accepted(qtbot: QtBot) -> None:
    area = DropArea()
    qtbot.addWidget(area)
    data = dragged(QUrl("https://example.org/rows.jsonl"))
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, _LEFT, _NONE)
    enter.ignore()
    area.dragEnterEvent(enter)
    assert not enter.isAccepted()


def test_it_names_the_files_in_use(qtbot: QtBot) -> None:
    area = DropArea()
    qtbot.addWidget(area)
    area.show_files(["a", "b", "c", "d", "e"])
    assert area.title.text() == "a, b, c and 2 more"


def test_a_dialog_opens_at_home_and_then_where_you_were(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    area, places = DropArea(), []
    qtbot.addWidget(area)

    def choose(_parent: object, _title: str, place: str, *_kinds: str) -> tuple[list[str], str]:
        places.append(place)
        return [str(tmp_path / "rows.jsonl")], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", choose)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *given: choose(*given)[1])
    area.browse.click()
    area.folder.click()
    assert places == [str(Path.home()), str(tmp_path)]
