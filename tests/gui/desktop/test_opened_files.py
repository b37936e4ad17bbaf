from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.project import Project
from core.wizard import Step
from gui.desktop.opened_files import OpenedFiles, project_of
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.gui import scenes


@pytest.fixture
def opened(session: Session, qtbot: QtBot, qapp: QApplication) -> OpenedFiles:
    window = WizardWindow(session)
    qtbot.addWidget(window)
    window.show()
    return OpenedFiles(qapp, window)


@pytest.fixture
def lamps(tmp_path: Path) -> Path:
    path = tmp_path / "lamps.jsonl"
    rows = [{"instruction": f"What is lamp {i}?", "output": f"It is lamp {i}."} for i in range(9)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_data_begin_a_project_that_reads_them(
    opened: OpenedFiles, lamps: Path, qtbot: QtBot
) -> None:
    window = opened._window
    opened.take([lamps])
    page = window.page
    assert page is not None and page.is_naming() and page.name.text() == "lamps"  # type: ignore[attr-defined]
    window.footer.primary.click()
    examples = window.page
    assert examples is not None and examples.step is Step.EXAMPLES
    scenes.until(qtbot, lambda: examples.draft is not None)  # type: ignore[attr-defined]
    assert examples.draft.summary.rows == 9  # type: ignore[attr-defined]
    window.close()


def test_a_project_is_opened(opened: OpenedFiles, tmp_path: Path, lamps: Path) -> None:
    project = Project.create(tmp_path / "project")
    opened.take([lamps, project.info_file])
    assert opened._window.session.require_project().root == project.root
    opened._window.close()
    assert project_of(project.root) == project.root
    assert project_of(lamps) is None


def test_nothing_changes_without_files(opened: OpenedFiles) -> None:
    opened.take([])
    assert not opened._window.page.is_naming()  # type: ignore[union-attr]
    opened._window.close()


def test_macs_hand_files_over_as_an_event(
    opened: OpenedFiles, lamps: Path, qapp: QApplication
) -> None:
    QApplication.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(lamps))))
    assert opened._window.page.name.text() == "lamps"  # type: ignore[union-attr]
    opened._window.close()
