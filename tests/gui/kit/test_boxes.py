"""A row or column holds what it was given, with its stretches, places and margins."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.kit.boxes import Margins, hbox, vbox


def test_parts_come_in_their_order_with_stretch_and_place(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    one, two, inner = QLabel(), QLabel(), hbox()
    top = Qt.AlignmentFlag.AlignTop
    box = vbox((one, 0, top), 1, (two, 2), (inner, 3, top), on=holder, spacing=7)
    assert holder.layout() is box
    assert [box.itemAt(n).widget() for n in range(4)] == [one, None, two, None]
    assert [box.stretch(n) for n in range(4)] == [0, 1, 2, 3]
    assert box.itemAt(0).alignment() == box.itemAt(3).alignment() == top
    assert box.itemAt(3).layout() is inner
    assert box.spacing() == 7


@pytest.mark.parametrize(
    ("given", "sides"),
    [(3, (3, 3, 3, 3)), ((1, 2), (1, 2, 1, 2)), ((1, 2, 3, 4), (1, 2, 3, 4))],
)
def test_margins_are_all_two_or_four(
    given: Margins, sides: tuple[int, int, int, int], qtbot: QtBot
) -> None:
    margins = hbox(margins=given).contentsMargins()
    assert (margins.left(), margins.top(), margins.right(), margins.bottom()) == sides
