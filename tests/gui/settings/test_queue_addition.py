"""Putting trainings into the queue, from the page that offers it."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from core.queue.entries import load_queue
from gui.settings.page import SettingsPage
from gui.settings.queue_dialog import QueueDialog
from gui.settings.sweep import Varied
from gui.wizard.session import Session
from tests.gui import scenes

Open = Callable[[type, Session], SettingsPage]


def opened(open_page: Open, session: Session, qtbot: QtBot) -> SettingsPage:
    page = open_page(SettingsPage, session)
    scenes.until(qtbot, lambda: page.plan is not None)
    return page


def test_trainings_are_added_to_the_queue(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = opened(open_page, ready_session, qtbot)
    page.apply_secondary()
    dialog = page.findChild(QueueDialog)
    dialog.vary.setCurrentIndex(dialog.vary.findData(Varied.SEED))
    with qtbot.waitSignal(page.told) as told:
        dialog.add.click()
    assert told.args[0].startswith("3 runs added to the queue.")
    items = load_queue(ready_session.require_project())
    assert [item.title for item in items] == [
        "Balanced · Seed 0",
        "Balanced · Seed 1",
        "Balanced · Seed 2",
    ]
    assert ready_session.state.training_run == items[0].run, "the training page can be opened"
