from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.shell.window import WizardWindow
from gui.wizard.page import Place
from gui.wizard.session import Session


def test_the_headline_stands_above_the_page_and_the_footer_below(
    session: Session, qtbot: QtBot
) -> None:
    window = WizardWindow(session)
    window.show()
    qtbot.waitExposed(window)
    window.show_place(Place.LIBRARY)
    assert window._title.text() == "Library"
    assert not window._subtitle.isHidden()
    head, pages, footer = window._head, window._pages, window.footer
    qtbot.waitUntil(lambda: pages.geometry().top() >= head.geometry().bottom())
    assert footer.geometry().top() >= pages.geometry().bottom()
    assert window.sidebar.geometry().right() < head.mapTo(window, head.rect().topLeft()).x()
    assert window.footer.back.isVisible(), "a page outside the steps is left with Back"
    window.shut_down()
    window.close()
