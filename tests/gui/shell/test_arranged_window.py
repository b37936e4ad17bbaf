from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.wizard import Step
from gui.shell.window import WizardWindow
from gui.wizard.page import Place
from gui.wizard.session import Session
from tests.gui import scenes


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


@pytest.mark.parametrize("step", [Step.SETTINGS, Step.TRAINING])
def test_the_headline_begins_where_the_page_does(
    step: Step, ready_session: Session, qtbot: QtBot
) -> None:
    """Also where the page is wider than others, because it shows charts."""
    scenes.finish_training(scenes.add_run(ready_session), ready_session)
    ready_session.go_to(step)
    window = WizardWindow(ready_session)
    window.resize(1900, 900)
    window.show()
    qtbot.waitExposed(window)
    page = window.page
    shown = page.view.verdict if step is Step.TRAINING else page.presets

    def left(widget: QWidget) -> int:
        return widget.mapTo(window, QPoint(0, 0)).x()

    qtbot.waitUntil(lambda: left(window._title) == left(shown))
    window.shut_down()
    window.close()
