from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from gui.shell import closing_dialog
from gui.shell.closing_dialog import ClosingChoice, ClosingDialog
from gui.wizard.session import Session
from tests.gui import scenes


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("Keep training", ClosingChoice.GO_ON),
        ("Pause", ClosingChoice.PAUSE),
        ("Keep the window open", ClosingChoice.STAY),
    ],
)
def test_each_button_is_an_answer(text: str, choice: ClosingChoice, qtbot: QtBot) -> None:
    dialog = ClosingDialog()
    qtbot.addWidget(dialog)
    assert dialog.choice is ClosingChoice.STAY
    (button,) = [b for b in dialog.findChildren(QPushButton) if b.text().replace("&", "") == text]
    button.click()
    assert dialog.choice is choice


@pytest.mark.parametrize("ends", [True, False])
def test_what_a_log_out_means_is_said_where_it_is_known(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    monkeypatch.setattr(closing_dialog, "ends_at_logout", lambda: ends)
    dialog = ClosingDialog()
    qtbot.addWidget(dialog)
    assert dialog.log_out.isHidden()
    dialog.show()
    scenes.until(qtbot, lambda: not dialog._tasks.is_running("log-out"))
    assert dialog.log_out.isVisible() is ends
    assert "loginctl enable-linger" in dialog.log_out.text()
    dialog.reject()


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


def test_nothing_is_cut_in_a_long_language(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en_XA")
    monkeypatch.setattr(closing_dialog, "ends_at_logout", lambda: True)
    dialog = ClosingDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    scenes.until(qtbot, dialog.log_out.isVisible)
    qtbot.wait(20)
    for text in dialog.findChildren(QLabel):
        assert text.height() >= text.heightForWidth(text.width()), text.text()
    for button in dialog.findChildren(QPushButton):
        assert button.width() >= button.sizeHint().width(), button.text()
    dialog.reject()
