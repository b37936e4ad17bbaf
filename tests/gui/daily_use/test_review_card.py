from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.serving.use.record import Use
from gui.daily_use.review_card import ReviewCard


def use(id: int) -> Use:
    return Use(
        id=id, time=0.0, source="chat", model="base", system="", prompt=f"Question {id}?",
        answer=f"Answer {id}.", whole=True, answer_whole=True, turns=1, first_token=0.1,
        seconds=1.0, tokens=3, reason="stop",
    )  # fmt: skip


def test_a_look_meanwhile_does_not_change_what_is_edited(qtbot: QtBot) -> None:
    card = ReviewCard()
    qtbot.addWidget(card)
    card.show_uses([use(1), use(2)])
    card.answer.setPlainText("Better.")
    card.show_uses([use(1), use(2), use(3)])
    assert card.answer.toPlainText() == "Better."
    assert card.where.text() == "3 answers wait."
    with qtbot.waitSignal(card.marked) as marked:
        card.buttons["edited"].click()
    assert marked.args == [1, "edited", "Better."]
    card.show_uses([use(1), use(2), use(3)])  # the mark is not on the disk yet
    assert card.use == use(2)


def test_the_last_judgement_is_taken_back(qtbot: QtBot) -> None:
    card = ReviewCard()
    qtbot.addWidget(card)
    card.show_uses([use(1)])
    card.mark("right")
    assert card.use is None
    with qtbot.waitSignal(card.undone) as undone:
        card.back.click()
    assert undone.args == [1]
    assert card.use == use(1)
