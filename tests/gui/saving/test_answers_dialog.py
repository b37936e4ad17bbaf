from pathlib import Path

from PySide6.QtWidgets import QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from core.export.saves.listing import saved_forms
from core.project import Project
from gui.saving.answers_dialog import AnswersDialog
from tests.gui.saving.saves import save_some


def test_answers_stand_side_by_side_and_are_marked_in_words(qtbot: QtBot, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    save_some(project, tmp_path)
    refused, packed, _adapter = saved_forms(project)
    dialog = AnswersDialog(packed)
    qtbot.addWidget(dialog)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert "Answers like your fine-tune: slightly different." in texts
    assert "1 of 2 answers use the same words." in texts
    assert texts.count("= same words") == texts.count("≠ other words") == 1
    assert "8, of course, and then" in texts
    assert "Cut off here, at the limit of this check." in texts
    why = AnswersDialog(refused)
    qtbot.addWidget(why)
    assert any("was not saved" in label.text() for label in why.findChildren(QLabel))
    assert "perplexity" in why.findChild(QPlainTextEdit).toPlainText()
