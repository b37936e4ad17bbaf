from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from gui.kit.theme import Tone, colors
from gui.training.health_bar import HealthBar, lamps


def test_light_word_sentence_and_button(qtbot: QtBot) -> None:
    bar = HealthBar()
    qtbot.addWidget(bar)
    pressed: list[int] = []
    bar.show_health(
        "problem", "It has diverged.", "", (("Retry at half", lambda: pressed.append(1)),)
    )
    assert bar.word == "Stopped"
    assert bar.accessibleName() == "Problem: It has diverged."
    assert bar._sign.accessibleName() == "Traffic light: Stopped"
    (button,) = bar._actions
    button.click()
    assert pressed == [1]
    bar.show_health("problem", "It has diverged.", "", (("Retry at half", lambda: None),))
    assert bar._actions == [button], "the button stays under the keyboard"
    bar.show_health("good", "It is learning.")
    assert (bar.word, bar._actions) == ("Good", [])


@pytest.mark.parametrize(("tone", "place"), [("problem", 0), ("warning", 1), ("good", 2)])
def test_one_lamp_is_lit_at_its_own_place(tone: Tone, place: int, qtbot: QtBot) -> None:
    image = lamps(tone).toImage()
    lit = QColor(colors().of(tone)).name()
    third = image.width() / 3
    columns = [
        x
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).name() == lit and image.pixelColor(x, y).alpha() == 255
    ]
    assert len(columns) > 100
    assert all(int(x // third) == place for x in columns)


def test_no_lamp_is_lit_while_it_waits(qtbot: QtBot) -> None:
    image = lamps("neutral").toImage()
    middle = image.height() // 2
    assert image.pixelColor(middle, middle).alpha() == 0
