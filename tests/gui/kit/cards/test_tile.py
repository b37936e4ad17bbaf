from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.kit.boxes import vbox
from gui.kit.cards.tile import Tile
from gui.kit.labels import label


def test_it_is_as_large_as_its_texts_and_pressed_anywhere(qtbot: QtBot) -> None:
    tile = Tile()
    qtbot.addWidget(tile)
    inside = label("A sentence that is as long as it has to be.", wrap=False)
    vbox(inside, on=tile)
    tile.let_the_mouse_through()
    tile.show()
    assert tile.sizeHint().width() >= inside.sizeHint().width()
    with qtbot.waitSignal(tile.clicked):
        qtbot.mouseClick(tile, Qt.MouseButton.LeftButton, pos=inside.geometry().center())
    assert inside.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
