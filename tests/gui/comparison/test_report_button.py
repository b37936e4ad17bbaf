"""The report is written where you say."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from core.project import Project
from gui.comparison.report_button import ReportButton
from gui.wizard.session import Session
from tests.gui import scenes


@pytest.fixture
def button(ready_session: Session, qtbot: QtBot) -> ReportButton:
    scenes.finish_training(scenes.add_run(ready_session), ready_session)
    made = ReportButton(ready_session)
    qtbot.addWidget(made)
    return made


def test_it_is_saved_where_you_say(
    button: ReportButton, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, Path]] = []

    def write(_project: Project, run: object, path: Path) -> None:
        written.append((run.name, path))  # type: ignore[attr-defined]

    monkeypatch.setattr("gui.comparison.report_button.write_report", write)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    button.click()
    assert written == []
    target = tmp_path / "report.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    button.click()
    qtbot.waitUntil(lambda: bool(written))
    assert written == [("train-001", target)]
    button.shut_down()


def test_what_the_disk_refuses_is_told(
    button: ReportButton, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object) -> None:
        raise UserFacingError("disk.full", "The disk is full.", "Free some space.")

    monkeypatch.setattr("gui.comparison.report_button.write_report", refuse)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a"), ""))
    with qtbot.waitSignal(button.failed) as failed:
        button.click()
    assert failed.args[0].code == "disk.full"
