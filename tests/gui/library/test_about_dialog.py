# ruff: noqa: F811 - fixtures that are imported
from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.library.about_dialog import AboutDialog
from gui.library.page import LibraryPage
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.library.test_page import page, two  # noqa: F401 - fixtures


def test_a_name_and_notes_are_given_and_taken_back(
    page: LibraryPage, two: Session, qtbot: QtBot
) -> None:
    qtbot.keyClick(page.shelf.cards[0].button, Qt.Key.Key_F2)
    dialog = page.findChild(AboutDialog)
    dialog.name.setText("  Docstrings,  first ")
    dialog.notes.setPlainText("With the cleaned file.")
    with qtbot.waitSignal(page.offered) as offered:
        dialog.buttons.accepted.emit()
    scenes.until(qtbot, lambda: page.shelf.cards[0].button.text() == "Docstrings, first")
    card = page.shelf.cards[0]
    assert card.notes.text() == "With the cleaned file." and card.is_chosen()
    assert page.primary_text() == "Open “Docstrings, first”"
    assert offered.args[:2] == ["“Docstrings, first” is changed.", "Undo"]
    offered.args[2]()
    scenes.until(qtbot, lambda: page.shelf.cards[0].button.text() == "Probe, run 2")
    page.undo()
    assert page.shelf.cards[0].button.text() == "Probe, run 2", "taken back once"
