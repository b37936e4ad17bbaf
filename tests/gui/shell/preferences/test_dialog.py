from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core import language
from core.settings import load_settings, settings_file
from gui.kit.theme import colors
from gui.shell.preferences import dialog as preferences_dialog
from gui.shell.preferences.dialog import PreferencesDialog
from gui.shell.preferences.line import PreferenceLine
from gui.shell.window import WizardWindow
from gui.wizard.session import Session


def test_every_change_is_kept_at_once(session: Session, qtbot: QtBot) -> None:
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    dialog.tariff.setValue(0.42)
    assert load_settings().tariff == 0.42
    dialog.currency.setText("€")
    dialog.currency.editingFinished.emit()
    assert load_settings().currency == "€"
    dialog.closing.setCurrentIndex(1)
    assert load_settings().when_closing == "go_on"
    dialog.pause_above.setValue(80)
    dialog.hold_power.setValue(250)
    dialog.rest.setValue(90)
    dialog.awake.click()
    saved = load_settings()
    assert (saved.heat_limit, saved.hold_temperature, saved.hold_watts) == (80, None, 250)
    assert saved.extra_watts == 90
    assert not saved.keep_awake


def test_changes_are_taken_back_one_by_one(session: Session, qtbot: QtBot) -> None:
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog._undo.isHidden()
    dialog.tariff.setValue(0.42)
    dialog.closing.setCurrentIndex(1)
    assert dialog._undo.isVisible()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: dialog.closing.currentIndex() == 0)
    assert (load_settings().when_closing, load_settings().tariff) == ("ask", 0.42)
    dialog.undo()
    qtbot.waitUntil(lambda: dialog.tariff.value() != 0.42)
    assert dialog._undo.isHidden()


def test_nothing_is_written_while_nothing_changes(session: Session, qtbot: QtBot) -> None:
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.reject()
    assert not settings_file().exists()


def test_what_is_being_typed_is_kept_when_it_closes(session: Session, qtbot: QtBot) -> None:
    dialog = PreferencesDialog(session)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    dialog.currency.setFocus()
    qtbot.waitUntil(dialog.currency.hasFocus)
    dialog.currency.selectAll()
    qtbot.keyClicks(dialog.currency, "EUR")
    qtbot.keyClick(dialog.currency, Qt.Key.Key_Escape)
    assert load_settings().currency == "EUR"


def test_every_preference_says_what_it_does(session: Session, qtbot: QtBot) -> None:
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    lines = dialog.findChildren(PreferenceLine)
    assert len(lines) >= 14
    for line in lines:
        name, text = (found.text() for found in line.findChildren(QLabel))
        assert name and text.endswith("."), name


def test_the_window_behind_follows_at_once_and_the_dialog_stays(
    session: Session, qtbot: QtBot
) -> None:
    window = WizardWindow(session)
    window.show()
    dialog = PreferencesDialog(session, window)
    dialog.show()
    dialog.appearance.setCurrentIndex(dialog.appearance.findData("contrast"))
    assert colors().outline != "transparent"
    before = dialog.scale
    qtbot.waitUntil(lambda: dialog.scale is not before)
    assert dialog.isVisible()
    assert dialog.appearance.currentText() == "High contrast"
    dialog.reject()
    window.shut_down()
    window.close()


def test_limits_that_were_chosen_can_be_given_up(session: Session, qtbot: QtBot) -> None:
    session.change_settings(heat_limit=80.0, hold_temperature=70.0, extra_watts=90.0)
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    assert dialog.hold_heat.text() == "70 °C"
    for field in (dialog.pause_above, dialog.hold_heat, dialog.rest):
        field.setValue(field.minimum())
    assert dialog.pause_above.text() == "the card's own limit"
    saved = load_settings()
    assert (saved.heat_limit, saved.hold_temperature, saved.extra_watts) == (None, None, 0)


def test_the_language_is_chosen_by_its_own_name(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en")
    monkeypatch.setattr(language, "available", lambda: ["en", "de"])
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    names = [dialog.language.itemText(n) for n in range(dialog.language.count())]
    assert names == ["Same as system", "English", "Deutsch"]
    assert dialog.language.currentData() == ""
    with qtbot.waitSignal(session.look_changed):
        dialog.language.setCurrentIndex(2)
    assert load_settings().language == "de"
    assert language.current() == "de"


def test_a_language_that_is_not_listed_stays_chosen(session: Session, qtbot: QtBot) -> None:
    session.settings = session.settings.model_copy(update={"language": language.PSEUDO})
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    assert dialog.language.currentText() == "Pseudo"


def test_the_way_to_the_hub_is_checked_and_holds_no_password(
    session: Session, qtbot: QtBot
) -> None:
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    dialog.hub.setText("hub.example")
    dialog.hub.editingFinished.emit()
    assert "is not the address of" in dialog._message.what.text()
    dialog.hub.setText("https://hub.example/")
    dialog.proxy.setText("http://me:secret@proxy.example:3128")
    dialog.hub.editingFinished.emit()
    assert dialog._message.what.text() == "Passwords are not stored in the preferences."
    assert not settings_file().exists()
    dialog.proxy.setText("http://proxy.example:3128")
    dialog.hub.editingFinished.emit()
    saved = load_settings()
    assert saved.hub_endpoint == "https://hub.example"
    assert saved.hub_proxy == "http://proxy.example:3128"


def test_the_token_of_the_hub_is_forgotten(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = []
    monkeypatch.setattr(preferences_dialog, "forget_token", lambda way: forgotten.append(way.host))
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.hub.setText("https://hub.example.org")
    dialog.forget.click()
    qtbot.waitUntil(lambda: bool(forgotten) and not dialog._tasks.is_running("forget"))
    assert forgotten == ["hub.example.org"]
    said = "This application no longer stores a token for hub.example.org."
    assert dialog._message.what.text() == said
    dialog.hub.setText("no address at all")
    dialog.forget.click()
    assert len(forgotten) == 1
    assert dialog._message.what.text() != said
