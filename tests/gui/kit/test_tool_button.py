from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.kit.tool_button import tool_button


def test_it_is_named_and_acts(qtbot: QtBot) -> None:
    done: list[int] = []
    button = tool_button("zoom-in", "Look closer", lambda: done.append(1))
    qtbot.addWidget(button)
    assert button.accessibleName() == button.toolTip() == "Look closer"
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    button.click()
    assert done == [1]
    assert not tool_button("save", "Save").icon().isNull()
