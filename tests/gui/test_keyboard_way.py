"""Keys alone, from a trained model to one in daily use: saved, asked, corrected, learned, served.

No widget is given the keyboard by the test; it gets it by Tab, by the palette, or from the window.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from core.project import Project
from core.wizard import Step
from gui.chat.page import ChatPage
from gui.daily_use.page import DailyUsePage
from gui.saving.answers_dialog import AnswersDialog
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.gui import scenes

pytestmark = pytest.mark.sample
_MOST_TABS = 60
_CTRL = Qt.KeyboardModifier.ControlModifier


class Keys:
    """Types as a user does, into whatever has the keyboard."""

    def __init__(self, window: WizardWindow, qtbot: QtBot) -> None:
        self._window = window
        self.qtbot = qtbot

    @property
    def at(self) -> QWidget:
        top = QApplication.activeModalWidget() or self._window
        if not top.isActiveWindow():
            top.activateWindow()  # as a desktop does when a dialog opens or closes
        self.until(lambda: QApplication.focusWidget() is not None)
        widget = QApplication.focusWidget()
        assert widget is not None
        return widget

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        QTest.keyClick(self.at, key, modifier or Qt.KeyboardModifier.NoModifier)
        QTest.qWait(20)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.at, text)

    def tab_to(self, wanted: Callable[[QWidget], bool]) -> QWidget:
        """Press Tab until something is reached that is ``wanted``."""
        for _turn in range(_MOST_TABS):
            if wanted(self.at):
                return self.at
            self.press(Qt.Key.Key_Tab)
        raise AssertionError(f"not reached by Tab; now at {self.at.accessibleName() or self.at}")

    def is_there(self, name: str) -> bool:
        """Whether a button of this name can be pressed."""
        buttons = self._window.findChildren(QAbstractButton)
        return any(b.isVisible() and b.isEnabled() and _is_called(b, name) for b in buttons)

    def push(self, name: str) -> None:
        """Go to the button of this name or text, and press it."""
        self.tab_to(lambda w: _is_called(w, name))
        self.press(Qt.Key.Key_Space)

    def go_to(self, place: str) -> None:
        """Open the palette and choose a place by its name."""
        self.press(Qt.Key.Key_K, _CTRL)
        self.type(place)
        self.press(Qt.Key.Key_Return)

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        scenes.until(self.qtbot, condition, seconds)


def _is_called(widget: QWidget, name: str) -> bool:
    return isinstance(widget, QAbstractButton) and name in {widget.text(), widget.accessibleName()}


def _opened(session: Session, project: Project, qtbot: QtBot) -> WizardWindow:
    session.open_project(project.root)
    session.go_to(Step.SAVING)
    window = WizardWindow(session)
    qtbot.addWidget(window)
    window.resize(900, 620)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    return window


def test_from_a_trained_model_to_daily_use(
    session: Session, qtbot: QtBot, own_copy: Project
) -> None:
    window = _opened(session, own_copy, qtbot)
    keys = Keys(window, qtbot)
    _save(window, keys)
    _ask(window, keys)
    _correct_and_learn(window, keys)
    _serve(window, keys)
    window.close()


def _save(window: WizardWindow, keys: Keys) -> None:
    page = window.page
    keys.tab_to(lambda w: isinstance(w, QRadioButton) and w.text() == "Ollama")
    keys.press(Qt.Key.Key_Space)
    field = keys.tab_to(lambda w: isinstance(w, QComboBox))
    assert isinstance(field, QComboBox)
    while field.currentText() != "GGUF Q8_0":
        keys.press(Qt.Key.Key_Down)
    keys.tab_to(lambda w: w is window.footer.primary)
    keys.press(Qt.Key.Key_Space)
    keys.until(lambda: not page.is_busy() and page.ending.isVisible(), 240)
    assert "ollama create" in page.ending.lines.toPlainText()
    keys.push("Copy the lines")
    assert "ollama create" in QGuiApplication.clipboard().text()
    keys.until(page.saved.isVisible)
    keys.push("Show the answers …")
    keys.until(lambda: isinstance(QApplication.activeModalWidget(), AnswersDialog))
    keys.press(Qt.Key.Key_Escape)
    keys.until(lambda: QApplication.activeModalWidget() is None)


def _ask(window: WizardWindow, keys: Keys) -> None:
    keys.go_to("Chat")
    page = window.page
    assert isinstance(page, ChatPage)
    keys.tab_to(lambda w: w.accessibleName() == "Your question")
    keys.type("What comes after 7?")
    keys.until(window.footer.primary.isEnabled)  # who can be asked is read beside the window
    keys.press(Qt.Key.Key_Return)
    keys.until(lambda: any(answer.first is not None for answer in page.talk.model.live), 180)
    keys.press(Qt.Key.Key_Escape)  # so little trained a model hardly ever ends by itself
    keys.until(lambda: keys.is_there("Correct the answer …"))
    keys.push("Correct the answer …")
    keys.press(Qt.Key.Key_A, _CTRL)
    keys.type("It is 8.")
    keys.push("Save the correction")


def _correct_and_learn(window: WizardWindow, keys: Keys) -> None:
    before = window.session.state.dataset_version
    keys.go_to("Daily use")
    page = window.page
    assert isinstance(page, DailyUsePage)
    keys.until(window.footer.primary.isEnabled)
    assert window.footer.primary.text() == "Make an example of 1 judged answer"
    keys.tab_to(lambda w: w is window.footer.primary)
    keys.press(Qt.Key.Key_Space)
    keys.until(lambda: not page.is_busy())
    assert window.session.state.dataset_version != before


def _serve(window: WizardWindow, keys: Keys) -> None:
    page = window.page
    keys.push("Start the server")
    keys.until(lambda: page.control.state == "on")
    keys.push("Copy the key")
    token = QGuiApplication.clipboard().text()
    keys.push("Copy the address")
    address = QGuiApplication.clipboard().text()
    asked = urllib.request.Request(
        f"{address}/models", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked) as answer:
        assert "train-001" in {model["id"] for model in json.load(answer)["data"]}
    keys.push("End the server")
    keys.until(lambda: page.control.state == "off")
