from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.data.cleaning import RowAction
from gui.examples.page import ExamplesPage
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.examples.test_page import Open, planned_again, read, write_rows


@pytest.fixture
def page(project_session: Session, open_page: Open) -> ExamplesPage:
    return open_page(ExamplesPage, project_session)


def change_row(page: ExamplesPage, qtbot: QtBot, row: int, answer: str) -> None:
    before = page.plan
    page.view.table.choose(row)
    page.view.change.click()
    assert page.view.editor is not None
    page.view.editor.panes[1].setPlainText(answer)
    page.view.editor.buttons.accepted.emit()
    planned_again(page, before, qtbot)


def test_a_row_is_changed_in_the_table_and_undone(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    change_row(page, qtbot, 3, "My own words.")
    model = page.view.table.rows
    assert model.data(model.index(3, 2)) == "My own words."
    assert model.data(model.index(3, 3)) == "Changed by you"
    assert page.edits.last == "change of row 4"
    before = page.plan
    page.undo()
    planned_again(page, before, qtbot)
    assert model.data(model.index(3, 2)) == "After 3 comes 4."


def test_files_are_added_and_what_was_decided_stays(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl", rows=100, copies=0), qtbot)
    change_row(page, qtbot, 3, "My own words.")
    before = page.plan
    page.drop.added.emit([write_rows(tmp_path / "b.jsonl", rows=150, copies=0)])
    planned_again(page, before, qtbot)
    assert page.draft is not None
    assert [source.label for source in page.draft.summary.sources] == ["a.jsonl", "b.jsonl"]
    assert page.choices.rows[3].texts[1] == "My own words."
    assert page.memory()["draft"] == page.draft.name
    assert not page.drop.add.isHidden()


def test_another_file_begins_anew(page: ExamplesPage, qtbot: QtBot, tmp_path: Path) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    change_row(page, qtbot, 3, "My own words.")
    read(page, write_rows(tmp_path / "b.jsonl", rows=60), qtbot)
    scenes.until(qtbot, page.is_ready)
    assert not page.choices.rows


def test_leaving_out_a_row_offers_to_take_it_back(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    before = page.plan
    page.view.table.choose(3)
    with qtbot.waitSignal(page.offered) as offered:
        page.view.leave_out.click()
    planned_again(page, before, qtbot)
    assert offered.args[:2] == ["Row 4 is left out.", "Undo"]
    assert 3 not in page.plan.kept
    before = page.plan
    offered.args[2]()
    planned_again(page, before, qtbot)
    assert 3 in page.plan.kept
    with qtbot.waitSignal(page.offered) as changed:
        change_row(page, qtbot, 3, "My own words.")
    assert changed.args[0] == "Row 4 is changed."
    with qtbot.waitSignal(page.offered) as kept:
        page.decide_row(5, RowAction.KEEP)
    assert kept.args[0] == "Row 6 stays as it came."
