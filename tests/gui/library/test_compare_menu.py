# ruff: noqa: F811 - fixtures that are imported
from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.library.about import About, write_about
from core.wizard import Step
from gui.library.page import LibraryPage
from gui.wizard.page import Against
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.library.test_page import page, two  # noqa: F401 - fixtures


def test_nothing_is_offered_before_both_were_compared(page: LibraryPage) -> None:
    page.shelf.cards[1].choose()
    assert page.against.isHidden()


def test_the_other_one_is_the_opponent(page: LibraryPage, two: Session, qtbot: QtBot) -> None:
    other = two.require_project().run("train-002")
    scenes.write_evaluation(other)
    write_about(other, About(name="Short answers"))
    page.enter()
    scenes.until(qtbot, lambda: page.shelf.cards[0].kept.name == "Short answers")
    page.shelf.cards[1].choose()
    assert page.against.isVisible()
    (action,) = page.against.menu().actions()
    assert action.text() == "Short answers", "by the name that it was given"
    with qtbot.waitSignal(page.sent) as sent:
        action.trigger()
    assert sent.args == [Step.COMPARISON, Against("train-002")]
    assert two.state.finished_run == "train-001"
