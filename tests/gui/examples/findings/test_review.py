from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.data.cleaning import Choices, ReviewDecision
from core.data.draft import Draft
from gui.examples.findings.review import Review
from tests.gui.examples.drafts import make_draft


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[Draft]:
    with make_draft(tmp_path) as made:
        yield made


class Reviewing:
    """A review whose verdicts go back into its choices, as the page does it."""

    def __init__(self, draft: Draft, qtbot: QtBot, choices: Choices | None = None) -> None:
        self.draft = draft
        self.choices = choices or Choices()
        self.panel = Review()
        qtbot.addWidget(self.panel)
        self.panel.judged.connect(self.take)
        self.refresh()
        self.panel.show()
        self.panel.begin.setChecked(True)

    def take(self, row: int, verdict: ReviewDecision, texts: tuple[str, ...]) -> None:
        self.choices = self.choices.with_verdict(row, verdict, texts)
        self.refresh()

    def refresh(self) -> None:
        self.panel.show_draft(self.draft, self.draft.plan(self.choices), self.choices)


def test_examples_come_one_by_one(draft: Draft, qtbot: QtBot) -> None:
    review = Reviewing(draft, qtbot)
    assert review.panel.where.text() == "1 of 20"
    first = review.panel.answer.toPlainText()
    review.panel.buttons[ReviewDecision.KEEP].click()
    assert review.panel.where.text() == "2 of 20"
    assert review.panel.answer.toPlainText() != first
    assert review.panel.head.text() == "Look through 20 random examples (1 done)"
    review.panel.back.click()
    assert review.panel.where.text() == "1 of 20 · kept"


def test_a_changed_answer_is_saved(draft: Draft, qtbot: QtBot) -> None:
    review = Reviewing(draft, qtbot)
    assert not review.panel.buttons[ReviewDecision.EDIT].isEnabled()
    review.panel.answer.setPlainText("A better answer.")
    assert not review.panel.buttons[ReviewDecision.KEEP].isEnabled()
    review.panel.buttons[ReviewDecision.EDIT].click()
    ((row, choice),) = review.choices.rows.items()
    assert choice.texts[-1] == "A better answer."
    assert choice.texts[0] == draft.row(row).question
    review.panel.back.click()
    assert review.panel.answer.toPlainText() == "A better answer."


def test_what_is_typed_is_kept_when_it_is_closed_or_left(draft: Draft, qtbot: QtBot) -> None:
    review = Reviewing(draft, qtbot)
    review.panel.buttons[ReviewDecision.KEEP].click()
    assert review.panel.begin.text() == "Close"
    review.panel.answer.setPlainText("Better.")
    review.panel.begin.setChecked(False)
    assert [choice.texts[-1] for choice in review.choices.rows.values()] == ["Better."]
    assert review.panel.begin.text() == "Continue"
    review.panel.begin.setChecked(True)
    review.panel.answer.setPlainText("Another.")
    review.panel.back.click()
    assert "Another." in [choice.texts[-1] for choice in review.choices.rows.values()]


def test_keys_judge(draft: Draft, qtbot: QtBot) -> None:
    review = Reviewing(draft, qtbot)
    review.panel.sheet.activateWindow()
    review.panel.answer.setFocus()
    qtbot.waitUntil(review.panel.answer.hasFocus)
    qtbot.keyClick(review.panel.answer, Qt.Key.Key_F, Qt.KeyboardModifier.AltModifier)
    assert list(review.choices.reviewed.values()) == [ReviewDecision.FLAG]
    assert review.choices.rows == {}


def test_it_goes_on_where_it_was_left(draft: Draft, qtbot: QtBot) -> None:
    review = Reviewing(draft, qtbot)
    for _ in range(3):
        review.panel.buttons[ReviewDecision.DROP].click()
    again = Reviewing(draft, qtbot, review.choices)
    assert "(3 done)" in again.panel.head.text()
    assert len(again.panel._rows) == 20
    assert again.panel._rows[again.panel.place] not in review.choices.reviewed


def test_the_last_verdict_closes_it(draft: Draft, qtbot: QtBot) -> None:
    review = Reviewing(draft, qtbot)
    for _ in range(20):
        review.panel.buttons[ReviewDecision.KEEP].click()
    assert review.panel.panel.isHidden()
    assert "(20 done)" in review.panel.head.text()


def test_a_changed_question_is_saved(draft: Draft, qtbot: QtBot) -> None:
    review = Reviewing(draft, qtbot)
    assert not review.panel.question.isReadOnly()
    review.panel.question.setPlainText("A clearer question?")
    review.panel.buttons[ReviewDecision.EDIT].click()
    ((row, choice),) = review.choices.rows.items()
    assert choice.texts == ("A clearer question?", draft.row(row).answer)


def test_progress_and_verdicts_are_told(draft: Draft, qtbot: QtBot) -> None:
    review = Reviewing(draft, qtbot)
    for verdict in (ReviewDecision.KEEP, ReviewDecision.FLAG, ReviewDecision.KEEP):
        review.panel.buttons[verdict].click()
    assert review.panel.said.text() == "So far: 2 kept, 1 flagged."
    assert review.panel.bar.value() == 3
    assert review.panel.bar.maximum() == 20


def test_more_can_be_looked_through(draft: Draft, qtbot: QtBot) -> None:
    review = Reviewing(draft, qtbot)
    assert not review.panel.more.isVisible()
    for _ in range(20):
        review.panel.buttons[ReviewDecision.KEEP].click()
    assert review.panel.more.isVisible()
    review.panel.more.click()
    assert review.panel.where.text() == "21 of 40"
    assert review.panel._rows[20] not in review.choices.reviewed


def test_after_leave_out_the_keyboard_is_on_keep(draft: Draft, qtbot: QtBot) -> None:
    review = Reviewing(draft, qtbot)
    review.panel.sheet.activateWindow()
    leave_out = review.panel.buttons[ReviewDecision.DROP]
    leave_out.setFocus()
    qtbot.waitUntil(leave_out.hasFocus)
    leave_out.click()
    assert review.panel.buttons[ReviewDecision.KEEP].hasFocus()
