from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from core.evaluation.ratings import Ratings
from gui.pages.comparison import ComparisonPage
from gui.session import Session
from tests.gui import scenes

Open = Callable[[type, Session], ComparisonPage]


@pytest.fixture
def trained(ready_session: Session) -> Session:
    scenes.finish_training(scenes.add_run(ready_session), ready_session)
    return ready_session


@pytest.fixture
def evaluated(trained: Session) -> Session:
    scenes.write_evaluation(trained.training_run())
    return trained


def test_first_it_asks_to_let_both_answer(trained: Session, open_page: Open) -> None:
    page = open_page(ComparisonPage, trained)
    assert page.primary_text() == "Let both models answer"
    assert not trained.state.evaluated


def test_scores_come_first(evaluated: Session, open_page: Open) -> None:
    page = open_page(ComparisonPage, evaluated)
    assert evaluated.state.evaluated
    said = page.scores.accessibleDescription()
    assert "Perplexity: base 30.2, yours 8.4, better" in said
    assert page.primary_text() == "Rate the answers blind"
    assert not page.verdict.isVisible()


def test_rating_hides_totals_until_the_end(evaluated: Session, open_page: Open) -> None:
    page = open_page(ComparisonPage, evaluated)
    page.apply()
    assert page.primary_text() == "Next question"
    assert not page.is_ready()
    assert "←" in page.hint()
    for _ in range(6):
        assert not page.verdict.isVisible()
        page.rating.choose("tie")
        assert page.is_ready()
        page.apply()
    assert page.verdict.isVisible()
    assert "ties 6" in page.verdict.sentence.what.text()
    assert "not enough to tell" in page.verdict.sentence.what.text()
    assert page.primary_text() == "Save the fine-tune"


def test_rating_goes_on_after_reopening(evaluated: Session, open_page: Open) -> None:
    first = open_page(ComparisonPage, evaluated)
    first.apply()
    shown = first.rating.question
    first.rating.choose("a")
    first.shut_down()
    second = open_page(ComparisonPage, evaluated)
    second.apply()
    assert second.rating.question.position == shown.position + 1
    with Ratings(evaluated.require_project().ratings_file) as ratings:
        assert ratings.latest(evaluated.state.training_run).rated == 1


def test_it_may_be_finished_early(evaluated: Session, open_page: Open, qtbot: QtBot) -> None:
    page = open_page(ComparisonPage, evaluated)
    page.apply()
    page.rating.choose("b")
    page.early.click()
    assert "You rated 1 of 6" in page.verdict.sentence.todo.text()
    with qtbot.waitSignal(page.finished):
        page.apply()


def test_a_damaged_evaluation_is_told(trained: Session, qtbot: QtBot) -> None:
    trained.training_run().evaluation_file.write_text("{", encoding="utf-8")
    page = ComparisonPage(trained)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.failed) as failed:
        page.enter()
    assert failed.args[0].code == "file.damaged"
    page.shut_down()


def test_another_training_starts_afresh(evaluated: Session, open_page: Open) -> None:
    page = open_page(ComparisonPage, evaluated)
    page.apply()
    scenes.finish_training(scenes.add_run(evaluated), evaluated)
    page.enter()
    assert page.primary_text() == "Let both models answer"
