from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.data.cleaning import RowAction, Verdict
from core.data.dataset import DatasetVersion
from core.data.findings.kinds import Action, Kind
from core.sample_project import open_sample
from gui.pages.examples import ExamplesPage
from gui.session import Session
from gui.widgets.receipt_dialog import ReceiptDialog
from tests.gui import scenes
from tests.gui.widgets.test_receipt_dialog import words

Open = Callable[[type, Session], ExamplesPage]


def write_rows(path: Path, rows: int = 120, copies: int = 10) -> Path:
    lines = [
        json.dumps({"Frage": f"What comes after {n}?", "Antwort": f"After {n} comes {n + 1}."})
        for n in range(rows)
    ]
    path.write_text("\n".join([*lines, *lines[:copies]]), encoding="utf-8")
    return path


@pytest.fixture
def page(project_session: Session, open_page: Open) -> ExamplesPage:
    return open_page(ExamplesPage, project_session)


def planned_again(page: ExamplesPage, before: object, qtbot: QtBot) -> None:
    scenes.until(qtbot, lambda: page.is_ready() and page.plan is not before, 60)


def read(page: ExamplesPage, path: Path, qtbot: QtBot) -> None:
    before = page.plan
    page.read_files([path])
    planned_again(page, before, qtbot)


def test_at_first_it_asks_for_a_file(page: ExamplesPage) -> None:
    assert not page.is_ready()
    assert "Choose a file" in page.hint()
    assert page._result.isHidden()


