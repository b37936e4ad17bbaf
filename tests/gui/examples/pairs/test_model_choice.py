from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from gui.examples.pairs.model_choice import ModelChoice
from gui.kit.boxes import vbox
from gui.wizard.session import Session
from tests.core.models.folders import make_model


def test_the_projects_own_base_comes_first(
    project_session: Session, qtbot: QtBot, tmp_path: Path, nobody_else: Path
) -> None:
    make_model(tmp_path / "own")
    make_model(nobody_else / ".lmstudio" / "models" / "Ann" / "Studio")
    project_session.give(base_model=str(tmp_path / "own"))
    owner = QDialog()
    choice = ModelChoice(project_session, owner)
    vbox(choice, on=owner)
    qtbot.addWidget(owner)
    owner.show()
    qtbot.waitUntil(lambda: not choice.is_looking())
    assert choice.folder() == tmp_path / "own"
    assert "Ann/Studio" in [choice.itemText(n) for n in range(choice.count())]
    choice.shut_down()
