from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.evaluation.rating.ratings import AnswerPair, Ratings
from gui.comparison.verdict_view import VerdictView


def test_the_result_has_its_interval_and_the_mean_marks(qtbot: QtBot, tmp_path: Path) -> None:
    pairs = [AnswerPair(f"q{n}", f"base {n}", f"tuned {n}") for n in range(20)]
    with Ratings(tmp_path / "ratings.sqlite") as ratings:
        session = ratings.session("train-001", pairs, seed=1)
        while (question := session.next_question()) is not None:
            winner = "a" if question.answer_a.startswith("tuned") else "b"
            other = "b" if winner == "a" else "a"
            marks = {winner: {"accuracy": 5}, other: {"accuracy": 2}}
            session.rate(question, winner, marks)  # type: ignore[arg-type]
        view = VerdictView()
        qtbot.addWidget(view)
        view.show()
        view.show_result(session)
    assert view.sentence.what.text() == (
        "Yours won 20, base 0, ties 0: yours is better (it would win 84–100% of clear decisions)."
    )
    assert view.sentence.property("card") == "good"
    qtbot.wait(10)
    texts = [shown.text() for shown in view.findChildren(QLabel)]
    row = texts.index("Accuracy")
    assert texts[row + 1 : row + 3] == ["2.0", "5.0"]
