from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.kit.boxes import vbox
from gui.kit.cards.fold import Fold
from gui.kit.labels import label


def test_it_shows_its_heading_until_it_is_opened(qtbot: QtBot) -> None:
    inside = label("Perplexity 8.4")
    fold = Fold("Scores", vbox(inside))
    qtbot.addWidget(fold)
    fold.say("7 measures")
    fold.show()
    assert not inside.isVisible()
    assert fold.head.accessibleName() == "Scores"
    assert fold.head.accessibleDescription() == "7 measures"
    with qtbot.waitSignal(fold.opened):
        qtbot.keyClick(fold.head, Qt.Key.Key_Space)
    assert inside.isVisible() and fold.is_open()
    fold.open(False)
    assert not inside.isVisible()
