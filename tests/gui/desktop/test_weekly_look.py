from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from core.installation.updates.feed import Release
from core.installation.updates.looking import Offered, last_look
from gui.desktop.weekly_look import WeeklyLook
from gui.installation.update_dialog import UpdateDialog
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.gui import scenes

NEWER = Offered((Release(version="0.2.0", date="2026-12-01", changes=("Faster.",)),))


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> WizardWindow:
    made = WizardWindow(session)
    qtbot.addWidget(made)
    made.show()
    return made


def looks(asked: list[int], offered: Offered = NEWER) -> Callable[[], Offered]:
    def look() -> Offered:
        asked.append(1)
        return offered

    return look


def test_only_who_asked_for_it_is_told_and_only_once(window: WizardWindow, qtbot: QtBot) -> None:
    asked: list[int] = []
    weekly = WeeklyLook(window, looks(asked))
    weekly.look_if_due()
    weekly._tasks.shut_down()
    assert not asked
    window.session.change_settings(look_weekly=True)
    weekly.look_if_due()
    scenes.until(qtbot, window.toast.isVisible)
    assert window.toast.what.text() == "Version 0.2.0 is available."
    assert last_look().told == "0.2.0"
    window.toast.action.click()
    (dialog,) = window.findChildren(UpdateDialog)
    assert dialog.state.text() == "Version 0.2.0 is available."
    dialog.weekly.click()
    assert not window.session.settings.look_weekly
    dialog.done(0)
    window.session.change_settings(look_weekly=True)
    window.toast.hide()
    weekly.look_if_due()
    scenes.until(qtbot, lambda: len(asked) == 2)
    weekly.shut_down()
    assert not window.toast.isVisible()


def test_never_during_a_run(
    window: WizardWindow, ready_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    weekly = WeeklyLook(window, looks(asked))
    window.session.change_settings(look_weekly=True)
    run = scenes.add_run(ready_session)
    monkeypatch.setattr(type(window.news), "run", property(lambda _news: run))
    weekly.look_if_due()
    weekly.shut_down()
    assert not asked
