# ruff: noqa: F811 - fixtures that are imported
from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.library.page import LibraryPage
from tests.gui import scenes
from tests.gui.library.test_page import page, two  # noqa: F401 - fixtures


def test_the_arrow_keys_choose_and_two_clicks_open(page: LibraryPage, qtbot: QtBot) -> None:
    assert page.chosen().run.name == "train-002"
    page.focus_first()
    qtbot.keyClick(page.shelf.cards[0].button, Qt.Key.Key_Down)
    assert page.chosen().run.name == "train-001"
    with qtbot.waitSignal(page.submitted):
        qtbot.mouseDClick(page.shelf.cards[1], Qt.MouseButton.LeftButton)


def test_what_is_archived_is_out_of_the_way_and_comes_back(page: LibraryPage, qtbot: QtBot) -> None:
    page.archive.click()
    scenes.until(qtbot, lambda: len(page.shelf.cards) == 1)
    assert len(page.tunes) == 2
    assert page.shelf.archived.text() == "Show archived (1)"
    page.shelf.archived.click()
    archived = page.shelf.cards[0]
    assert archived._badge.text() == "Archived"
    archived.choose()
    assert page.archive.text().strip() == "Take out of the archive"
    page.undo()  # Ctrl+Z
    scenes.until(qtbot, page.shelf.archived.isHidden)
    assert len(page.shelf.cards) == 2
