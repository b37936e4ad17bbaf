from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.kit.labels import text_pane
from gui.rows.code_look import show_text


def test_only_code_is_monospaced(qtbot: QtBot) -> None:
    pane = text_pane("Answer")
    qtbot.addWidget(pane)
    show_text(pane, "Document this function.\n\ndef add(a, b):\n    return a + b")
    assert pane.property("role") == "mono"
    show_text(pane, "At seven, as always.")
    assert pane.property("role") == ""
