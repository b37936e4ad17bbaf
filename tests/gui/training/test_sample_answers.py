from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.events import SampleAnswer
from gui.training.sample_answers import SampleAnswers


def answers(count: int) -> list[SampleAnswer]:
    return [SampleAnswer(step=10 * n, question="q", answer=f"answer {n}") for n in range(count)]


def test_the_newest_answer_is_shown(qtbot: QtBot) -> None:
    widget = SampleAnswers()
    qtbot.addWidget(widget)
    widget.show()
    assert widget._empty.isVisible()
    widget.show_answers(answers(3))
    assert widget.answer.toPlainText() == "answer 2"
    assert [widget.pick.itemText(i) for i in range(3)] == ["Step 20", "Step 10", "Before training"]


def test_it_stays_where_the_person_looks(qtbot: QtBot) -> None:
    widget = SampleAnswers()
    qtbot.addWidget(widget)
    widget.show_answers(answers(3))
    widget.pick.setCurrentIndex(2)
    assert widget.answer.toPlainText() == "answer 0"
    widget.show_answers(answers(4))
    assert widget.answer.toPlainText() == "answer 0"
    widget.pick.setCurrentIndex(0)
    widget.show_answers(answers(5))
    assert widget.answer.toPlainText() == "answer 4"


def test_the_first_answer_does_not_stand_beside_itself(qtbot: QtBot) -> None:
    widget = SampleAnswers()
    qtbot.addWidget(widget)
    widget.show()
    widget.show_answers(answers(1))
    assert widget.before.isVisible() and widget.before.toPlainText() == "answer 0"
    assert not widget.answer.isVisible()
    assert not widget.pick.isVisible(), "there is nothing to choose from"
    widget.show_answers(answers(2))
    assert widget.answer.isVisible() and widget.answer.toPlainText() == "answer 1"


def test_what_your_example_answers_stands_beside_it(qtbot: QtBot) -> None:
    widget = SampleAnswers()
    qtbot.addWidget(widget)
    widget.show()
    widget.show_answers(answers(2))
    assert not widget.expected.isVisible(), "an earlier version did not write it down"
    told = SampleAnswer(step=20, question="q", answer="a", expected="In March.")
    widget.show_answers([*answers(2), told])
    assert widget.expected.isVisible() and widget.expected.toPlainText() == "In March."
