from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
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
