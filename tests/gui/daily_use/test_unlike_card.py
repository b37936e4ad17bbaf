from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.serving.use.unlike import Found, Unlike
from gui.daily_use.unlike_card import UnlikeCard
from tests.gui.daily_use.test_review_card import use


def test_each_question_is_shown_once_and_not_too_many(qtbot: QtBot) -> None:
    card = UnlikeCard()
    qtbot.addWidget(card)
    card.show_found(None)
    assert card.isHidden()
    odd = tuple(Unlike(use(n % 20), 0.1, "Nearest?") for n in range(40))
    card.show_found(Found(100, 0.5, odd))
    assert len(card.rows) == 8
    assert card.text.text().startswith("40 of 100 questions (40%) resemble no training example.")
    card.show_found(Found(100, 0.5, ()))
    assert card.rows == []
    assert card.text.text() == "100 questions were compared. All resemble your training examples."
