from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.examples.pairs.model_choice import ModelChoice
from gui.wizard.session import Session
from tests.core.models.folders import make_model


def test_the_projects_own_base_comes_first(
    project_session: Session, qtbot: QtBot, tmp_path: Path, nobody_else: Path
) -> None:
    make_model(tmp_path / "own")
    make_model(nobody_else / ".lmstudio" / "models" / "Ann" / "Studio")
    project_session.give(base_model=str(tmp_path / "own"))
    owner = QWidget()
    qtbot.addWidget(owner)
    choice = ModelChoice(project_session, owner)
    qtbot.addWidget(choice)
    qtbot.waitUntil(lambda: choice.count() >= 3)
    assert choice.folder() == tmp_path / "own"
    assert "Ann/Studio" in [choice.itemText(n) for n in range(choice.count())]
    choice.shut_down()
