from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.generation.spec import Ask, Done, Turn
from core.library.about import About, write_about
from core.project import Project
from core.serving.use.comparison import drawn_for, open_database, present
from core.serving.use.record import UseRecord
from gui.daily_use.comparison_card import ComparisonCard


def asked(project: Project, count: int) -> None:
    """Let other programs ask for the comparison's models."""
    with UseRecord(project) as record:
        for n in range(count):
            model = drawn_for(project, f"r{n}")
            assert model is not None
            turns = (Turn(role="user", content=f"Question {n}?"),)
            ask = Ask(id=f"r{n}", model=model, messages=turns)
            record.add(ask, "Answer.", Done(id=f"r{n}", reason="stop"), characters=200)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "Projekt ü")


@pytest.fixture
def card(qtbot: QtBot) -> Iterator[ComparisonCard]:
    made = ComparisonCard()
    qtbot.addWidget(made)
    made.show()
    yield made
    made.shut_down()


def test_looking_makes_no_record(card: ComparisonCard, project: Project, qtbot: QtBot) -> None:
    card.look(project, ("train-001",))
    qtbot.waitUntil(card._choice.isVisible)
    assert not project.use_file.exists()
    assert [card.first.itemText(n) for n in range(2)] == ["Base model", "train-001"]
    assert card.second.currentData() == "train-001"


def test_without_a_fine_tune_there_is_nothing_to_compare(
    card: ComparisonCard, project: Project, qtbot: QtBot
) -> None:
    card.look(project, ())
    qtbot.waitUntil(lambda: not card.isVisible())


def test_two_models_are_compared_and_named_at_the_end(
    card: ComparisonCard, project: Project, qtbot: QtBot
) -> None:
    card.look(project, ("train-001",))
    qtbot.waitUntil(card._choice.isVisible)
    card.start.click()
    qtbot.waitUntil(card.end.isVisible)
    assert "No answer is marked yet." in card.text.text()
    asked(project, 3)
    card.look(project, ("train-001",))
    qtbot.waitUntil(lambda: card.to_mark is not None)
    assert card.question.toPlainText() == "Question 2?"
    card.used.click()
    qtbot.waitUntil(lambda: card.question.toPlainText() == "Question 1?")
    card.not_used.click()
    qtbot.waitUntil(lambda: card.question.toPlainText() == "Question 0?")
    qtbot.waitUntil(lambda: "2 answers are marked." in card.text.text())
    assert "train-001" not in card.text.text()
    card.end.click()
    qtbot.waitUntil(card._choice.isVisible)
    assert "not enough to tell" in card.text.text()
    assert "train-001" in card.text.text()
    with closing(open_database(project)) as database:
        assert present(database) is None


def test_one_model_with_itself_is_refused(
    card: ComparisonCard, project: Project, qtbot: QtBot
) -> None:
    card.look(project, ("train-001",))
    qtbot.waitUntil(card._choice.isVisible)
    card.second.setCurrentIndex(0)
    with qtbot.waitSignal(card.failed) as failure:
        card.start.click()
    assert failure.args[0].code == "use.comparing"


def test_fine_tunes_are_called_as_elsewhere(card: ComparisonCard, project: Project) -> None:
    run = project.new_run("train")
    card.look(project, (run.name,))
    assert [card.first.itemText(n) for n in range(2)] == ["Base model", "Projekt ü"]
    assert card.second.currentData() == run.name


def test_a_new_name_is_shown_when_the_page_is_opened_again(
    card: ComparisonCard, project: Project
) -> None:
    run = project.new_run("train")
    card.look(project, (run.name,))
    write_about(run, About(name="Gardener"))
    card.look(project, (run.name,))
    assert card.second.currentText() == "Gardener"
