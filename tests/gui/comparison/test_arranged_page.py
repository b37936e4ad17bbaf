# ruff: noqa: F811 - fixtures that are imported
from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.wizard import Step
from gui.comparison.page import ComparisonPage
from gui.wizard.page import Place
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.comparison.test_page import Open, evaluated, trained  # noqa: F401 - fixtures


def test_the_sentence_comes_first_then_what_to_do_and_the_scores_lie_folded(
    evaluated: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(ComparisonPage, evaluated)
    page.resize(700, 600)
    assert page.summary.property("role") == "hero"
    assert page.next_steps.text.text().startswith("Rate the answers blind.")
    assert "6 questions wait" in page.block.status.text()
    assert not page.scores.isVisible()

    def top(widget: QWidget) -> int:
        return widget.mapTo(page, QPoint(0, 0)).y()

    scenes.until(qtbot, lambda: top(page.block) < top(page.details))
    assert top(page.summary) < top(page.next_steps) < top(page.block)
    qtbot.keyClick(page.details.head, Qt.Key.Key_Space)
    assert page.scores.isVisible() and page.report.isVisible()


def test_what_to_do_next_follows_the_ratings(
    evaluated: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(ComparisonPage, evaluated)
    page.apply()
    page.rating.choose("tie")
    page.early.click()
    assert page.verdict.sentence.isVisible()
    assert page.summary.property("role") == "strong", "one sentence is the first"
    assert page.next_steps.text.text().startswith("Your ratings do not settle it.")
    assert not page.block.status.isVisible()
    with qtbot.waitSignal(page.sent) as sent:
        qtbot.mouseClick(page.next_steps.settings, Qt.MouseButton.LeftButton)
    assert sent.args == [Step.SETTINGS, None]
    with qtbot.waitSignal(page.sent) as sent:
        qtbot.mouseClick(page.next_steps.chat, Qt.MouseButton.LeftButton)
    assert sent.args == [Place.CHAT, evaluated.finished_run().name]
    page.verdict.back.click()
    assert not page.verdict.sentence.isVisible(), "hidden while rating"


def test_with_the_largest_text_the_sentence_leaves_room_for_what_to_do(
    evaluated: Session, open_page: Open
) -> None:
    evaluated.change_settings(text_scale=1.7)
    page = open_page(ComparisonPage, evaluated)
    assert page.summary.property("role") == "heading"


def test_a_time_is_said_only_where_it_was_measured(trained: Session, open_page: Open) -> None:
    page = open_page(ComparisonPage, trained)
    assert "hour" not in page._time.text() and "minute" not in page._time.text()
    page.say_time((50, 720.0))
    assert page._time.text().startswith("The last comparison, with 50 questions, took 12 min. ")
