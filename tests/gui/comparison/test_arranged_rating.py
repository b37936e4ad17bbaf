from __future__ import annotations

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.comparison.arranged_rating import CHOICES, SIDES, ArrangedRating


def test_both_answers_are_equally_high_and_take_what_is_left(qtbot: QtBot) -> None:
    made = ArrangedRating()
    qtbot.addWidget(made)
    made.show()
    heights = []
    for high in (700, 900):
        made.resize(900, high)
        QApplication.processEvents()
        high_a, high_b = (made.answers[side].height() for side in SIDES)
        assert high_a == high_b
        heights.append(high_a)
    assert heights[1] > heights[0]
    assert list(made.choices) == [choice for choice, _text, _key in CHOICES]


def test_where_it_is_narrow_it_asks_for_more_height(qtbot: QtBot) -> None:
    made = ArrangedRating()
    qtbot.addWidget(made)
    made.show()
    least = []
    for wide in (1000, 380):
        made.resize(wide, 700)
        QApplication.processEvents()
        least.append(made.minimumHeight())
    assert least[1] > least[0]
