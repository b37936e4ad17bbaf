from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.kit.icons import forget_pixmaps, icon, pixmap
from gui.kit.look.fonts import text_font
from gui.kit.theme import icon_file

NAMES = sorted(path.stem for path in icon_file("check").parent.glob("*.svg"))


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_draws_something(name: str, qtbot: QtBot) -> None:
    image = pixmap(name, "#ff0000", 24).toImage()
    drawn = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 128
    ]
    assert drawn, "the picture is empty"
    assert not icon(name).isNull()


def test_icons_grow_with_the_size_of_text(qapp: QApplication) -> None:
    before = qapp.font()
    qapp.setFont(text_font(1.0))
    usual = pixmap("check", "#ff0000", 20).width()
    qapp.setFont(text_font(1.7))
    assert pixmap("check", "#ff0000", 20).width() == round(1.7 * usual)
    qapp.setFont(before)


def test_icons_take_the_colour_that_is_asked_for(qtbot: QtBot) -> None:
    image = pixmap("stop", "#ff0000", 24).toImage()
    solid = [
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert QColor(max(solid, key=solid.count)).name() == "#ff0000"
    forget_pixmaps()


def test_the_icons_are_files_of_the_application() -> None:
    assert isinstance(icon_file("check"), Path)
    assert icon_file("check").is_file()
