from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.shell.palette.dialog import Palette
from gui.shell.palette.entries import Entry


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def palette(qtbot: QtBot, done: list[str]) -> Palette:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 620)
    window.show()
    names = ("Training", "Base model", "Library")
    made = Palette(
        [Entry(name, lambda name=name: done.append(name), "info", "page") for name in names], window
    )
    made.window_of_test = window  # type: ignore[attr-defined]  # it must live as long
    made.open()
    return made


def test_the_arrows_walk_while_the_keyboard_stays(palette: Palette, qtbot: QtBot) -> None:
    for key, row in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Up, 0), (Qt.Key.Key_Up, 2)):
        qtbot.keyClick(palette.field, key)
        assert palette.list.currentRow() == row


def test_return_does_what_is_chosen(palette: Palette, done: list[str], qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.field, "bm")
    assert palette.list.count() == 1
    assert palette.list.item(0).text() == "Base model  ·  page"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: done == ["Base model"])


def test_a_click_does_it_too(palette: Palette, done: list[str], qtbot: QtBot) -> None:
    palette.list.itemClicked.emit(palette.list.item(0))
    qtbot.waitUntil(lambda: done == ["Training"])


def test_nothing_found_is_said_and_nothing_done(
    palette: Palette, done: list[str], qtbot: QtBot
) -> None:
    qtbot.keyClicks(palette.field, "xyz")
    assert palette.nothing.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert done == []


def test_it_keeps_its_place_and_size_whatever_is_found(palette: Palette, qtbot: QtBot) -> None:
    before = palette.geometry()
    for typed in ("xyz", "t", "xyz", "train", "xyz", ""):
        palette.field.setText(typed)
        qtbot.wait(20)
        assert palette.geometry() == before
        assert palette.minimumSize() == palette.maximumSize(), "no reason to place it again"


def test_another_word_for_a_thing_finds_it_and_its_name_comes_first(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    entries = [
        Entry("Library", lambda: None, "library", "", "delete restore"),
        Entry("Delete the record", lambda: None, "delete"),
        Entry("Data, empty, left, elsewhere, thrown, else", lambda: None, "info"),
    ]
    palette = Palette(entries, window)
    palette.field.setText("delete")
    found = [palette.list.item(row).text() for row in range(palette.list.count())]
    assert found[:2] == ["Delete the record", "Library"]


@pytest.mark.parametrize("composed", [True, False])
def test_without_a_compositor_it_has_no_clear_corners(
    composed: bool, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.shell.palette.dialog.is_composed", lambda: composed)
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 620)
    window.show()
    palette = Palette([Entry("Training", lambda: None, "info")], window)
    palette.show()
    assert palette.testAttribute(Qt.WidgetAttribute.WA_TranslucentBackground) is composed
    corner = palette.grab().toImage().pixelColor(0, 0)
    assert (corner.alpha() == 0) is composed
