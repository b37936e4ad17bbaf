from __future__ import annotations

from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from gui.shell.preferences.line import PreferenceLine, section


def test_a_line_names_its_field_and_says_what_it_does(qtbot: QtBot) -> None:
    field = QLineEdit()
    line = PreferenceLine("C&urrency", "It stands before costs.", field)
    card = section("Electricity", line)
    qtbot.addWidget(card)
    card.resize(700, 200)
    card.show()
    assert field.accessibleName() == "Currency"
    assert field.accessibleDescription() == "It stands before costs."
    texts = {found.text(): found for found in card.findChildren(QLabel)}
    assert set(texts) == {"Electricity", "C&urrency", "It stands before costs."}
    assert texts["C&urrency"].buddy() is field
    assert field.geometry().left() > line.width() // 2, "at the right"
    card.resize(240, 300)
    qtbot.waitUntil(lambda: field.geometry().left() < line.width() // 2)
