from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.settings import load_settings, settings_file
from gui.session import Session
from gui.widgets.preferences_dialog import PreferencesDialog


def test_saving_keeps_the_values(session: Session, qtbot: QtBot) -> None:
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    dialog.tariff.setValue(0.42)
    dialog.currency.setText("€")
    dialog.appearance.setCurrentIndex(2)
    dialog.closing.setCurrentIndex(1)
    dialog.accept()
    saved = load_settings()
    assert (saved.tariff, saved.currency, saved.appearance) == (0.42, "€", "dark")
    assert saved.when_closing == "go_on"


def test_cancelling_changes_nothing(session: Session, qtbot: QtBot) -> None:
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    dialog.tariff.setValue(0.42)
    dialog.reject()
    assert not settings_file().exists()
