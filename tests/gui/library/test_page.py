from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.wizard import Step, is_done, is_open
from gui.library.page import LibraryPage
from gui.wizard.page import NewProject
from gui.wizard.session import Session
from tests.gui import scenes

Open = Callable[[type, Session], LibraryPage]


@pytest.fixture
def two(ready_session: Session) -> Session:
    first = scenes.add_run(ready_session)
    scenes.finish_training(first, ready_session)
    scenes.write_evaluation(first)
    scenes.finish_training(scenes.add_run(ready_session), ready_session, energy=None)
    return ready_session


@pytest.fixture
def page(two: Session, open_page: Open, qtbot: QtBot) -> LibraryPage:
    made = open_page(LibraryPage, two)
    scenes.until(qtbot, lambda: len(made.tunes) == 2)
    return made


def test_opening_goes_to_its_comparison(page: LibraryPage, two: Session, qtbot: QtBot) -> None:
    page.shelf.cards[1].choose()
    assert page.primary_text() == "Open “Probe”"
    two.close()
    with qtbot.waitSignal(page.finished):
        page.apply()
    assert two.state.finished_run == "train-001"
    assert two.state.training_run == "train-002", "what trains or was trained last stays"
    assert two.state.evaluated
    assert two.state.current is Step.COMPARISON


def test_a_fine_tune_is_trained_further(page: LibraryPage, two: Session, qtbot: QtBot) -> None:
    root = two.require_project().root
    two.close()
    page.shelf.cards[1].choose()
    with qtbot.waitSignal(page.finished):
        page.more.click()
    assert two.require_project().root == root
    assert (two.state.more_of, two.state.current) == ("train-001", Step.SETTINGS)
    page.shelf.cards[1].choose()
    page.delete.click()
    scenes.until(qtbot, lambda: two.state.more_of == "")


def test_whoever_only_reads_trains_nothing_further(
    page: LibraryPage, two: Session, qtbot: QtBot
) -> None:
    second = Session()
    second.open_project(two.require_project().root)
    reading = LibraryPage(second)
    qtbot.addWidget(reading)
    reading.enter()
    scenes.until(qtbot, lambda: len(reading.tunes) == 2)
    assert not reading.more.isEnabled()
    assert reading.more.toolTip()
    reading.shut_down()
    second.close()


def test_deleting_can_be_undone(page: LibraryPage, two: Session, qtbot: QtBot) -> None:
    run = page.tunes[0].run
    with qtbot.waitSignal(page.offered) as offered:
        qtbot.mouseClick(page.delete, Qt.MouseButton.LeftButton)
    scenes.until(qtbot, lambda: [tune.run.name for tune in page.tunes] == ["train-001"])
    assert not run.root.exists()
    assert two.state.training_run == "", "the steps know"
    assert two.state.finished_run == "train-001", "it can still be compared and saved"
    assert offered.args[0] == "“Probe, run 2” is deleted."
    assert offered.args[1] == "Undo"
    offered.args[2]()
    scenes.until(qtbot, lambda: len(page.tunes) == 2)
    assert run.root.is_dir()
    assert (two.state.training_run, two.state.finished_run) == (run.name, run.name)
    assert page.bin.isHidden()


def test_undo_also_brings_back_that_it_was_compared_and_saved(
    page: LibraryPage, two: Session, qtbot: QtBot
) -> None:
    two.give(evaluated=True, exported_to="/somewhere")
    page.delete.click()
    scenes.until(qtbot, lambda: len(page.tunes) == 1)
    assert (two.state.evaluated, two.state.exported_to) == (False, "")
    page.undo()  # Ctrl+Z
    scenes.until(qtbot, lambda: len(page.tunes) == 2)
    assert (two.state.training_done, two.state.evaluated) == (True, True)
    assert two.state.exported_to == "/somewhere"
    page.undo()
    assert len(page.tunes) == 2, "there is nothing left to take back"


def test_one_more_return_after_delete_deletes_nothing(
    page: LibraryPage, two: Session, qtbot: QtBot
) -> None:
    page.window().activateWindow()
    page.delete.setFocus()
    qtbot.waitUntil(page.delete.hasFocus)
    page.delete.click()
    assert any(card.button.hasFocus() for card in page.shelf.cards)
    scenes.until(qtbot, lambda: len(page.tunes) == 1)
    assert page.shelf.cards[0].button.hasFocus()


def test_what_was_deleted_comes_back_after_the_page_was_left_and_after_a_restart(
    page: LibraryPage, two: Session, open_page: Open, qtbot: QtBot
) -> None:
    run = page.tunes[0].run
    page.delete.setFocus()
    qtbot.keyClick(page.delete, Qt.Key.Key_Space)
    scenes.until(qtbot, lambda: not run.root.exists())
    page.leave()
    page.shut_down()
    again = open_page(LibraryPage, two)
    scenes.until(qtbot, again.bin.isVisible)
    (back,) = again.bin.buttons.values()
    assert back.accessibleName() == "Restore “Probe, run 2”"
    back.setFocus()
    qtbot.keyClick(back, Qt.Key.Key_Space)
    scenes.until(qtbot, lambda: len(again.tunes) == 2)
    assert run.root.is_dir()
    assert again.bin.isHidden()
    assert (two.state.training_run, two.state.training_done) == (run.name, True)
    assert is_done(two.state, Step.TRAINING), "its curve can be seen again"


def test_restored_from_the_bin_it_is_known_as_compared_and_saved(
    page: LibraryPage, two: Session, qtbot: QtBot
) -> None:
    two.give(evaluated=True, exported_to="/somewhere")
    for left in (1, 0):
        page.shelf.cards[0].choose()
        page.delete.click()
        scenes.until(qtbot, lambda left=left: len(page.tunes) == left)
    assert not is_open(two.state, Step.TRAINING)
    scenes.until(qtbot, lambda: len(page.bin.buttons) == 2)
    (back,) = (b for b in page.bin.buttons.values() if "run 2" in b.accessibleName())
    back.click()
    scenes.until(qtbot, lambda: len(page.tunes) == 1)
    assert (two.state.training_run, two.state.finished_run) == ("train-002", "train-002")
    assert all(is_done(two.state, step) for step in (Step.TRAINING, Step.COMPARISON, Step.SAVING))


def test_the_bin_is_emptied_by_its_own_button_only(
    page: LibraryPage, two: Session, qtbot: QtBot
) -> None:
    page.delete.click()
    scenes.until(qtbot, page.bin.isVisible)
    assert page.bin.empty.text().startswith("Delete forever (frees ")
    qtbot.mouseClick(page.bin.empty, Qt.MouseButton.LeftButton)
    scenes.until(qtbot, page.bin.isHidden)
    assert list(two.require_project().bin.iterdir()) == []


def test_a_running_training_is_not_deleted(page: LibraryPage, two: Session, qtbot: QtBot) -> None:
    run = page.tunes[0].run
    with scenes.alive(run), qtbot.waitSignal(page.failed) as failed:
        page.delete.click()
    assert failed.args[0].code == "run.busy"
    assert run.root.is_dir()


def test_an_empty_library_says_so(session: Session, open_page: Open, qtbot: QtBot) -> None:
    page = open_page(LibraryPage, session)
    scenes.until(qtbot, lambda: "Nothing here yet" in page.shelf.empty.text())
    assert not page.is_ready()
    assert not page.delete.isVisible() and not page.delete.isEnabled()
    assert page.models.isVisible()
    assert page.primary_text() == "", "there is nothing to open"
    with qtbot.waitSignal(page.sent) as sent:
        page.begin.click()
    assert sent.args == [Step.START, NewProject()]
