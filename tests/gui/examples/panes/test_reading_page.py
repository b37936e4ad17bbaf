"""What was decided survives another reading of the same files, and undo brings that back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.data.cleaning import Choices, RowAction
from core.data.findings.kinds import Action, Kind
from core.data.readers import ReadOptions
from gui.examples.page import ExamplesPage
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.examples.test_page import Open, planned_again, read, write_rows

_CORRECTED = (
    '{"messages": [{"role": "user", "content": "Which hall is it?"}, '
    '{"role": "assistant", "content": "The parish hall, as always."}]}\n'
)


@pytest.fixture
def page(project_session: Session, open_page: Open) -> ExamplesPage:
    return open_page(ExamplesPage, project_session)


@pytest.fixture
def decided(page: ExamplesPage, qtbot: QtBot, tmp_path: Path) -> Choices:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    page.decide(Kind.EXACT_DUPLICATE, Action.IGNORE)
    page.decide_row(3, RowAction.DROP)
    page.split.held_out.setValue(30)
    return page.choices


def again(page: ExamplesPage, qtbot: QtBot, begin: Callable[[], object]) -> None:
    before = page.plan
    begin()
    planned_again(page, before, qtbot)


@pytest.fixture
def corrected(tmp_path: Path) -> Path:
    path = tmp_path / "corrected answers.jsonl"
    path.write_text(_CORRECTED, encoding="utf-8")
    return path


def test_corrected_answers_are_added_to_what_was_decided(
    page: ExamplesPage, qtbot: QtBot, decided: Choices, corrected: Path
) -> None:
    offered: list[str] = []
    page.offered.connect(lambda what, _button, _do: offered.append(what))
    again(page, qtbot, lambda: page.receive(corrected))
    assert page.choices == decided
    assert page.primary_text() == "Use these 130 examples"  # 129 and the new one
    assert page.split.held_out.value() == 30
    assert "stays" in offered[-1]


def test_undo_takes_the_corrected_answers_out_again(
    page: ExamplesPage, qtbot: QtBot, decided: Choices, corrected: Path
) -> None:
    again(page, qtbot, lambda: page.receive(corrected))
    again(page, qtbot, page.undo)
    assert page.draft is not None
    assert len(page.draft.summary.sources) == 1
    assert page.choices == decided
    again(page, qtbot, page.undo)  # what was decided before can be taken back as well
    assert page.split.held_out.value() != 30 or page.choices != decided


def test_answers_that_are_corrected_later_replace_the_file(
    page: ExamplesPage, qtbot: QtBot, decided: Choices, corrected: Path
) -> None:
    again(page, qtbot, lambda: page.receive(corrected))
    corrected.write_text(_CORRECTED + _CORRECTED.replace("Which", "What"), encoding="utf-8")
    again(page, qtbot, lambda: page.receive(corrected))
    assert page.choices == decided
    assert page.draft is not None
    assert len(page.draft) == 132


def test_they_are_added_also_before_the_page_was_ever_opened(
    page: ExamplesPage,
    qtbot: QtBot,
    decided: Choices,
    corrected: Path,
    open_page: Open,
) -> None:
    page.leave()
    page.shut_down()
    other = open_page(ExamplesPage, page.session)
    other.receive(corrected)
    scenes.until(qtbot, lambda: other.draft is not None and len(other.draft) == 131)
    scenes.until(qtbot, other.is_ready)
    assert other.choices == decided
    assert other.split.held_out.value() == 30


def test_another_encoding_loses_no_decision(
    page: ExamplesPage, qtbot: QtBot, decided: Choices
) -> None:
    again(page, qtbot, lambda: page.reading.corrected.emit(ReadOptions(encoding="cp1252")))
    assert page.choices == decided
    assert page.split.held_out.value() == 30


def test_what_a_window_that_was_closed_while_it_read_decided_is_there(
    page: ExamplesPage, qtbot: QtBot, decided: Choices, corrected: Path, open_page: Open
) -> None:
    page.add_files([corrected])
    page._job.let_go()  # the window is gone; the job continues
    folder = page.session.require_project().draft
    name = page.draft.name if page.draft is not None else ""
    scenes.until(qtbot, lambda: name not in (folder / "draft.json").read_text(encoding="utf-8"))
    other = open_page(ExamplesPage, page.session)
    scenes.until(qtbot, other.is_ready)
    assert other.draft is not None
    assert len(other.draft) == 131
    assert other.choices == decided


def test_other_files_begin_afresh_and_undo_brings_the_former_back(
    page: ExamplesPage, qtbot: QtBot, decided: Choices, tmp_path: Path
) -> None:
    other = write_rows(tmp_path / "b.jsonl", rows=110, copies=0)
    again(page, qtbot, lambda: page.read_files([other]))
    assert page.choices == Choices()
    again(page, qtbot, page.undo)
    assert page.choices == decided
