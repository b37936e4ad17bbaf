from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.kit.fields.dropdown import Dropdown
from gui.kit.theme import apply_theme


@pytest.fixture(autouse=True)
def usual_look(qapp: QApplication) -> Iterator[None]:
    yield
    apply_theme(qapp, "light")


def test_screen_readers_find_its_name_as_a_label(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    box = Dropdown(around)
    box.addItems(["10", "20"])
    box.setAccessibleName("How many")
    around.show()
    told = QAccessible.queryAccessibleInterface(box)
    names = [
        label.text(QAccessible.Text.Name)
        for label, kind in told.relations()
        if kind == QAccessible.RelationFlag.Label
    ]
    assert names == ["How many"]
    assert told.text(QAccessible.Text.Value) == "10"
    box.deleteLater()
    qtbot.waitUntil(lambda: not around.findChildren(QLabel))


LONG = "a column whose name is much longer than the field that shows it"


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize(
    "entries", [["10", "20"], ["short", LONG], [f"no. {n}" for n in range(40)]]
)
def test_the_open_list_cuts_no_entry(
    entries: list[str], scale: float, qapp: QApplication, qtbot: QtBot
) -> None:
    apply_theme(qapp, "light", scale)
    box = Dropdown()
    qtbot.addWidget(box)
    box.addItems(entries)
    box.setFixedWidth(150)
    box.show()
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    view = box.view()
    qtbot.waitUntil(view.isVisible)
    shown = min(len(entries), box.maxVisibleItems())
    assert view.viewport().width() >= view.sizeHintForColumn(0)
    assert view.viewport().height() >= shown * view.sizeHintForRow(0)
    assert view.height() < 600, "a long list scrolls"
    box.hidePopup()
