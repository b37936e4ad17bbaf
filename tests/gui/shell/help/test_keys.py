from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.kit.glossary import entries
from gui.shell.help.keys import KEYS, HelpSheet


def test_keys_and_all_words_are_explained(qtbot: QtBot) -> None:
    sheet = HelpSheet()
    qtbot.addWidget(sheet)
    said = {text.text() for text in sheet.findChildren(QLabel)}
    assert {what for _key, what in KEYS} <= said
    assert {entry.word for entry in entries().values()} <= said


def test_it_leads_to_the_tour_and_to_the_version(qtbot: QtBot) -> None:
    sheet = HelpSheet()
    qtbot.addWidget(sheet)
    with qtbot.waitSignal(sheet.tour_wanted):
        sheet.tour.click()
    other = HelpSheet()
    qtbot.addWidget(other)
    with qtbot.waitSignal(other.about_wanted):
        other.about.click()
