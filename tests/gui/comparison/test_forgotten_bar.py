from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.jobs.scores import Difference, Scores
from core.jobs.spec import EvaluationResult
from core.wizard import Step
from gui.comparison.forgotten_bar import ForgottenBar, has_forgotten


def evaluation(measure: str, before: float, after: float, word: str) -> EvaluationResult:
    found = Difference(
        measure=measure, count=320, before=before, after=after, low=0, high=0, word=word
    )  # type: ignore[arg-type]
    scores = Scores(perplexity=3.0)
    return EvaluationResult(examples=25, base=scores, tuned=scores, differences=[found])


@pytest.mark.parametrize(
    ("measure", "before", "after", "word", "forgotten"),
    [
        ("everyday_perplexity", 28.1, 86.3, "worse", True),
        ("everyday_perplexity", 28.1, 32.2, "worse", False),
        ("everyday_perplexity", 28.1, 86.3, "unknown", False),
        ("everyday", 0.6, 0.5, "worse", True),
        ("everyday", 0.6, 0.5, "unknown", False),
        ("perplexity", 3.0, 9.0, "worse", False),
    ],
)
def test_only_a_clear_loss_is_said(
    qtbot: QtBot, measure: str, before: float, after: float, word: str, forgotten: bool
) -> None:
    found = evaluation(measure, before, after, word)
    assert has_forgotten(found) is forgotten
    bar = ForgottenBar()
    qtbot.addWidget(bar)
    bar.show_evaluation(found)
    assert bar.isHidden() is not forgotten


def test_each_remedy_is_one_button(qtbot: QtBot) -> None:
    bar = ForgottenBar()
    qtbot.addWidget(bar)
    bar.show_evaluation(evaluation("everyday_perplexity", 28.1, 86.3, "worse"))
    wanted: list[Step] = []
    bar.wanted.connect(wanted.append)
    buttons = [b for b in bar.findChildren(QPushButton) if b.text().endswith("…")]
    for button in buttons:
        button.click()
    assert wanted == [Step.EXAMPLES, Step.SETTINGS]
