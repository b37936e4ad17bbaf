from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.project import Project
from core.serving.use.comparison import Outcome, begin, open_database, standing
from gui.chat.blind import BlindBar, BlindTrial, outcome_in_words
from gui.wizard.session import Session


@pytest.fixture
def project(project_session: Session) -> Project:
    return project_session.require_project()


def test_another_pair_in_progress_gives_the_question_back(project: Project, qtbot: QtBot) -> None:
    database = open_database(project)
    begin(database, "base", "train-009")
    database.close()
    trial = BlindTrial()
    returned: list[str] = []
    trial.returned.connect(returned.append)
    with qtbot.waitSignal(trial.failed) as failed:
        trial.draw(project, "train-001", "What is it?")
    assert returned == ["What is it?"]
    assert failed.args[0].code == "use.comparing"
    trial.shut_down()


def test_looking_begins_nothing(project: Project, qtbot: QtBot) -> None:
    trial = BlindTrial()
    with qtbot.waitSignal(trial.stands) as told:
        trial.look(project)
    assert told.args == [None]
    assert not project.use_file.exists()
    trial.shut_down()


def test_the_bar_says_how_it_stands(qtbot: QtBot) -> None:
    bar = BlindBar()
    qtbot.addWidget(bar)
    assert not bar.end.isVisibleTo(bar)
    bar.show_standing(standing(3, 1))
    assert bar.text.text().startswith("4 pairs judged. Not enough yet")
    assert bar.end.isVisibleTo(bar)


@pytest.mark.parametrize(
    ("wins", "words"),
    [((30, 2), "“train-001” was better in 30 of 32 pairs. That is enough to tell."),
     ((2, 1), "3 pairs are not enough to tell which one is better."),
     ((600, 600), "1,200 pairs show no difference that matters.")],
)  # fmt: skip
def test_the_end_is_told_honestly(wins: tuple[int, int], words: str) -> None:
    from core.evaluation.rating.verdict import judge

    tuned, base = wins
    outcome = Outcome(
        "base", "train-001", base, base, tuned, tuned, standing(base, tuned), judge(tuned, base)
    )
    assert outcome_in_words(outcome) == words
