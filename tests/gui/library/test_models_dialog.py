from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.models.hub.store import models_folder, run_folder, staging_folder, write_record
from core.project import Project
from core.storage.files import write_json
from gui.library.models_dialog import ModelsDialog
from gui.library.page import LibraryPage
from gui.wizard.session import Session
from tests.core.models.folders import make_model
from tests.core.models.hub.test_store import listing
from tests.gui import scenes

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def project(tmp_path: Path, nobody_else: Path) -> Project:
    """One that needs the first of two own models; another program has a third."""
    needed = make_model(models_folder() / "Own--Name")
    write_record(needed, listing())
    make_model(models_folder() / "Own--Spare")
    make_model(nobody_else / ".lmstudio/models/Their/Model")
    staged = staging_folder(run_folder("Own/Half"))
    staged.mkdir()
    write_record(staged, listing().model_copy(update={"repo": "Own/Half"}))
    made = Project.create(tmp_path / "p", "Recipes")
    run = made.new_run("train")
    facts = {"base_model": str(needed), "dataset_version": "x", "seconds": 1.0, "steps": 3,
             "best_loss": 1.0}  # fmt: skip
    write_json(run.facts_file, facts)
    write_json(run.job_file, {"kind": "train", "params": {"base_model": str(needed)}})
    return made


@pytest.fixture
def dialog(project: Project, qtbot: QtBot) -> ModelsDialog:
    made = ModelsDialog([project.root])
    qtbot.addWidget(made)
    made.show()
    scenes.until(qtbot, lambda: len(made.entries) == 4)
    return made


def row_of(dialog: ModelsDialog, name: str) -> list[str]:
    for row in range(dialog.table.rowCount()):
        if dialog.table.item(row, 0).text() == name:
            dialog.table.selectRow(row)
            return [dialog.table.item(row, column).text() for column in range(4)]
    return []


def test_each_model_says_what_it_takes_and_who_needs_it(dialog: ModelsDialog) -> None:
    _name, size, whose, needed = row_of(dialog, "Own/Name")
    assert size == "40 kB" and whose == "Homelab Tuner" and needed == "Recipes: train-001"
    assert dialog.delete.isEnabled() and not dialog.why.isVisible()
    assert row_of(dialog, "Their/Model")[2] == "LM Studio"
    assert not dialog.delete.isEnabled() and "belongs to LM Studio" in dialog.why.text()
    assert "downloaded" in row_of(dialog, "Own/Half")[1]
    assert dialog.sum.text() == "This application's own models take 80 kB."


def test_deleting_asks_first_and_names_who_needs_it(
    dialog: ModelsDialog, qtbot: QtBot, project: Project
) -> None:
    row_of(dialog, "Own/Name")
    qtbot.mouseClick(dialog.delete, LEFT)
    assert dialog.message.what.text() == "Delete “Own/Name” and free 40 kB?"
    assert "1 fine-tune needs “Own/Name”: Recipes: train-001." in dialog.message.todo.text()
    keep, delete = dialog.message._actions
    assert keep.hasFocus() or not dialog.isActiveWindow()
    qtbot.mouseClick(keep, LEFT)
    assert (models_folder() / "Own--Name").is_dir()
    with FileLock(project.run("train-001").lock_file):
        qtbot.mouseClick(dialog.delete, LEFT)
        qtbot.mouseClick(dialog.message._actions[1], LEFT)
        scenes.until(qtbot, lambda: "is using" in dialog.message.what.text())
    assert (models_folder() / "Own--Name").is_dir()
    scenes.until(qtbot, dialog.delete.isEnabled)
    row_of(dialog, "Own/Name")
    qtbot.mouseClick(dialog.delete, LEFT)
    qtbot.mouseClick(dialog.message._actions[1], LEFT)
    scenes.until(qtbot, lambda: len(dialog.entries) == 3)
    assert dialog.message.what.text() == "Deleted Own/Name. This freed 40 kB."
    assert not (models_folder() / "Own--Name").exists()
    assert delete is not None


def test_an_unfinished_download_is_deleted_too(dialog: ModelsDialog, qtbot: QtBot) -> None:
    row_of(dialog, "Own/Half")
    qtbot.mouseClick(dialog.delete, LEFT)
    qtbot.mouseClick(dialog.message._actions[1], LEFT)
    scenes.until(qtbot, lambda: len(dialog.entries) == 3)
    assert not staging_folder(run_folder("Own/Half")).exists()


def test_the_library_opens_it(project_session: Session, open_page, qtbot: QtBot) -> None:
    page = open_page(LibraryPage, project_session)
    qtbot.mouseClick(page.models, LEFT)
    dialog = page.findChild(ModelsDialog)
    scenes.until(qtbot, lambda: dialog.sum.text() == "No base model is on this computer yet.")
    dialog.reject()
