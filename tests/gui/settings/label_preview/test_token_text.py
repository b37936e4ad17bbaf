from __future__ import annotations

from PySide6.QtGui import QTextCharFormat
from pytestqt.qtbot import QtBot

from gui.kit.theme import DARK, LIGHT
from gui.settings.label_preview.token_text import TokenText, format_of
from tests.gui.kit.test_theme import contrast
from tests.gui.settings.label_preview.labels import learned_text


def formats(widget: TokenText) -> list[tuple[str, QTextCharFormat]]:
    found = []
    block = widget.pane.document().begin()
    while block.isValid():
        for piece in block:
            fragment = piece.fragment()
            found.append((fragment.text(), fragment.charFormat()))
        block = block.next()
    return found


def shown(qtbot: QtBot, limit: int, **options) -> TokenText:  # type: ignore[no-untyped-def]
    widget = TokenText()
    qtbot.addWidget(widget)
    widget.show_text(learned_text(**options), limit)
    return widget


def test_each_kind_of_token_is_told_by_more_than_its_colour(qtbot: QtBot) -> None:
    pieces = formats(shown(qtbot, 9))
    assert [text for text, _ in pieces] == ["Why is it so?", " It is so today", "<end>"]
    masked, trained, cut = (look for _, look in pieces)
    assert trained.fontUnderline()
    assert not masked.fontUnderline()
    assert cut.fontStrikeOut()
    whole = formats(shown(qtbot, 10))
    assert whole[-1][0] == "‹<end>›"


def test_it_is_told_in_words_what_is_learned(qtbot: QtBot) -> None:
    widget = shown(qtbot, 8)
    assert (
        widget.pane.accessibleDescription()
        == "3 of 10 tokens are learned. 2 are cut off. Learned:  It is so"
    )


def test_a_fault_stands_in_the_place_of_the_text(qtbot: QtBot) -> None:
    widget = shown(qtbot, 9, fault="The template refuses it.")
    assert widget.pane.toPlainText() == "The template refuses it."


def test_a_very_long_text_is_shown_in_part(qtbot: QtBot) -> None:
    widget = shown(qtbot, 100_000, times=9000)
    assert len(widget.pane.toPlainText()) < 21_000
    assert widget.pane.toPlainText().endswith(" …")


def test_colours_can_be_read(qtbot: QtBot) -> None:
    for c in (LIGHT, DARK):
        assert contrast(c.good, c.tint_good) >= 4.5
        assert contrast(c.problem, c.window) >= 4.5
        assert contrast(c.problem, c.surface) >= 4.5
    assert format_of("end").fontWeight() > format_of("trained").fontWeight()
