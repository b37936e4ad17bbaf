from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gui.session import Session
from gui.widgets.closing_dialog import ClosingChoice, ClosingDialog


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("Let it go on", ClosingChoice.GO_ON),
        ("Pause it", ClosingChoice.PAUSE),
        ("Keep the window", ClosingChoice.STAY),
    ],
)
def test_each_button_is_an_answer(text: str, choice: ClosingChoice, qtbot: QtBot) -> None:
    dialog = ClosingDialog()
    qtbot.addWidget(dialog)
    assert dialog.choice is ClosingChoice.STAY
    (button,) = [b for b in dialog.findChildren(QPushButton) if b.text().replace("&", "") == text]
    button.click()
    assert dialog.choice is choice


def test_the_answer_is_remembered_when_asked_to(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(dialog: ClosingDialog) -> int:
        dialog.again.setChecked(True)
        dialog._choose(ClosingChoice.PAUSE)
        return 0

    monkeypatch.setattr(ClosingDialog, "exec", answer)
    parent = QPushButton()
    qtbot.addWidget(parent)
    assert ClosingDialog.ask(session, parent) is ClosingChoice.PAUSE
    assert session.settings.when_closing == "pause"
    monkeypatch.setattr(ClosingDialog, "exec", lambda _dialog: pytest.fail("asked again"))
    assert ClosingDialog.ask(session, parent) is ClosingChoice.PAUSE
