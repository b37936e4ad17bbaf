from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.data.example import Example, Message, Source
from gui.widgets.odd_examples_dialog import OddExamplesDialog


def test_it_is_read_with_the_arrow_keys(qtbot: QtBot) -> None:
    examples = [
        Example((Message("user", f"Q{n}"), Message("assistant", f"A{n}")), Source("ü.jsonl", n))
        for n in (4, 9)
    ]
    dialog = OddExamplesDialog(examples)
    qtbot.addWidget(dialog)
    dialog.show()
    assert [dialog.places.item(n).text() for n in range(2)] == [
        "ü.jsonl, line 4",
        "ü.jsonl, line 9",
    ]
    assert "A4" in dialog.text.toPlainText()
    qtbot.keyClick(dialog.places, Qt.Key.Key_Down)
    assert "Q9" in dialog.text.toPlainText()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
