from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.events import StateChanged
from core.jobs.link import Request, read_request
from core.jobs.supervisor import Supervisor, is_alive
from core.project import RunFolder
from core.wizard import Step
from gui.desktop import background as background_module
from gui.desktop.background import Background
from gui.shell.training_news import News, NewsKind
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.gui import scenes

Make = Callable[[bool], Background]

# The offscreen platform has no tray; an icon that is shown there says so.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)


@pytest.fixture
def run(ready_session: Session) -> RunFolder:
    run = scenes.add_run(ready_session)
    scenes.write_events(run, scenes.training_events(5, 20))
    return run


@pytest.fixture
def make(
    ready_session: Session, run: RunFolder, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Make]:
    ready_session.go_to(Step.BASE_MODEL)
    ready_session.change_settings(when_closing="go_on")
    made: list[Background] = []

    def build(tray: bool) -> Background:
        monkeypatch.setattr(background_module, "tray_available", lambda: tray)
        window = WizardWindow(ready_session)
        window.show()
        made.append(Background(qapp, window))
        made[-1].shown = []
        made[-1].notifications.show = lambda *told: made[-1].shown.append(told)
        return made[-1]

    with scenes.alive(run):
        yield build
    for background in made:
        background.shut_down()
        background._window.shut_down()
    qapp.setQuitOnLastWindowClosed(True)


def test_with_a_tray_the_window_hides_and_comes_back(make: Make, run: RunFolder) -> None:
    background = make(True)
    window = background._window
    assert not window.close()
    assert not window.isVisible()
    assert window.session.project is not None, "the project is still ours"
    assert not QApplication.quitOnLastWindowClosed()
    assert [title for title, _ in background.shown] == ["Training continues"]
    background.come_back()
    assert window.isVisible()
    window.close()
    assert len(background.shown) == 1, "said once and for all"
    assert is_alive(run)


def test_without_a_tray_the_window_closes_and_the_training_goes_on(
    make: Make, run: RunFolder
) -> None:
    background = make(False)
    window = background._window
    assert background.tray is None
    assert window.close()
    assert window.session.project is None
    assert is_alive(run)
    assert read_request(run.control_file) is Request.RUN


def test_quit_in_the_tray_asks_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    background = make(True)
    window = background._window
    window.session.change_settings(when_closing="ask")
    background.leave()
    assert window.session.project is None


@pytest.mark.parametrize(("preference", "request_then"), [("ask", "run"), ("pause", "pause")])
def test_logging_out_asks_nothing_and_does_what_is_preferred(
    make: Make, run: RunFolder, preference: str, request_then: str
) -> None:
    window = make(True)._window
    window.session.change_settings(when_closing=preference)
    window.closing.log_out()
    assert window.close()
    assert read_request(run.control_file) == request_then


def test_the_tray_pauses_and_resumes(make: Make, run: RunFolder, qtbot: QtBot) -> None:
    background = make(True)
    assert background.tray is not None
    scenes.until(qtbot, lambda: background.tray.status.text().startswith("Step 5 of 20"))
    background.tray.pause.trigger()
    assert read_request(run.control_file) is Request.PAUSE
    scenes.write_events(run, [StateChanged(state="paused", reason="You paused it.")])
    background._window.news.look_now()
    scenes.until(qtbot, lambda: background.tray.status.text() == "Paused")
    background.tray.pause.trigger()
    assert read_request(run.control_file) is Request.RUN


def test_the_tray_resumes_what_was_paused_before_the_window_came(
    make: Make, run: RunFolder, qtbot: QtBot
) -> None:
    scenes.write_events(run, [StateChanged(state="paused", reason="You paused it.")])
    Supervisor(run).ask(Request.PAUSE)
    background = make(True)
    assert background.tray is not None
    scenes.until(qtbot, lambda: background.tray.status.text() == "Paused")
    assert background.tray.pause.text() == "Resume the run"
    assert background.shown == [], "no news"
    background.tray.pause.trigger()
    assert read_request(run.control_file) is Request.RUN
    scenes.write_events(run, [StateChanged(state="running")])
    background._window.news.look_now()
    scenes.until(qtbot, lambda: background.tray.pause.text() == "Pause the run")


def test_news_are_shown_unless_the_person_looks_at_the_window(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    background = make(False)
    news = News(NewsKind.DONE, "train-001", "Training is done", "text")
    monkeypatch.setattr(background._window, "isActiveWindow", lambda: True)
    background._window.news.told.emit(news)
    assert background.shown == []
    monkeypatch.setattr(background._window, "isActiveWindow", lambda: False)
    background._window.news.told.emit(news)
    background._window.news.told.emit(News(NewsKind.RUNNING, "train-001", "goes on", ""))
    assert background.shown == [("Training is done", "text")]
