from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.data.example import Example, Message, Source
from gui.rows.turn_editor import TurnEditor

EXAMPLE = Example(
    (Message("system", "Be brief."), Message("user", "Why?"), Message("assistant", "So.")),
    Source("a", 1),
)


def opened(qtbot: QtBot) -> TurnEditor:
    editor = TurnEditor(EXAMPLE, "Row 1")
    qtbot.addWidget(editor)
    editor.show()
    return editor


def test_each_turn_can_be_changed(qtbot: QtBot) -> None:
    editor = opened(qtbot)
    assert [pane.accessibleName() for pane in editor.panes] == ["System", "Question", "Answer"]
    qtbot.keyClicks(editor.panes[2], "And ")
    with qtbot.waitSignal(editor.saved) as told:
        editor.buttons.accepted.emit()
    assert told.args == [("Be brief.", "Why?", "And So.")]


def test_nothing_is_told_where_nothing_was_changed(qtbot: QtBot) -> None:
    editor = opened(qtbot)
    with qtbot.assertNotEmitted(editor.saved):
        editor.buttons.accepted.emit()
    assert not editor.isVisible()
