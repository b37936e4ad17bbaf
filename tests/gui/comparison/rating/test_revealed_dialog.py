from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.evaluation.rating.criteria import usual_criteria
from core.evaluation.rating.ratings import AnswerPair, Ratings
from gui.comparison.rating.revealed_dialog import RevealedDialog


def test_authors_outcomes_and_cut_answers_are_shown_and_filtered(
    qtbot: QtBot, tmp_path: Path
) -> None:
    pairs = [
        AnswerPair("q0", "base 0\n\n[…]", "tuned 0\n\n[…]", "expected", base_cut=True),
        AnswerPair("q1", "base 1", "tuned 1"),
        AnswerPair("q2", "base 2", "tuned 2"),
    ]
    with Ratings(tmp_path / "r.sqlite") as ratings:
        session = ratings.session("train-001", pairs, seed=1)
        for choice in ("a", "tie"):
            question = session.next_question()
            assert question is not None
            session.rate(question, choice, {"a": {"tone": 4}})  # type: ignore[arg-type]
        dialog = RevealedDialog(session, usual_criteria())
        qtbot.addWidget(dialog)
        said = [shown.text() for card in dialog.cards for shown in card.findChildren(QLabel)]
        assert said.count("Your fine-tune") == said.count("Base model") == 3
        assert said.count("Cut: the answer is longer than shown here.") == 1
        assert said.count("Tone: 4 of 5.") == 2
        assert "Not rated" in said
        dialog.filter.setCurrentIndex(dialog.filter.findText("Tie: 1"))
        assert len(dialog.cards) == 1
        assert "Tie" in [shown.text() for shown in dialog.cards[0].findChildren(QLabel)]
