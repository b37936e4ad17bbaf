from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.jobs.scores import Difference, FormatRule, Scores
from core.jobs.spec import EvaluationResult
from gui.comparison.score_table import ScoreTable

SCORES = Scores(loss=1.0, perplexity=30.0, exact_match=0.0, bleu=4.0, chrf=20.0)


def evaluated(*found: Difference, **more: object) -> EvaluationResult:
    """Return an evaluation with these differences."""
    return EvaluationResult(examples=9, base=SCORES, tuned=SCORES, differences=list(found), **more)


def difference(measure: str = "chrf", word: str = "better", **more: object) -> Difference:
    """Return one line of the table."""
    figures = {"before": 20.0, "after": 41.0, "low": 12.0, "high": 30.0}
    return Difference(measure=measure, count=9, word=word, **{**figures, **more})


def texts(table: ScoreTable) -> list[str]:
    """Return everything that is written in it."""
    return [shown.text() for shown in table.findChildren(QLabel)]


def test_new_scores_replace_the_old_ones(qtbot: QtBot) -> None:
    table = ScoreTable()
    qtbot.addWidget(table)
    table.show()
    table.show_scores(evaluated(difference(), difference("perplexity")))
    table.show_scores(evaluated(difference(), difference("perplexity", "worse")))
    qtbot.wait(10)
    found = texts(table)
    assert found.count("Perplexity") == 1
    assert found.count("▲ better") == found.count("▼ worse") == 1
    assert "+21.0 (+12.0 to +30.0)" in found


def test_tasks_earlier_runs_and_the_learned_format_have_their_places(qtbot: QtBot) -> None:
    table = ScoreTable()
    qtbot.addWidget(table)
    rules = {"": [FormatRule(code="json"), FormatRule(code="keys", texts=["a", "b"])]}
    table.show_scores(
        evaluated(
            difference(),
            difference(task="sums", word="unknown"),
            difference(against="train-001", word="none"),
            difference("invented", before=0.08, after=0.04, low=-0.1, high=0.01),
            rules=rules,
        )
    )
    found = texts(table)
    assert [text for text in found if text.startswith(("Task", "Beside"))] == [
        "Task “sums”", "Beside “train-001”",
    ]  # fmt: skip
    assert {"not enough to tell", "no difference found", "Answers with invented facts"} <= {*found}
    said = table.accessibleDescription()
    assert "learned from your examples: JSON and with the keys a, b." in said
