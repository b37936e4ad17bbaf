from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.chat.page import ChatPage
from gui.wizard.session import Session

Open = Callable[[type, Session], ChatPage]


def test_options_and_conversations_take_the_place_of_the_answers(
    project_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(ChatPage, project_session)

    def seen(widget: QWidget) -> bool:
        return widget.isVisibleTo(page)

    assert seen(page.transcript) and seen(page.composer)
    page.fold.click()
    assert seen(page.options) and not seen(page.transcript)
    page.past.click()
    assert seen(page.history) and not seen(page.composer)
    assert not page.fold.isChecked(), "one of them at a time"
    page.fold.click()
    assert seen(page.options) and seen(page.composer) and not page.past.isChecked()
    page.fold.click()
    assert seen(page.transcript)
