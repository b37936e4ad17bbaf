from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from gui.pages.page import Page
from gui.session import Session


@pytest.fixture
def open_page(qtbot: QtBot) -> Iterator[Callable[[type[Page], Session], Page]]:
    """Return a function that shows a page as the window does."""
    opened: list[Page] = []

    def make(kind: type[Page], session: Session) -> Page:
        page = kind(session)
        qtbot.addWidget(page)
        opened.append(page)
        page.resize(900, 700)
        page.show()
        page.enter()
        return page

    yield make
    for page in opened:
        page.leave()
        page.shut_down()
