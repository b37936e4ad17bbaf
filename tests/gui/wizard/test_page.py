from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.wizard import Step
from gui.kit.scroll import scrolled
from gui.wizard.page import Page
from gui.wizard.session import Session


class Plain(Page):
    step = Step.EXAMPLES


class Outside(Page):
    pass


def test_a_page_leads_to_the_step_after_it(session: Session, qtbot: QtBot) -> None:
    page = Plain(session)
    qtbot.addWidget(page)
    assert page.is_step()
    assert page.next() is Step.BASE_MODEL
    with qtbot.waitSignal(page.finished):
        page.apply()
    with pytest.raises(NotImplementedError):
        page.title()


def test_the_library_is_no_step(session: Session, qtbot: QtBot) -> None:
    page = Outside(session)
    qtbot.addWidget(page)
    assert not page.is_step()


def test_what_is_remembered_is_there_after_reopening(
    project_session: Session, qtbot: QtBot
) -> None:
    page = Plain(project_session)
    qtbot.addWidget(page)
    page.remember(row=3)
    page.remember(scroll=40)
    root = project_session.require_project().root
    project_session.close()
    again = Session()
    again.open_project(root)
    other = Plain(again)
    qtbot.addWidget(other)
    assert other.memory() == {"row": 3, "scroll": 40}
    again.close()


def test_the_first_thing_that_takes_the_keyboard_gets_it(session: Session, qtbot: QtBot) -> None:
    page = Plain(session)
    qtbot.addWidget(page)
    layout = QVBoxLayout(page)
    off, on = QPushButton("off"), QPushButton("on")
    off.setEnabled(False)
    layout.addWidget(off)
    layout.addWidget(on)
    page.show()
    page.activateWindow()
    page.focus_first()
    qtbot.waitUntil(on.hasFocus)


class Scrolling(Page):
    step = Step.EXAMPLES

    def title(self) -> str:
        return "Examples"


def test_a_page_that_is_only_read_can_still_be_scrolled(session: Session, qtbot: QtBot) -> None:
    page = Scrolling(session)
    qtbot.addWidget(page)
    inside, beside = QPushButton("inside"), QPushButton("beside")
    content = QVBoxLayout()
    content.addWidget(inside)
    holder = QWidget()
    area = scrolled(holder, content)
    layout = QVBoxLayout(page)
    layout.addWidget(beside)
    layout.addWidget(holder)
    page.switch_writing(on=False)
    assert not inside.isEnabled()
    assert not beside.isEnabled()
    assert area.isEnabled()
    assert area.focusPolicy() is Qt.FocusPolicy.StrongFocus
    later = QPushButton("later")
    content.addWidget(later)
    assert not later.isEnabled(), "what is made later is off too"
    page.switch_writing(on=True)
    assert inside.isEnabled()
    assert beside.isEnabled()
    assert area.focusPolicy() is Qt.FocusPolicy.NoFocus
