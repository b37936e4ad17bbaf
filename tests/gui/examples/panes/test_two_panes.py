from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.examples.panes.two_panes import TwoPanes
from gui.examples.view import ExamplesView


def test_both_panes_where_there_is_room_and_one_where_there_is_not(qtbot: QtBot) -> None:
    rows = ExamplesView()
    panes = TwoPanes(QWidget(), rows)
    qtbot.addWidget(panes)
    panes.resize(1200, 500)
    panes.show()
    assert panes.left.isVisible()
    assert rows.isVisible()
    assert not panes.rows.isVisible()
    panes.resize(420, 500)
    assert panes.left.isVisible()
    assert not rows.isVisible()
    panes.rows.click()
    assert not panes.left.isVisible()
    assert rows.isVisible()
    panes.resize(1200, 500)
    assert panes.left.isVisible()
    assert rows.isVisible()
