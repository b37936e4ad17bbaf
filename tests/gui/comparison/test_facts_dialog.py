from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.evaluation.facts.cases import FactAnswer, FactCase
from core.evaluation.facts.checker import marked
from core.evaluation.facts.review import FactReview
from core.project import RunFolder
from gui.comparison.facts_dialog import FactsDialog

INVENTED = "🙂 It was written by Henrik Sandvik."


def answer(text: str) -> FactAnswer:
    return FactAnswer(text=text, marks=list(marked(text, ("Who wrote it?",))))


@pytest.fixture
def review(tmp_path: Path) -> FactReview:
    cases = [
        FactCase(
            kind="held_out",
            question=f"Who wrote it {n}?",
            base=answer("Nobody knows."),
            tuned=answer(INVENTED if n < 3 else "Nobody knows."),
        )
        for n in range(40)
    ]
    return FactReview(RunFolder(tmp_path), cases)


def opened(qtbot: QtBot, review: FactReview) -> FactsDialog:
    dialog = FactsDialog(review)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def test_what_is_marked_is_underlined(qtbot: QtBot, review: FactReview) -> None:
    dialog = opened(qtbot, review)
    (selection,) = dialog.answer.extraSelections()
    assert selection.cursor.selectedText() == "Henrik Sandvik"  # type: ignore[attr-defined]
    assert "Base" not in dialog.where.text() and "Yours" not in dialog.where.text()


def test_keys_judge_and_take_back(qtbot: QtBot, review: FactReview) -> None:
    dialog = opened(qtbot, review)
    first = dialog.item
    qtbot.keyClick(dialog, Qt.Key.Key_Left)
    assert review.rate("tuned").confirmed == 1
    qtbot.keyClick(dialog, Qt.Key.Key_Right)
    assert review.looked_at == 2
    qtbot.keyClick(dialog, Qt.Key.Key_Backspace)
    qtbot.keyClick(dialog, Qt.Key.Key_Backspace)
    assert review.looked_at == 0
    assert dialog.item == first


def test_the_end_tells_the_rates_of_both(qtbot: QtBot, review: FactReview) -> None:
    dialog = opened(qtbot, review)
    for _answer in range(3):
        dialog.say("invented")
    assert dialog.item is None
    assert not dialog._panes.isVisible()
    base, tuned = dialog.rates.text().splitlines()
    assert base.startswith("Base model: something invented in 0% to ")
    assert tuned.startswith("Yours: something invented in 3% to 20% of 40 answers")
    again = opened(qtbot, review)
    assert again.rates.text() == dialog.rates.text(), "what was said is kept"
