from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.jobs.link import Request
from gui.training.following_page import FollowingPage
from gui.wizard.session import Session


class _Thread:
    def __init__(self) -> None:
        self.asked: list[Request] = []

    def ask(self, request: Request) -> None:
        self.asked.append(request)

    def let_go(self) -> None:
        """As the real one."""

    def deleteLater(self) -> None:
        """As the real one."""


class _Page(FollowingPage):
    def title(self) -> str:
        return ""


def test_pause_is_asked_for_once_and_what_is_followed_is_let_go(
    session: Session, qtbot: QtBot
) -> None:
    page = _Page(session)
    qtbot.addWidget(page)
    assert not page.is_busy()
    page._ask(Request.STOP)  # nothing is followed
    thread = _Thread()
    page._thread = thread  # type: ignore[assignment]
    assert page.is_busy()
    page.view.pause.click()
    page.view.pause.click()
    assert thread.asked == [Request.PAUSE]
    page.view_model.state = "paused"
    page._pause_or_resume()
    assert thread.asked == [Request.PAUSE, Request.RUN]
    page._drop()
    assert not page.is_busy() and page._asked is None
    page.view.shut_down()
