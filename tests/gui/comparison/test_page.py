from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from core.evaluation.rating.ratings import Ratings
from core.wizard import Step, is_open
from gui.comparison.page import ComparisonPage
from gui.comparison.rating.criteria_dialog import CriteriaDialog
from gui.kit.theme import apply_theme
from gui.wizard.session import Session
from tests.gui import scenes

_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
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
    assert "Perplexity: base 30.2, yours 8.4: -72 % (-78 % to -65 %), better" in said
    assert page.summary.text() == (
        "Better than the base model in 2 of 2 scores. It forgot a little everyday knowledge."
    )
    assert page.found.text().splitlines()[:2] == [
        "In the right format: 94%, before 2%.",
        "Answers: closer to the expected ones (chrF 48, before 22).",
    ]
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


def test_rating_needs_no_scrolling_on_a_small_screen(
    evaluated: Session, open_page: Open, qapp: QApplication
) -> None:
    page = open_page(ComparisonPage, evaluated)
    page.resize(904, 572)  # what a window of 1180 x 720 leaves for it
    page.apply()
    qapp.processEvents()
    (area,) = page._stack.currentWidget().findChildren(QScrollArea, "", _DIRECT)
    assert area.verticalScrollBar().maximum() == 0
    assert page.early.isVisible()


def test_largest_text_keeps_the_marks_below_the_answers(
    evaluated: Session, open_page: Open, qapp: QApplication
) -> None:
    apply_theme(qapp, "light", 1.7)
    page = open_page(ComparisonPage, evaluated)
    page.resize(860, 510)
    page.apply()
    page.rating.marks.click()
    qapp.processEvents()
    rating = page.rating
    lowest = {side: pane.geometry().bottom() for side, pane in rating.answers.items()}
    grids = {side: grid.y() for side, grid in rating.grids.items()}
    least = page.minimumSizeHint().height()
    where = (rating._where.height(), rating._where.heightForWidth(rating._where.width()))
    apply_theme(qapp, "light")
    assert least <= 510, "on a small screen the page scrolls"
    for side, top in grids.items():
        assert top > lowest[side], "the marks stand below the answer"
    assert where[0] >= where[1]


def test_rating_goes_on_after_reopening(evaluated: Session, open_page: Open) -> None:
    first = open_page(ComparisonPage, evaluated)
    first.apply()
    shown = first.rating.question
    first.rating.choose("a")
    first.shut_down()
    second = open_page(ComparisonPage, evaluated)
    assert second.primary_text() == "Continue rating (1 of 6)"
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


