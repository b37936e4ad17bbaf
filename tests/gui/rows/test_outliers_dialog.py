from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.data.example import Example, Message, Source
from gui.rows.outliers_dialog import OutliersDialog

EXAMPLES = [
    Example((Message("user", f"Q{n}"), Message("assistant", f"A{n}")), Source("ü.jsonl", n))
    for n in (4, 9)
]


def dialog_of(qtbot: QtBot, *, running: bool = False) -> OutliersDialog:
    dialog = OutliersDialog(EXAMPLES, running=running)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_it_is_read_with_the_arrow_keys(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot)
    assert [dialog.places.item(n).text() for n in range(2)] == [
        "ü.jsonl, line 4",
        "ü.jsonl, line 9",
    ]
    assert "A4" in dialog.text.toPlainText()
    qtbot.keyClick(dialog.places, Qt.Key.Key_Down)
    assert "Q9" in dialog.text.toPlainText()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_what_is_ticked_with_the_space_bar_is_left_out(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot)
    assert not dialog.leave_out.isEnabled()
    assert dialog.leave_out.text() == "Leave the ticked examples out"
    qtbot.keyClick(dialog.places, Qt.Key.Key_Space)
    assert dialog.leave_out.text() == "Leave 1 example out"
    qtbot.keyClick(dialog.places, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.places, Qt.Key.Key_Space)
    assert dialog.leave_out.text() == "Leave 2 examples out"
    qtbot.keyClick(dialog.places, Qt.Key.Key_Up)
    qtbot.keyClick(dialog.places, Qt.Key.Key_Space)
    with qtbot.waitSignal(dialog.left_out) as told:
        dialog.leave_out.click()
    assert told.args == [[EXAMPLES[1]]]


def test_a_running_training_is_stopped_first(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, running=True)
    qtbot.keyClick(dialog.places, Qt.Key.Key_Space)
    assert dialog.leave_out.text() == "Stop and leave 1 example out"
