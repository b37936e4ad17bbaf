from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from core.data.draft import DraftSummary
from gui.examples.notes import ExamplesNotes
from tests.gui.examples.drafts import make_draft


def test_the_worst_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    made = ExamplesNotes()
    qtbot.addWidget(made)
    with make_draft(tmp_path) as draft:
        summary: DraftSummary = draft.summary
    made.show_notes(summary, 0)
    assert made.what.text() == "No examples are left."
    made.show_notes(summary, 500)
    assert "1 row could not be read" in made.what.text()
    sound = summary.model_copy(update={"problems": ()})
    made.show_notes(sound, 43)
    assert made.what.text() == "Only 43 examples."
    made.show_notes(sound, 500)
    assert made.isHidden()
