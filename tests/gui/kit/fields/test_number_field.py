"""The text of a number's field does not touch the frame."""

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gui.kit.fields.number_field import DecimalField, NumberField
from gui.kit.theme import application, apply_theme


def _first_ink(picture: QImage) -> int:
    """Return the leftmost column inside the frame whose middle rows are not all of one color."""
    middle = range(picture.height() // 3, 2 * picture.height() // 3)
    for x in range(3, picture.width()):
        if len({picture.pixel(x, y) for y in middle}) > 1:
            return x
    return picture.width()


@pytest.mark.parametrize("kind", [NumberField, DecimalField])
def test_text_stands_a_few_pixels_inside(
    qtbot: QtBot, kind: type[NumberField] | type[DecimalField]
) -> None:
    apply_theme(application(), "light")
    field = kind()
    qtbot.addWidget(field)
    field.setValue(7)
    field.resize(field.sizeHint())
    field.show()
    assert 6 <= _first_ink(field.grab().toImage()) <= 16
