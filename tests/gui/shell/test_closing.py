"""What becomes of a training when the window is closed or the desktop logs out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from core.jobs.link import Request, read_request
from core.wizard import Step
from gui.desktop.background import bring_to_front
from gui.shell.closing_dialog import ClosingDialog
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.gui import scenes


@pytest.fixture
def window(ready_session: Session, qtbot: QtBot) -> Iterator[WizardWindow]:
    ready_session.go_to(Step.BASE_MODEL)
    made = WizardWindow(ready_session)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shut_down()
    made.close()


class TestClosing:
    @pytest.fixture
    def busy(self, ready_session: Session, qtbot: QtBot) -> Iterator[WizardWindow]:
        run = scenes.add_run(ready_session)
        scenes.write_events(run, scenes.training_events(5, 20))
        ready_session.go_to(Step.BASE_MODEL)
        made = WizardWindow(ready_session)
        made.show()
        with scenes.alive(run):
            yield made
        made.shut_down()
        made.close()

    def answer(self, monkeypatch: pytest.MonkeyPatch, text: str) -> list[str]:
        asked: list[str] = []

        def press(dialog: ClosingDialog) -> int:
            asked.append(dialog.windowTitle())
            (button,) = (
                b for b in dialog.findChildren(QAbstractButton) if b.text().strip("&") == text
            )
            button.click()
            return 0

        monkeypatch.setattr(ClosingDialog, "exec", press)
        return asked

    def test_it_may_go_on(self, busy: WizardWindow, monkeypatch: pytest.MonkeyPatch) -> None:
        run = busy.session.training_run()
        asked = self.answer(monkeypatch, "Keep training")
        assert busy.close()
        assert asked == ["A run is in progress"]
        assert run is not None
        assert read_request(run.control_file) is Request.RUN

    def test_it_may_be_paused(self, busy: WizardWindow, monkeypatch: pytest.MonkeyPatch) -> None:
        run = busy.session.training_run()
        self.answer(monkeypatch, "Pause")
        assert busy.close()
        assert run is not None
        assert read_request(run.control_file) is Request.PAUSE

    def test_the_window_may_stay(self, busy: WizardWindow, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answer(monkeypatch, "Keep the window open")
        assert not busy.close()
        assert busy.isVisible()

    def test_a_remembered_answer_is_not_asked_again(
        self, busy: WizardWindow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        busy.session.change_settings(when_closing="go_on")
        asked = self.answer(monkeypatch, "Keep the window open")
        assert busy.close()
        assert asked == []

    def test_a_log_out_asks_nothing(
        self, busy: WizardWindow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = self.answer(monkeypatch, "Keep the window open")
        busy.closing.log_out()
        assert busy.close()
        assert asked == []

    @pytest.mark.parametrize("used", ["key", "click", "raised"])
    def test_whoever_uses_the_window_after_a_log_out_has_stayed(
        self, busy: WizardWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, used: str
    ) -> None:
        asked = self.answer(monkeypatch, "Keep the window open")
        busy.closing.log_out()
        if used == "key":
            qtbot.keyClick(busy.footer.back, Qt.Key.Key_Shift)
        elif used == "click":
            qtbot.mouseClick(busy.sidebar, Qt.MouseButton.LeftButton)
        else:
            bring_to_front(busy)
        assert not busy.close()
        assert asked == ["A run is in progress"]


def test_nothing_is_asked_when_nothing_runs(
    window: WizardWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ClosingDialog, "exec", lambda _dialog: pytest.fail("asked"))
    assert window.close()
