from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.actions import serving
from core.data.dataset import DatasetVersion
from core.errors import UserFacingError
from core.project import Project
from core.serving.need import ServingNeed
from core.serving.use.record import UseRecord, record_settings
from gui.daily_use.page import DailyUsePage
from gui.shell.window import WizardWindow
from gui.wizard.page import Place
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.chat.conftest import add_tune
from tests.gui.daily_use.uses import ODD, add_uses

NEED = ServingNeed(1, 1, 1, 1, "cpu", 8_000_000_000)


@pytest.fixture(autouse=True)
def a_free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "serving_need", lambda *_given: NEED)
    monkeypatch.setattr(serving, "serve", partial(serving.serve, port=0))
    monkeypatch.setattr("core.serving.token.find_secret", lambda _name: "sk-local-test")


@pytest.fixture
def project(session: Session, tmp_path: Path) -> Project:
    session.create_project(tmp_path / "Projekt ü 漢字", "Probe")
    scenes.add_base(session, tmp_path / "Modelle ü" / "tiny")
    scenes.add_dataset(session)
    return session.require_project()


@pytest.fixture
def show(session: Session, project: Project, qtbot: QtBot) -> Iterator[Callable[[], WizardWindow]]:
    opened: list[WizardWindow] = []

    def make() -> WizardWindow:
        window = WizardWindow(session)
        opened.append(window)
        window.resize(1000, 750)
        window.show()
        window.activateWindow()
        qtbot.waitExposed(window)
        window.sidebar.places[Place.DAILY_USE].click()
        qtbot.waitUntil(lambda: page_of(window)._seen is not None)
        return window

    yield make
    for window in opened:
        window.shut_down()
        window.close()


def page_of(window: WizardWindow) -> DailyUsePage:
    assert isinstance(window.page, DailyUsePage)
    return window.page


def test_looking_makes_no_record(show: Callable[[], WizardWindow], project: Project) -> None:
    window = show()
    assert not project.use_file.exists()
    assert page_of(window).record.empty.isVisible()
    assert not page_of(window).server.switch.isEnabled()
    assert not window.footer.primary.isEnabled()


def test_the_figures_are_shown(show: Callable[[], WizardWindow], project: Project) -> None:
    add_uses(project, 60)
    page = page_of(show())
    assert page.record.figures["answers"].text() == "60"
    assert page.record.figures["first"].text() == "0.2 s"
    assert page.record.plot.accessibleDescription().startswith("60 answers. Half took less than")


def test_answers_are_judged_by_keyboard(
    show: Callable[[], WizardWindow], project: Project, qtbot: QtBot
) -> None:
    add_uses(project, 40, drawn=3)
    window = show()
    page = page_of(window)
    waiting = len(page.review._waiting)

    def press(key: Qt.Key) -> None:
        qtbot.keyClick(QApplication.focusWidget() or window, key)

    for _turn in range(40):
        if QApplication.focusWidget() is page.review.buttons["wrong"]:
            break
        press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Right)
    press(Qt.Key.Key_Left)
    page.review.answer.setFocus()
    page.review.answer.selectAll()
    qtbot.keyClicks(page.review.answer, "It is 1003.")
    press(Qt.Key.Key_Left)  # moves in the text
    assert not page.review.buttons["right"].isEnabled()
    page.review.buttons["edited"].click()
    qtbot.waitUntil(lambda: page.record.figures["reviewed"].text() == "3")
    with UseRecord(project) as record:
        marks = {use.mark: use.edited for use in record.marked()}
    assert marks == {"right": "", "wrong": "", "edited": "It is 1003."}
    window._undo()
    qtbot.waitUntil(lambda: page.record.figures["reviewed"].text() == "2")
    assert len(page.review._waiting) == waiting - 2


def test_judged_answers_become_examples(
    show: Callable[[], WizardWindow], project: Project, session: Session, qtbot: QtBot
) -> None:
    add_uses(project, 40)
    with UseRecord(project) as record:
        odd = next(use for use in record.newest() if use.prompt == ODD)
        record.mark(odd.id, "edited", "With two spoons of acid in a litre of water.")
    window = show()
    before = session.state.dataset_version
    assert window.footer.primary.text() == "Make an example of 1 judged answer"
    window.footer.primary.click()
    qtbot.waitUntil(lambda: session.state.dataset_version != before)
    assert window.toast.what.text().startswith("1 example was added.")
    old, new = (
        DatasetVersion.load(project.version_folder(name))
        for name in (before, session.state.dataset_version)
    )
    assert new.counts == {**old.counts, "train": old.counts["train"] + 1}
    assert list(new.examples("test")) == list(old.examples("test"))
    qtbot.waitUntil(lambda: not window.footer.primary.isEnabled())


def test_questions_unlike_the_examples_are_shown_with_the_nearest(
    show: Callable[[], WizardWindow], project: Project
) -> None:
    add_uses(project, 40)
    page = page_of(show())
    assert page.unlike.isVisible()
    said = [child.text() for row in page.unlike.rows for child in row.children() if _text(child)]
    assert ODD in said
    assert any(text.startswith("Nearest example: What comes after") for text in said)


def _text(child: object) -> bool:
    return hasattr(child, "text")


def test_the_record_can_be_switched_off_and_deleted(
    show: Callable[[], WizardWindow], project: Project, qtbot: QtBot
) -> None:
    add_uses(project, 5)
    window = show()
    page = page_of(window)
    page.record.characters.setValue(50)
    qtbot.waitUntil(lambda: record_settings(project).characters == 50)
    page.record.on.click()
    qtbot.waitUntil(lambda: not record_settings(project).on)
    page.record.forget.click()
    window.message._actions[1].click()
    qtbot.waitUntil(page.record.empty.isVisible)
    with UseRecord(project) as record:
        assert record.counts().requests == 0


def test_the_server_starts_and_ends_when_it_is_told(
    show: Callable[[], WizardWindow], session: Session, project: Project, qtbot: QtBot
) -> None:
    add_tune(session)
    window = show()
    page = page_of(window)
    qtbot.waitUntil(lambda: page.control.offer is not None)
    assert page.control.serving is None
    assert page.server.room.isVisible()
    page.server.switch.click()
    qtbot.waitUntil(lambda: page.control.state == "on")
    assert page.server.address.text().startswith("http://127.0.0.1:")
    assert page.server.names.text() == "Models: base and train-001"
    page.server.copy_key.click()
    assert QGuiApplication.clipboard().text() == "sk-local-test"
    window.show_place(Place.LIBRARY)
    window.restyle()
    window.show_place(Place.DAILY_USE)
    page = page_of(window)
    assert page.control.state == "on"
    qtbot.waitUntil(page.server.switch.isEnabled)
    page.server.switch.click()
    qtbot.waitUntil(lambda: page.control.state == "off")
    assert not page.server.address.isVisible()


def test_a_server_that_cannot_start_says_why(
    show: Callable[[], WizardWindow],
    session: Session,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_given: object, **_more: object) -> None:
        raise UserFacingError("serving.port_in_use", "The port is taken.", "Close the other one.")

    monkeypatch.setattr(serving, "serve", refuse)
    add_tune(session)
    window = show()
    qtbot.waitUntil(page_of(window).server.switch.isEnabled)
    page_of(window).server.switch.click()
    qtbot.waitUntil(window.message.isVisible)
    assert window.message.todo.text() == "Close the other one."
    assert page_of(window).control.state == "off"
