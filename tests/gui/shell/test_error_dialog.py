from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from gui.shell.error_dialog import ErrorDialog


def buttons(dialog: ErrorDialog) -> dict[str, QPushButton]:
    return {b.text().replace("&", ""): b for b in dialog.findChildren(QPushButton)}


def test_details_unfold_and_can_be_copied(qtbot: QtBot) -> None:
    dialog = ErrorDialog(UserFacingError("test.x", "It broke.", "Mend it.", "gory"))
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog._details.isVisible()
    buttons(dialog)["Details"].click()
    assert dialog._details.isVisible()
    buttons(dialog)["Copy details"].click()
    assert QGuiApplication.clipboard().text() == "gory"
    buttons(dialog)["Close"].click()
    assert not dialog.isVisible()


def test_without_details_there_is_only_close(qtbot: QtBot) -> None:
    dialog = ErrorDialog(UserFacingError("test.x", "It broke.", "Mend it."))
    qtbot.addWidget(dialog)
    assert list(buttons(dialog)) == ["Close"]
