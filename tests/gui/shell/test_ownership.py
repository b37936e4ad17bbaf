from __future__ import annotations

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gui.shell.ownership import Ownership


def test_it_is_there_while_the_project_is_only_read(qtbot: QtBot) -> None:
    bar = Ownership()
    qtbot.addWidget(bar)
    bar.show_state(read_only=False)
    assert bar.isHidden()
    bar.show_state(read_only=True)
    assert bar.isVisible()
    again = next(b for b in bar.findChildren(QPushButton) if b.text() == "Check again")
    with qtbot.waitSignal(bar.asked_again):
        again.click()
    bar.show_state(read_only=False)
    assert bar.isHidden()
