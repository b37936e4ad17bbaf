from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QFontInfo, QRawFont
from PySide6.QtWidgets import QApplication

from gui.kit.look.fonts import CODE, TEXT, load_fonts, text_font


@pytest.mark.parametrize("weight", [400, 500, 600])
def test_every_weight_that_is_used_is_there(qapp: QApplication, weight: int) -> None:
    font = text_font()
    font.setWeight(QFont.Weight(weight))
    assert (QFontInfo(font).family(), QFontInfo(font).weight()) == (TEXT, weight)


def test_code_has_letters_of_one_width(qapp: QApplication) -> None:
    load_fonts()
    info = QFontInfo(QFont(CODE))
    assert info.family() == CODE
    assert info.fixedPitch()


def test_the_letters_of_our_languages_are_in_it(qapp: QApplication) -> None:
    for family in (TEXT, CODE):
        raw = QRawFont.fromFont(QFont(family))
        for letter in "äöüßÄéèêçñãõœ“”„«»–—…·→←↑↓×≤≥€°⟦⟧ÅΩЖ":
            if letter not in "⟦⟧":
                assert raw.supportsCharacter(ord(letter)), (family, letter)


def test_other_scripts_come_from_the_system(qapp: QApplication) -> None:
    raw = QRawFont.fromFont(QFont(TEXT))
    assert not raw.supportsCharacter(ord("漢"))  # so Qt merges in the system's own
