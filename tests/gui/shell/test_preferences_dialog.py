from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core import language
from core.errors import UserFacingError
from core.settings import load_settings, settings_file
from gui.shell import preferences_dialog
from gui.shell.preferences_dialog import PreferencesDialog, _way
from gui.wizard.session import Session


def test_saving_keeps_the_values(session: Session, qtbot: QtBot) -> None:
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    dialog.tariff.setValue(0.42)
    dialog.currency.setText("€")
    dialog.appearance.setCurrentIndex(2)
    dialog.closing.setCurrentIndex(1)
    dialog.pause_above.setValue(80)
    dialog.hold_power.setValue(250)
    dialog.rest.setValue(90)
    dialog.accept()
    saved = load_settings()
    assert (saved.heat_limit, saved.hold_temperature, saved.hold_watts) == (80, None, 250)
    assert saved.extra_watts == 90
    assert (saved.tariff, saved.currency, saved.appearance) == (0.42, "€", "dark")
    assert saved.when_closing == "go_on"


def test_cancelling_changes_nothing(session: Session, qtbot: QtBot) -> None:
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    dialog.tariff.setValue(0.42)
    dialog.reject()
    assert not settings_file().exists()


def test_limits_that_were_chosen_can_be_given_up(session: Session, qtbot: QtBot) -> None:
    session.change_settings(heat_limit=80.0, hold_temperature=70.0, extra_watts=90.0)
    dialog = PreferencesDialog(session)
    qtbot.addWidget(dialog)
    assert dialog.hold_heat.text() == "70 °C"
    for field in (dialog.pause_above, dialog.hold_heat, dialog.rest):
        field.setValue(field.minimum())
    assert dialog.pause_above.text() == "the card's own limit"
    dialog.accept()
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
    dialog.language.setCurrentIndex(2)
    with qtbot.waitSignal(session.look_changed):
        dialog.accept()
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
    dialog.accept()
    assert "is not the address of" in dialog._message.what.text()
    dialog.hub.setText("https://hub.example/")
    dialog.proxy.setText("http://me:secret@proxy.example:3128")
    dialog.accept()
    assert dialog._message.what.text() == "Passwords are not stored in the preferences."
    with pytest.raises(UserFacingError) as refusal:
        _way("https://me:secret@hub.example", "")
    assert refusal.value.code == "hub.password"
    assert not settings_file().exists()
    dialog.proxy.setText("http://proxy.example:3128")
    dialog.accept()
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