def test_finishing_early_can_be_taken_back_and_the_result_survives_a_restart(
    evaluated: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(ComparisonPage, evaluated)
    page.apply()
    assert not page.early.isEnabled(), "there is no result yet"
    qtbot.mouseClick(page.rating.choices["b"], Qt.MouseButton.LeftButton)
    scenes.until(qtbot, page.early.isEnabled)
    qtbot.mouseClick(page.early, Qt.MouseButton.LeftButton)
    assert page.verdict.isVisible()
    assert page.focusWidget() is page.verdict.back, "the keyboard is where it can be taken back"
    page.shut_down()
    again = open_page(ComparisonPage, evaluated)
    assert again.verdict.isVisible(), "after a restart"
    assert "You rated 1 of 6" in again.verdict.sentence.todo.text()
    assert again.primary_text() == "Save the fine-tune"
    assert again.verdict.back.text() == "Rate the other 5 questions"
    again.verdict.back.setFocus()
    qtbot.keyClick(again.verdict.back, Qt.Key.Key_Space)
    assert not again.verdict.isVisible()
    assert again.primary_text() == "Next question"
    assert again.rating.session.next_question() == again.rating.question
    again.shut_down()
    third = open_page(ComparisonPage, evaluated)
    assert not third.verdict.isVisible(), "taken back"


def test_the_last_judgement_can_be_changed_after_the_result(
    evaluated: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(ComparisonPage, evaluated)
    page.apply()
    for _ in range(6):
        page.rating.choose("a")
        page.apply()
    assert page.verdict.back.text() == "Change the last rating"
    qtbot.mouseClick(page.verdict.back, Qt.MouseButton.LeftButton)
    assert page.rating.question.position == 5
    page.rating.choose("b")
    page.apply()
    assert page.verdict.isVisible()


def test_a_second_training_leaves_the_comparison_of_the_first(
    evaluated: Session, open_page: Open
) -> None:
    first = evaluated.state.finished_run
    evaluated.give(training_run=scenes.add_run(evaluated).name)
    assert is_open(evaluated.state, Step.COMPARISON)
    page = open_page(ComparisonPage, evaluated)
    assert page.primary_text() == "Rate the answers blind"
    assert first == "train-001"
    assert "“Probe”" in page.subtitle()


def test_without_the_folder_nothing_of_another_training_is_shown(
    evaluated: Session, open_page: Open
) -> None:
    page = open_page(ComparisonPage, evaluated)
    shutil.rmtree(evaluated.finished_run().root)
    page.enter()
    assert not page.is_ready()
    assert "library" in page.hint()


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


def test_scores_of_an_earlier_version_are_shown_without_a_sentence(
    trained: Session, open_page: Open
) -> None:
    scenes.write_evaluation(trained.training_run(), differences=[])
    page = open_page(ComparisonPage, trained)
    assert not page.summary.isVisible()
    assert page.scores.isVisible(), "there is nothing else to see"
    assert "Perplexity: base 30.2, yours 8.4;" in page.scores.accessibleDescription()


def test_an_open_result_of_an_earlier_version_stays_open(
    evaluated: Session, open_page: Open
) -> None:
    first = open_page(ComparisonPage, evaluated)
    first.rating.choose("a")
    first.remember(result_seen=[evaluated.finished_run().name, first.rating.session.seed])
    first.shut_down()
    assert open_page(ComparisonPage, evaluated).verdict.isVisible()


def test_another_rater_begins_anew_and_the_first_result_is_found_again(
    evaluated: Session, open_page: Open
) -> None:
    page = open_page(ComparisonPage, evaluated)
    page.apply()
    for _ in range(6):
        page.rating.choose("a")
        page.apply()
    assert page.verdict.isVisible()
    assert not page.verdict.agreement.isVisible()
    page.setup.rater.setText(" Ben ")
    page.setup.rater.editingFinished.emit()
    assert not page.verdict.isVisible(), "blind to what the first one said"
    assert page.rating.session.rated == 0
    page.apply()
    for _ in range(6):
        page.rating.choose("tie")
        page.apply()
    assert "judged 0 of 6 cases alike" in page.verdict.agreement.text()
    page.shut_down()
    again = open_page(ComparisonPage, evaluated)
    assert again.setup.choice == ("", "Ben")
    again.setup.rater.clear()
    again.setup.rater.editingFinished.emit()
    assert again.verdict.isVisible()
    assert "ties 0" in again.verdict.sentence.what.text()


def test_two_fine_tunes_are_rated_blind_against_each_other(
    evaluated: Session, open_page: Open
) -> None:
    first = evaluated.finished_run()
    second = scenes.add_run(evaluated)
    scenes.finish_training(second, evaluated)
    scenes.write_evaluation(first, questions=9)
    scenes.write_evaluation(second, questions=9)
    page = open_page(ComparisonPage, evaluated)
    names = [page.setup.opponent.itemText(n) for n in range(page.setup.opponent.count())]
    assert names == ["Base model", "Probe"]
    page.setup.opponent.setCurrentIndex(1)
    page.apply()
    page.rating.choose("tie")
    page.early.click()
    said = page.verdict.sentence.what.text()
    assert said.startswith(f"“{second.name}” won 0, “{first.name}” 0, ties 1")
    assert page.subtitle() == "Is “Probe, run 2” better than “Probe”?"
    page.setup.opponent.setCurrentIndex(0)
    assert page.rating.session.rated == 0


def test_criteria_of_your_own_are_kept_in_the_project(
    evaluated: Session, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(ComparisonPage, evaluated)

    def edit(dialog: CriteriaDialog) -> int:
        dialog.rows[0].name.setText("Courage")
        return 1

    monkeypatch.setattr(CriteriaDialog, "exec", edit)
    page.setup.criteria.click()
    assert page.rating.criteria[0].name == "Courage"
    page.shut_down()
    assert open_page(ComparisonPage, evaluated).rating.criteria[0].name == "Courage"


def test_the_prompt_can_be_left_out(
    trained: Session, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, asked = open_page(ComparisonPage, trained), []
    monkeypatch.setattr(page._job, "run", lambda _folder, _phase, params: asked.append(params))
    page.measure()
    page.prompted.setChecked(False)
    page.measure()
    assert [params.prompted for params in asked] == [20, 0]
    page.shut_down()
    assert not open_page(ComparisonPage, trained).prompted.isChecked()
