from __future__ import annotations

from PySide6.QtWidgets import QMainWindow, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.input.keyboard import Keyboard
from gui.kit.boxes import vbox
from gui.shell.first_focus import FirstFocus
from gui.wizard.page import Page
from gui.wizard.session import Session


class _Page(Page):
    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.first = QPushButton("First")
        vbox(self.first, on=self)


def test_it_begins_with_the_verb_or_with_the_first_thing_on_the_page(
    session: Session, qtbot: QtBot
) -> None:
    window, centre, primary = QMainWindow(), QWidget(), QPushButton("Continue")
    qtbot.addWidget(window)
    page = _Page(session)
    vbox(page, primary, on=centre)
    window.setCentralWidget(centre)
    focus = FirstFocus(window, Keyboard(window, lambda: page), lambda: primary, lambda: page)
    window.show()
    focus.begin_on(page)
    assert window.focusWidget() is primary
    primary.setEnabled(False)
    focus.begin_on(page)
    assert window.focusWidget() is page.first
