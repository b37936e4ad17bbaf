from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from core.project import Project
from core.settings import default_projects_folder
from core.wizard import Step
from gui.shell.window import WizardWindow
from gui.start.page import StartPage
from gui.wizard.session import Session
from tests.gui import scenes

Open = Callable[[type, Session], StartPage]


def test_a_first_run_has_two_things_to_do_and_no_button_that_repeats_one(
    session: Session, open_page: Open
) -> None:
    page = open_page(StartPage, session)
    assert page.primary_text() == ""
    page.apply()
    assert session.project is not None
    assert session.project.info()["sample"] is True
    assert page.next() is Step.EXAMPLES


def test_the_sample_project_is_opened_again(session: Session, open_page: Open) -> None:
    page = open_page(StartPage, session)
    page.apply()
    session.give(dataset_version="abc")
    session.close()
    page.apply()
    assert session.state.dataset_version == "abc"


def test_a_new_project_needs_a_name_that_can_be_a_folder(
    session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(StartPage, session)
    page.new.click()
    assert not page.is_ready()
    assert page.hint() == "Give the project a name."
    page.name.setText(" a/b:c ü 漢字. ")
    assert page.new_root() == default_projects_folder() / "abc ü 漢字"
    assert page.is_ready()
    with qtbot.waitSignal(page.finished):
        page.apply()
    assert session.require_project().root == default_projects_folder() / "abc ü 漢字"


def test_a_folder_with_other_files_is_refused(session: Session, open_page: Open) -> None:
    page = open_page(StartPage, session)
    page.new.click()
    page.name.setText("taken")
    folder = default_projects_folder() / "taken"
    folder.mkdir(parents=True)
    (folder / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(UserFacingError) as caught:
        page.apply()
    assert caught.value.code == "project.not_empty"
    assert (folder / "letter.txt").read_text(encoding="utf-8") == "dear"


def test_recent_projects_are_offered_and_opened_where_they_were_left(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    root = ready_session.require_project().root
    ready_session.close()
    page = open_page(StartPage, ready_session)
    assert [tile.root for tile in page.grid.tiles] == [root]
    assert page.primary_text() == f"Open “{root.name}”"
    with qtbot.waitSignal(page.finished):
        page.apply()
    assert page.next() is Step.BASE_MODEL


def test_a_folder_without_a_project_is_told(
    session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_page(StartPage, session)
    with qtbot.waitSignal(page.failed) as failed:
        page.open_root(tmp_path)
    assert failed.args[0].code == "project.not_found"


def test_the_hardware_is_named(session: Session, open_page: Open, qtbot: QtBot) -> None:
    page = open_page(StartPage, session)
    scenes.until(qtbot, lambda: "disk" in page.strip.text())


def test_return_in_the_name_field_makes_the_project(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    window = WizardWindow(session)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    page = window.page
    page.new.click()
    page._chosen_parent = tmp_path
    page.name.setFocus()
    qtbot.keyClick(page.name, Qt.Key.Key_Return)
    assert session.project is None, "it has no name yet"
    qtbot.keyClicks(page.name, "Answers")
    qtbot.keyClick(page.name, Qt.Key.Key_Return)
    assert session.require_project().root == tmp_path / "Answers"
    assert session.state.current is Step.EXAMPLES
    window.shut_down()
    window.close()


def test_a_key_opens_the_project_of_a_tile(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("one", "two"):
        session.create_project(tmp_path / name, name)
    session.close()
    window = WizardWindow(session)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    tile = window.page.grid.tiles[1]
    tile.setFocus()
    qtbot.keyClick(tile, Qt.Key.Key_Space)
    assert session.require_project().root == tmp_path / "one"
    window.shut_down()
    window.close()


def test_after_a_click_on_new_project_you_type_its_name(session: Session, qtbot: QtBot) -> None:
    window = WizardWindow(session)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    page = window.page
    qtbot.mouseClick(page.new, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.name.hasFocus)
    qtbot.keyClicks(window.focusWidget(), "Answers")
    assert page.primary_text() == "Create project"
    assert page.is_ready()
    window.shut_down()
    window.close()


def test_the_two_actions_act_at_once(session: Session, open_page: Open, qtbot: QtBot) -> None:
    page = open_page(StartPage, session)
    with qtbot.waitSignal(page.finished):
        page.sample.click()
    assert session.require_project().info()["sample"] is True
    page.new.click()
    assert page.is_naming()
    assert page.primary_text() == "Create project"


def test_a_tile_says_where_the_project_was_left(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    scenes.finish_training(scenes.add_run(ready_session), ready_session)
    ready_session.go_to(Step.COMPARISON)
    ready_session.close()
    page = open_page(StartPage, ready_session)
    tile = page.grid.tiles[0]
    scenes.until(qtbot, lambda: tile.state.text() == "Comparison")
    assert tile.result.text().startswith("Best loss ")
    assert tile.accessibleDescription().startswith("Comparison · Best loss ")


def test_a_project_that_is_gone_is_said(
    session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    session.change_settings(recent=(str(tmp_path / "gone"),))
    page = open_page(StartPage, session)
    tile = page.grid.tiles[0]
    scenes.until(qtbot, lambda: "cannot be read" in tile.state.text())


def test_a_project_is_renamed_and_taken_off_the_list_and_comes_back(
    session: Session, open_page: Open, qtbot: QtBot
) -> None:
    for name in ("lamps", "garden"):
        session.create_project(default_projects_folder() / name, name)
    page = open_page(StartPage, session)
    page.enter()
    garden, lamps = page.grid.tiles
    with qtbot.waitSignal(session.state_changed):
        garden.more.renamed.emit("Garden answers")
    scenes.until(qtbot, lambda: page.grid.tiles[0].name.text() == "Garden answers")
    assert Project(garden.root).name == "Garden answers"

    with qtbot.waitSignal(page.offered) as offered:
        lamps.more.take_off.trigger()
    assert [tile.root.name for tile in page.grid.tiles] == ["garden"]
    assert lamps.root.is_dir(), "its files are never deleted"
    offered.args[2]()
    assert [tile.root.name for tile in page.grid.tiles] == ["garden", "lamps"]
