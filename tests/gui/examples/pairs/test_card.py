from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.pairs.proposals import TASK
from gui.examples.page import ExamplesPage
from gui.wizard.session import Session
from tests.core.pairs.handbook import handbook
from tests.gui import scenes
from tests.gui.examples.pairs.test_dialog import made
from tests.gui.examples.test_page import Open, planned_again, read, write_rows


def test_accepted_pairs_of_a_pdf_become_the_examples(
    project_session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_page(ExamplesPage, project_session)
    path = tmp_path / "lark.pdf"
    path.write_bytes(handbook())
    read(page, path, qtbot)
    assert not page.pairs.isHidden()
    made(project_session)
    page.pairs.open.click()
    dialog = page.pairs.dialog
    assert dialog is not None
    dialog.list.all.click()
    before = page.plan
    dialog.use.click()
    planned_again(page, before, qtbot)
    assert page.draft is not None
    scenes.until(qtbot, page.pairs.isHidden)
    assert len(page.draft) == 2
    assert page.draft.row(0).task == TASK


def test_questions_and_answers_need_none(
    project_session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_page(ExamplesPage, project_session)
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    assert page.pairs.isHidden()


@pytest.mark.usefixtures("cold_children")
@pytest.mark.sample
def test_a_pdf_becomes_reviewed_pairs_with_the_sample_model(
    project_session: Session,
    open_page: Open,
    qtbot: QtBot,
    tmp_path: Path,
    sample_model: Path,
) -> None:
    page = open_page(ExamplesPage, project_session)
    path = tmp_path / "lark.pdf"
    path.write_bytes(handbook())
    read(page, path, qtbot)
    project_session.give(base_model=str(sample_model))
    qtbot.mouseClick(page.pairs.open, Qt.MouseButton.LeftButton)
    dialog = page.pairs.dialog
    assert dialog is not None
    assert dialog.model.folder() == sample_model
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    scenes.until(qtbot, lambda: len(dialog.list.proposals()) == 8, 240)
    first = dialog.list.proposals()[0]
    assert not first.fault
    assert dialog.list.accepted() == []
    dialog.list.questions.setFocus()
    qtbot.keyClick(dialog.list.questions, Qt.Key.Key_Space)
    dialog.list.answer.selectAll()
    qtbot.keyClicks(dialog.list.answer, "In my own words.")
    before = page.plan
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    planned_again(page, before, qtbot)
    assert page.draft is not None
    example = page.draft.row(0)
    assert (example.question, example.answer) == (first.question, "In my own words.")
    assert example.task == TASK
