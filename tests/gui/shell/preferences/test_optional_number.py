from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.shell.preferences.optional_number import OptionalNumber


def test_a_number_or_none(qtbot: QtBot) -> None:
    field = OptionalNumber((50, 100), "°C", "off", None)
    qtbot.addWidget(field)
    assert (field.number(), field.text()) == (None, "off")
    field.setValue(83)
    assert (field.number(), field.text()) == (83.0, "83 °C")
    field.setValue(20)
    assert field.number() is None


def test_it_shows_what_was_chosen(qtbot: QtBot) -> None:
    field = OptionalNumber((50, 100), "°C", "off", 77.0)
    qtbot.addWidget(field)
    assert field.number() == 77.0
