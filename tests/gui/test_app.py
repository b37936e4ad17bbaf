from __future__ import annotations

import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from core.opening import Opening, was_never_shown
from core.settings import load_settings
from core.wizard import Step
from gui import app as app_module
from gui.app import open_window, reopen_last, run_window, show_bug
from gui.base_model.page import BaseModelPage
from gui.desktop.background import bring_to_front
from gui.kit.message_bar import MessageBar
from gui.shell.error_dialog import ErrorDialog
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.desktop.test_single_instance import another_start, heard, tell


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


def _said_something(start: subprocess.Popen[str]) -> bool:
    return bool(select.select([start.stdout], [], [], 0)[0])


@pytest.fixture
def window(qapp: QApplication, session: Session, hook: None) -> Iterator[WizardWindow]:
    made = open_window(qapp, session)
    yield made
    made.close()


def test_it_opens_on_the_start_page(window: WizardWindow) -> None:
    assert window.isVisible()
    assert window.session.state.current is Step.START


def test_quitting_and_reopening_restores_project_page_and_size(
    qapp: QApplication, ready_session: Session, hook: None
) -> None:
    first = open_window(qapp, ready_session)
    first.show_step(Step.BASE_MODEL)
    first.resize(784, 700)  # the screen of the tests is small
    first.close()
    second = open_window(qapp, Session())
    assert second.session.state.current is Step.BASE_MODEL
    assert second.session.project is not None
    assert (second.width(), second.height()) == (784, 700)
    second.close()


def test_a_second_start_while_the_window_is_built_raises_the_first(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Built(Exception):  # noqa: N818 - the test knows enough
        pass

    def build(_app: QApplication, _session: Session) -> None:
        second = another_start()
        assert heard(second) == "ready"
        tell(second)  # the first answers as soon as its loop runs
        scenes.until(qtbot, lambda: second.poll() is not None or _said_something(second))
        said = heard(second)
        second.communicate("end\n", timeout=60)
        raise Built(said == "second")

    monkeypatch.setattr(app_module, "QApplication", lambda _arguments: qapp)
    monkeypatch.setattr(app_module, "open_window", build)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Built) as built:
        run_window([])
    signal.signal(signal.SIGINT, before)
    assert built.value.args == (True,)


def test_a_project_that_is_gone_is_told_and_the_window_opens(
    qapp: QApplication, hook: None, tmp_path: Path
) -> None:
    session = Session()
    session.change_settings(recent=(str(tmp_path / "gone"),))
    window = open_window(qapp, session)
    assert window.message.isVisible()
    assert "gone" in window.message.what.text()
    assert window.session.state.current is Step.START
    window.close()


def test_a_second_window_on_the_same_project_only_reads(
    qapp: QApplication, ready_session: Session, hook: None
) -> None:
    other = Session(load_settings())
    assert reopen_last(other) is None
    assert other.read_only
    window = open_window(qapp, other)
    assert window.ownership.isVisible()
    window.close()


def test_an_unforeseen_exception_opens_a_dialog(qtbot: QtBot, window: WizardWindow) -> None:
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        show_bug(window, ZeroDivisionError, error, error.__traceback__)
    (dialog,) = window.findChildren(ErrorDialog)
    assert "Something unexpected" in dialog.accessibleName()
    assert "ZeroDivisionError" in dialog._details.toPlainText()
    dialog.close()


def test_an_error_for_the_person_is_shown_in_the_window(window: WizardWindow) -> None:
    error = UserFacingError("window.test", "It rained.", "Take an umbrella.")
    show_bug(window, UserFacingError, error, None)
    assert window.message.what.text() == "It rained."
    assert not window.findChildren(ErrorDialog)


def test_a_keyboard_interrupt_closes_the_window(window: WizardWindow) -> None:
    show_bug(window, KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not window.isVisible()


def test_a_minimised_window_comes_to_the_front(qtbot: QtBot, window: WizardWindow) -> None:
    window.showMinimized()
    bring_to_front(window)
    scenes.until(qtbot, lambda: not window.isMinimized())
    assert window.isVisible()


def test_after_a_start_that_hung_the_last_project_is_not_opened_by_itself(
    qapp: QApplication, ready_session: Session, hook: None
) -> None:
    project = ready_session.require_project()
    ready_session.close()
    Opening().begin(project.root)  # and there it hung
    other = Session(load_settings())
    refusal = reopen_last(other)
    assert refusal is not None
    assert refusal.code == "project.not_reopened"
    assert other.project is None
    other.open_project(project.root)  # if you ask for it
    other.close()
    assert not was_never_shown(project.root)


def test_a_project_that_is_open_already_is_no_hung_start(
    qapp: QApplication, ready_session: Session
) -> None:
    ready_session.open_project(ready_session.require_project().root)
    Opening().begin(ready_session.require_project().root)
    assert reopen_last(ready_session) is None


def test_a_project_that_was_shown_is_opened_again(
    qapp: QApplication, ready_session: Session, hook: None, qtbot: QtBot
) -> None:
    project = ready_session.require_project()
    ready_session.close()
    first = Session(load_settings())
    window = open_window(qapp, first)
    scenes.until(qtbot, lambda: not was_never_shown(project.root))
    assert first.project == project
    window.close()


@pytest.mark.parametrize("broken", [KeyError("x"), RecursionError()])
def test_the_window_comes_up_though_a_page_fails(
    qapp: QApplication,
    ready_session: Session,
    hook: None,
    monkeypatch: pytest.MonkeyPatch,
    broken: Exception,
) -> None:
    def fail(_page: object) -> None:
        raise broken

    monkeypatch.setattr(BaseModelPage, "enter", fail)
    ready_session.go_to(Step.BASE_MODEL)
    said: list[str] = []
    monkeypatch.setattr(
        MessageBar,
        "say_error",
        lambda bar, error: said.append(error.code) or bar.say("problem", "x"),
    )
    window = WizardWindow(ready_session)
    window.show()
    assert said == ["window.page_failed"]
    assert window.page is not None
    assert window.page.step is Step.START
    window.close()
