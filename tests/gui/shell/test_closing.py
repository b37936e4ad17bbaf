"""What becomes of a training when the window is closed or the desktop logs out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from core.events import StateChanged
from core.jobs.link import Request, read_request
from core.jobs.supervisor import Supervisor
from core.project import RunFolder
from core.wizard import Step
from gui.desktop.background import bring_to_front
from gui.shell import closing
from gui.shell.closing import Closing
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


class TestLogOut:
    """Where the system ends programs without a signal, the run saves before the window answers."""

    @pytest.fixture
    def asked(
        self, ready_session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[tuple[Closing, RunFolder]]:
        ready_session.change_settings(when_closing="go_on")
        monkeypatch.setattr(closing, "ends_without_signal", lambda: True)
        run = scenes.add_run(ready_session)
        scenes.write_events(run, [StateChanged(state="paused", reason="")])  # saved at once
        window = QWidget()
        with scenes.alive(run):
            yield Closing(ready_session, window), run
        window.deleteLater()

    def test_one_that_did_not_take_place_lets_the_run_continue(
        self, asked: tuple[Closing, RunFolder]
    ) -> None:
        ends, run = asked
        ends.log_out()
        assert read_request(run.control_file) is Request.PAUSE
        ends.stay()
        assert read_request(run.control_file) is Request.RUN

    def test_what_you_paused_stays_paused(self, asked: tuple[Closing, RunFolder]) -> None:
        ends, run = asked
        Supervisor(run).ask(Request.PAUSE)
        ends.log_out()
        ends.stay()
        assert read_request(run.control_file) is Request.PAUSE

    def test_elsewhere_the_run_hears_it_itself(
        self, asked: tuple[Closing, RunFolder], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ends, run = asked
        monkeypatch.setattr(closing, "ends_without_signal", lambda: False)
        ends.log_out()
        assert read_request(run.control_file) is Request.RUN
