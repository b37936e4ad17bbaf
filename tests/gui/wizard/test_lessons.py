from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from core.queue.entries import load_queue
from core.wizard import Step
from gui.comparison.page import ComparisonPage
from gui.wizard import lessons
from gui.wizard.session import Session
from tests.core.preferences.rated import rate_numbers
from tests.gui import scenes

Open = Callable[[type, Session], ComparisonPage]


@pytest.fixture
def page(ready_session: Session, open_page: Open) -> ComparisonPage:
    run = scenes.add_run(ready_session)
    scenes.finish_training(run, ready_session)
    scenes.add_adapter(run)
    scenes.write_evaluation(run)
    rate_numbers(ready_session.require_project(), run.name, 24)
    return open_page(ComparisonPage, ready_session)


def asked(page: ComparisonPage, qtbot: QtBot) -> None:
    page.lessons.ask()
    scenes.until(qtbot, lambda: page.lessons.dialog is not None)


def test_it_is_started_on_the_training_page(page: ComparisonPage, qtbot: QtBot) -> None:
    asked(page, qtbot)
    with qtbot.waitSignal(page.sent) as sent:
        page.lessons.dialog.start.click()
    assert sent.args == [Step.TRAINING, None]
    run = page.session.training_run()
    assert run.judgements_file.is_file() and page.session.take_start(run.name)


def test_it_is_added_to_the_queue(page: ComparisonPage, qtbot: QtBot) -> None:
    asked(page, qtbot)
    with qtbot.waitSignal(page.told) as told:
        page.lessons.dialog.queue.click()
    assert told.args == ["1 run added to the queue. Start the queue on the Training page."]
    (item,) = load_queue(page.session.require_project())
    assert item.title == "From your ratings"


def test_nothing_starts_beside_another_run(
    page: ComparisonPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = page.session.finished_run()
    monkeypatch.setattr(lessons, "live_training", lambda _project: other)
    asked(page, qtbot)
    with qtbot.waitSignal(page.failed) as failed:
        page.lessons.dialog.start.click()
    assert isinstance(failed.args[0], UserFacingError)


def test_the_button_comes_with_the_result(page: ComparisonPage) -> None:
    assert not page.learn.isVisible()
    page.apply()
    for _ in range(6):
        page.rating.choose("a")
        page.apply()
    assert page.verdict.isVisible() or page.learn.isVisibleTo(page)
    assert page.learn.isVisible()