def test_files_are_read_shown_and_accepted(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    source = write_rows(tmp_path / "Übung 漢字.jsonl")
    before = source.read_bytes()
    read(page, source, qtbot)
    assert "“Frage”" in page.guessed.text()
    assert page.primary_text() == "Use these 120 examples"
    model = page.view.table.rows
    assert model.rowCount() == 130
    assert model.data(model.index(0, 1)) == "What comes after 0?"
    assert model.data(model.index(0, 2)) == "After 0 comes 1."
    with qtbot.waitSignal(page.finished, timeout=60_000):
        page.apply()
    version = page.session.state.dataset_version
    loaded = DatasetVersion.load(page.session.require_project().versions / version)
    assert sum(loaded.counts.values()) == 120
    assert source.read_bytes() == before


def test_each_decision_counts_and_can_be_undone(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    card = page.findings.cards[Kind.EXACT_DUPLICATE]
    assert card.headline.text() == "10 × exact copies"
    qtbot.mouseClick(card.ignore, Qt.MouseButton.LeftButton)
    assert page.primary_text() == "Use these 130 examples"
    assert card.fix.isEnabled()
    page.decide_row(3, RowAction.DROP)
    assert page.primary_text() == "Use these 129 examples"
    page.undo_last()
    page.undo_last()
    assert page.primary_text() == "Use these 120 examples"
    assert not page.findings.undo.isEnabled()


def test_columns_can_be_corrected(page: ExamplesPage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    lines = ["alpha,beta,gamma"] + [f"word {n},what is {n},it is {n}" for n in range(30)]
    path.write_text("\n".join(lines), encoding="utf-8")
    read(page, path, qtbot)
    assert page.mapping.isVisible()
    for name, role in (("alpha", ""), ("beta", "question"), ("gamma", "answer")):
        field = page.mapping.fields[name]
        field.setCurrentIndex(field.findData(role))
    before = page.plan
    page.mapping.again.click()
    planned_again(page, before, qtbot)
    model = page.view.table.rows
    assert model.data(model.index(0, 1)) == "what is 0"
    assert model.data(model.index(0, 2)) == "it is 0"


def test_what_is_no_file_of_examples_is_refused_and_the_draft_stays(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    picture = tmp_path / "holiday.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with qtbot.waitSignal(page.failed, timeout=60_000) as failed:
        page.read_files([picture])
    assert failed.args[0].code == "dataset.not_a_dataset"
    scenes.until(qtbot, lambda: not page.is_busy())
    assert page.primary_text() == "Use these 120 examples"


def test_few_examples_and_bad_rows_are_said(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "few.jsonl", rows=20, copies=0), qtbot)
    assert "Only 20 examples" in page.notes.what.text()
    bad = write_rows(tmp_path / "bad.jsonl", rows=150, copies=0)
    with bad.open("a", encoding="utf-8") as stream:
        stream.write("\n{broken")
    read(page, bad, qtbot)
    assert "line 151" in page.notes.what.text()
    assert Kind.MALFORMED_ROW in page.findings.cards


def test_choices_are_found_again(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path, open_page: Open
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    page.decide(Kind.EXACT_DUPLICATE, Action.IGNORE)
    page.split.held_out.setValue(30)
    page.leave()
    again = open_page(ExamplesPage, page.session)
    scenes.until(qtbot, again.is_ready)
    assert again.primary_text() == "Use these 130 examples"
    assert again.split.held_out.value() == 30


def test_a_verdict_survives_a_window_that_is_killed(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path, open_page: Open
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    page.review.begin.click()
    page.review.buttons[Verdict.FLAG].click()
    page.review.buttons[Verdict.DROP].click()
    # No leave(): the window is gone without a word.
    again = open_page(ExamplesPage, page.session)
    scenes.until(qtbot, again.is_ready)
    assert list(again.choices.reviewed.values()) == [Verdict.FLAG, Verdict.DROP]
    assert "(2 done)" in again.review.head.text()
    assert again.primary_text() == "Use these 119 examples"
    assert again.view.filter.findText("Flagged by you (1)") > 0


def test_a_mixture_is_accepted_and_on_the_receipt(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    assert not page.receipt.isVisible()
    page.mixture.general.setChecked(True)
    page.mixture.general_count.setValue(12)
    with qtbot.waitSignal(page.finished, timeout=60_000):
        page.apply()
    state, project = page.session.state, page.session.require_project()
    version = DatasetVersion.load(project.versions / state.dataset_version)
    assert version.meta.added == {"general": 12}
    scenes.until(qtbot, page.receipt.isVisible)
    page.receipt.click()
    dialog = page.findChild(ReceiptDialog)
    assert "12 general examples were added" in words(dialog)
    dialog.close()


def test_an_earlier_version_can_be_rehearsed(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    assert page.mixture._rehearsal.isHidden()
    with qtbot.waitSignal(page.finished, timeout=60_000):
        page.apply()
    first = page.session.state.dataset_version
    scenes.until(qtbot, lambda: page.mixture.earlier.count() == 2)
    other = tmp_path / "b.jsonl"
    lines = (f'{{"question": "Who is {n}?", "answer": "Somebody, {n}."}}' for n in range(150))
    other.write_text("\n".join(lines), encoding="utf-8")
    read(page, other, qtbot)
    scenes.until(qtbot, lambda: page.mixture.earlier.count() == 2)
    page.mixture.earlier.setCurrentIndex(1)
    page.mixture.earlier.activated.emit(1)
    page.mixture.rehearsed.setValue(20)
    with qtbot.waitSignal(page.finished, timeout=60_000):
        page.apply()
    project = page.session.require_project()
    version = DatasetVersion.load(project.versions / page.session.state.dataset_version)
    assert version.meta.added == {"earlier": 20}
    assert version.receipt()["mixture"]["rehearse"] == first


def test_the_sample_project_brings_its_file(
    session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    session.open_project(open_sample(tmp_path / "sample").root)
    page = open_page(ExamplesPage, session)
    scenes.until(qtbot, page.is_ready, 60)
    assert page.primary_text() == "Use these 343 examples"
    assert Kind.HTML in page.findings.cards


def test_everything_has_a_name_for_screen_readers(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    card = page.findings.cards[Kind.EXACT_DUPLICATE]
    assert card.accessibleName() == "10 × exact copies. They are left out."
    assert card.view.accessibleName() == "View before and after: exact copies"
    model = page.view.table.rows
    spoken = model.data(model.index(0, 3), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "What happens: Used"
