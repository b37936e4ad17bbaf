from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.evaluation.rating.criteria import Named
from core.evaluation.rating.ratings import AnswerPair, Ratings, RatingSession
from gui.comparison.blind_rating import BlindRating
from gui.comparison.verdict_view import VerdictView

PAIRS = [
    AnswerPair(f"question {n}", f"first {n}", f"second {n}", f"expected {n}") for n in range(8)
]


@pytest.fixture
def rating_session(tmp_path: Path) -> Iterator[RatingSession]:
    with Ratings(tmp_path / "ratings.sqlite") as ratings:
        yield ratings.session("train-001", PAIRS, seed=5)


@pytest.fixture
def rating(qtbot: QtBot, rating_session: RatingSession) -> BlindRating:
    widget = BlindRating()
    qtbot.addWidget(widget)
    widget.resize(900, 700)
    widget.show()
    qtbot.waitExposed(widget)
    widget.activateWindow()
    widget.open(rating_session)
    return widget


def press(qtbot: QtBot, rating: BlindRating, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(rating, key)


def test_the_arrow_keys_judge(
    qtbot: QtBot, rating: BlindRating, rating_session: RatingSession
) -> None:
    press(qtbot, rating, Qt.Key.Key_M)
    for key, choice in (
        (Qt.Key.Key_Left, "a"),
        (Qt.Key.Key_Right, "b"),
        (Qt.Key.Key_Down, "tie"),
        (Qt.Key.Key_Up, "both_bad"),
    ):
        press(qtbot, rating, key)
        stored = rating_session.rating(rating.question)
        assert stored is not None
        assert stored.choice == choice
        assert rating.choices[choice].isChecked()


def test_one_key_judges_and_continues_while_the_marks_are_folded(
    qtbot: QtBot, rating: BlindRating, rating_session: RatingSession
) -> None:
    first = rating.question
    assert not rating.grids["a"].isVisible()
    press(qtbot, rating, Qt.Key.Key_Left)
    assert rating.question.position == first.position + 1
    assert rating_session.rating(first).choice == "a"
    press(qtbot, rating, Qt.Key.Key_3)
    press(qtbot, rating, Qt.Key.Key_Backspace, Qt.Key.Key_Right)
    assert rating_session.rating(first).choice == "b", "a slip is taken back with one key"
    qtbot.mouseClick(rating.choices["tie"], Qt.MouseButton.LeftButton)
    assert rating_session.rated == 2


def test_own_criteria_are_marked_with_the_number_keys(
    qtbot: QtBot, rating: BlindRating, rating_session: RatingSession
) -> None:
    rating.set_criteria([Named("own_1", "Courage", "It says so where it does not know.")])
    first = rating.question
    press(qtbot, rating, Qt.Key.Key_M, Qt.Key.Key_Left, Qt.Key.Key_5, Qt.Key.Key_2, Qt.Key.Key_1)
    assert rating_session.rating(first).scores == {"a": {"own_1": 5}, "b": {"own_1": 2}}
    assert "Courage, answer A: 5 of 5" in accessible_texts(rating)
    rating.set_criteria([])
    assert not rating.marks.isEnabled()
    assert not rating.grids["a"].isVisible()


def test_keys_work_while_an_answer_is_being_scrolled(qtbot: QtBot, rating: BlindRating) -> None:
    rating.marks.click()
    rating.answers["a"].setFocus()
    qtbot.keyClick(rating.answers["a"], Qt.Key.Key_Right)
    assert rating.choices["b"].isChecked()


def test_number_keys_mark_one_after_the_other(
    qtbot: QtBot, rating: BlindRating, rating_session: RatingSession
) -> None:
    press(qtbot, rating, Qt.Key.Key_M, Qt.Key.Key_3)
    assert rating_session.rating(rating.question) is None, "first the choice"
    press(qtbot, rating, Qt.Key.Key_Left, *[Qt.Key.Key_4] * 4, Qt.Key.Key_2, Qt.Key.Key_1)
    stored = rating_session.rating(rating.question)
    assert stored is not None
    marks = dict.fromkeys(("accuracy", "relevance", "tone", "formatting"), 4)
    assert stored.scores == {"a": marks, "b": {"accuracy": 2, "relevance": 1}}


def test_enter_goes_on_only_after_a_choice(qtbot: QtBot, rating: BlindRating) -> None:
    first = rating.question
    press(qtbot, rating, Qt.Key.Key_M, Qt.Key.Key_Return)
    assert rating.question == first
    press(qtbot, rating, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert rating.question.position == first.position + 1
    assert not rating.has_choice()


def test_undo_brings_the_question_back_with_its_judgement(
    qtbot: QtBot, rating: BlindRating, rating_session: RatingSession
) -> None:
    assert not rating.undo.isEnabled()
    first = rating.question
    press(qtbot, rating, Qt.Key.Key_M, Qt.Key.Key_Left, Qt.Key.Key_5, Qt.Key.Key_Return)
    press(qtbot, rating, Qt.Key.Key_Backspace)
    assert rating.question == first
    assert rating.choices["a"].isChecked()
    press(qtbot, rating, Qt.Key.Key_Backspace)
    assert rating.question == first
    assert rating_session.rated == 0
    assert not rating.has_choice()


def test_both_answers_are_equally_high(rating: BlindRating) -> None:
    assert rating.answers["a"].height() == rating.answers["b"].height()
    assert rating.answers["a"].width() == rating.answers["b"].width()


def accessible_texts(widget: QWidget) -> list[str]:
    texts = []

    def walk(interface: object) -> None:
        for kind in (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value):
            texts.append(interface.text(kind))
        texts.append(interface.object().objectName() if interface.object() else "")
        for number in range(interface.childCount()):
            child = interface.child(number)
            if child is not None:
                walk(child)

    walk(QAccessible.queryAccessibleInterface(widget))
    return texts


def test_nothing_says_which_model_wrote_what(rating: BlindRating) -> None:
    said = " ".join(accessible_texts(rating)).lower()
    assert "answer a" in said
    for word in ("base", "tuned", "yours", "adapter"):
        assert word not in said
    properties = [
        str(widget.property(name))
        for widget in rating.findChildren(QWidget)
        for name in ("role", "tone", "card", "kind", "current")
    ]
    assert not [text for text in properties if "tuned" in text or "base" in text]


def test_the_expected_answer_is_shown_on_demand_only(rating: BlindRating) -> None:
    assert not rating._expected_pane.isVisible()
    rating.expected.click()
    assert rating._expected_pane.isVisible()
    assert rating._expected_pane.toPlainText().startswith("expected ")


def test_after_the_last_question_it_is_finished(qtbot: QtBot, rating: BlindRating) -> None:
    with qtbot.waitSignal(rating.finished):
        for _ in PAIRS:
            press(qtbot, rating, Qt.Key.Key_Left)
    assert rating.question is None


def test_where_texts_are_long_it_asks_for_the_height_of_all_lines(
    qtbot: QtBot, rating: BlindRating
) -> None:
    rating.marks.click()
    rating.resize(900, 100)
    qtbot.wait(20)
    wide = rating.minimumHeight()
    rating.choices["tie"].setText("Neither of them is better " * 3)
    qtbot.wait(20)
    assert len({button.y() for button in rating.choices.values()}) > 1
    assert rating.height() == rating.minimumHeight() > wide
    assert rating.answers["a"].geometry().bottom() < rating.grids["a"].y()
    closed = rating.height()
    rating.expected.click()
    qtbot.wait(20)
    assert rating.minimumHeight() > closed, "the expected answer has its room too"


def test_a_clear_series_ends_early_and_may_be_continued(qtbot: QtBot, tmp_path: Path) -> None:
    pairs = [AnswerPair(f"q{n}", "base", "tuned") for n in range(60)]
    with Ratings(tmp_path / "ratings.sqlite") as ratings:
        rating = BlindRating()
        qtbot.addWidget(rating)
        rating.open(ratings.session("train-001", pairs, seed=1))
        ended: list[int] = []
        rating.finished.connect(lambda: ended.append(rating.session.rated))
        for _n in range(30):
            rating.choose("a" if rating.question.answer_a == "tuned" else "b")
            rating.go_on()
            if ended:
                break
        assert ended == [10]
        view = VerdictView()
        qtbot.addWidget(view)
        view.show_result(rating.session)
        assert view.sentence.todo.text().endswith("50 questions. That is enough to tell.")
        rating.reopen()
        for _n in range(15):
            rating.choose("tie")
            rating.go_on()
        assert ended == [10], "who continues is not stopped again"


def test_who_spoke_before_is_told_of_a_talk(qtbot: QtBot, rating: BlindRating) -> None:
    question = rating.question.question
    rating.open(rating.session, talks={question: "Question:\nWhen?\n\nAnswer:\nNow."})
    assert rating.question_pane.toPlainText().endswith("Answer:\nNow.")
    bar = rating.question_pane.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)
    rating.open(rating.session)
    assert rating.question_pane.toPlainText() == question
