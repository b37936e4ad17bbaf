from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.conversations.conversation import Answer
from gui.chat.transcript.answer_card import AnswerCard, quiet_line


@pytest.mark.parametrize(
    ("answer", "line"),
    [(Answer(model="base", tokens=10, seconds=2.0), "10 tokens in 2.0 s, 5 tokens/s."),
     (Answer(model="base", reason="cancelled"), "Stopped."),
     (Answer(model="base", reason="length"), "Cut off at the longest length."),
     (Answer(model="base", corrected="x"), "Corrected by you.")],
)  # fmt: skip
def test_the_quiet_line(answer: Answer, line: str) -> None:
    assert quiet_line(answer) == line


def test_a_blind_answer_has_no_name_until_the_end(qtbot: QtBot) -> None:
    card = AnswerCard("train-001", "Answer A")
    qtbot.addWidget(card)
    card.show_answer(Answer(model="train-001", text="A stone.", tokens=3, seconds=1.0))
    assert card.accessibleName() == "Answer of Answer A"
    assert card.state.text() == ""
    card.reveal()
    assert card.accessibleName() == "Answer of train-001"
