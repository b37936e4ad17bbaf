"""Two parts stand beside each other while there is room, else below each other."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.kit.labels import letters
from gui.kit.side_by_side import SideBySide


def test_parts_stand_in_a_column_where_it_is_narrow(qtbot: QtBot) -> None:
    holder = SideBySide()
    qtbot.addWidget(holder)
    one, two = QWidget(), QWidget()
    for part in (one, two):
        part.setMinimumSize(200, 40)
        holder.add(part)
    assert holder.minimumSizeHint().width() == 200
    holder.resize(600, 200)
    holder.show()
    qtbot.waitUntil(lambda: two.x() > one.x())
    assert one.y() == two.y()
    assert holder.minimumSizeHint().height() < 80
    holder.resize(300, 200)
    qtbot.waitUntil(lambda: two.y() > one.y())
    assert one.x() == two.x()
    assert holder.minimumSizeHint().height() >= 80
    holder.resize(600, 200)
    qtbot.waitUntil(lambda: one.y() == two.y())


def test_parts_that_would_be_cut_stand_in_a_column_though_they_fit(qtbot: QtBot) -> None:
    holder = SideBySide(least=80)
    qtbot.addWidget(holder)
    one, two = QWidget(), QWidget()
    for part in (one, two):
        part.setMinimumSize(200, 40)
        holder.add(part)
    holder.resize(letters(80) - 1, 200)
    holder.show()
    qtbot.waitUntil(lambda: two.y() > one.y())
    holder.resize(letters(80), 200)
    qtbot.waitUntil(lambda: one.y() == two.y())
