from __future__ import annotations

import math

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.jobs.scores import Scores
from core.jobs.spec import EvaluationResult
from gui.comparison.score_table import Measure, ScoreTable, measures_of

SCORES = Scores(loss=1.0, perplexity=30.0, exact_match=0.0, bleu=4.0, chrf=20.0)


def evaluated(tuned: Scores) -> EvaluationResult:
    """Return an evaluation of a model that scores like this."""
    return EvaluationResult(examples=9, base=SCORES, tuned=tuned)


def test_better_depends_on_the_measure() -> None:
    assert Measure("x", "", 30.0, 8.0, lower_is_better=True).change() == "better"
    assert Measure("x", "", 8.0, 30.0, lower_is_better=True).change() == "worse"
    assert Measure("x", "", 0.1, 0.9, percent=True).change() == "better"
    assert Measure("x", "", 4.04, 4.01).change() == "same", "equal as shown"


def test_what_was_not_measured_is_absent() -> None:
    names = [measure.name for measure in measures_of(evaluated(SCORES))]
    assert names == ["Perplexity", "Exact match", "BLEU", "chrF"]


def test_values_are_readable() -> None:
    assert Measure("x", "", 0, 0, percent=True).shown(0.914) == "91 %"
    assert Measure("x", "", 0, 0).shown(12345.6) == "12,346"
    assert Measure("x", "", 0, 0).shown(math.inf) == "inf"


def test_new_scores_replace_the_old_ones(qtbot: QtBot) -> None:
    table = ScoreTable()
    qtbot.addWidget(table)
    table.show()
    table.show_scores(evaluated(SCORES))
    table.show_scores(evaluated(SCORES.model_copy(update={"perplexity": 8.4})))
    qtbot.wait(10)
    texts = [shown.text() for shown in table.findChildren(QLabel)]
    assert texts.count("Perplexity") == 1
    assert "▲ better" in texts
