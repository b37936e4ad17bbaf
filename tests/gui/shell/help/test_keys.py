from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.kit.glossary import entries
from gui.shell.help.keys import KEYS, HelpSheet
from gui.shell.how_tos.texts import HOW_TOS


def test_keys_and_all_words_are_explained(qtbot: QtBot) -> None:
    sheet = HelpSheet()
    qtbot.addWidget(sheet)
    said = {text.text() for text in sheet.findChildren(QLabel)}
    assert {how_to.key for how_to in HOW_TOS} == set(sheet.how_tos)
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


def test_what_is_searched_is_opened_and_the_rest_is_hidden(qtbot: QtBot) -> None:
    sheet = HelpSheet()
    qtbot.addWidget(sheet)
    sheet.show()
    sheet.field.setText("whatsapp")
    assert [key for key, fold in sheet.how_tos.items() if fold.isVisible()] == ["chats"]
    assert sheet.how_tos["chats"].is_open()
    assert "epoch" not in [key for key, word in sheet._words.items() if word.isVisible()]
    sheet.field.setText("one pass through")
    assert [key for key, word in sheet._words.items() if word.isVisible()] == ["epoch"]
    assert not sheet.nothing.isVisible()
    sheet.field.setText("xyzzy")
    assert sheet.nothing.isVisible()
    sheet.field.clear()
    assert not sheet.nothing.isVisible()
    assert all(fold.isVisible() and not fold.is_open() for fold in sheet.how_tos.values())


def test_it_can_begin_with_one_how_to(qtbot: QtBot) -> None:
    sheet = HelpSheet(None, "undo")
    qtbot.addWidget(sheet)
    assert [key for key, fold in sheet.how_tos.items() if fold.is_open()] == ["undo"]
