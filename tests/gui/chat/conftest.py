from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.project import RunFolder
from gui.chat import holder
from gui.chat.page import ChatPage
from gui.shell.window import WizardWindow
from gui.wizard.page import Place
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.chat.fake_model import Openers


def add_tune(session: Session) -> RunFolder:
    run = scenes.add_run(session)
    scenes.write_events(run, scenes.training_events(117, 117))
    scenes.finish_training(run, session)
    return run


@pytest.fixture
def openers(monkeypatch: pytest.MonkeyPatch) -> Openers:
    made = Openers()
    monkeypatch.setattr(ChatPage, "opener", made)
    monkeypatch.setattr(holder, "_other_work", lambda _wanted: "")
    return made


@pytest.fixture
def tuned(session: Session, tmp_path: Path) -> Session:
    """A session with two fine-tunes of the same base model."""
    session.create_project(tmp_path / "Projekt ü 漢字", "Probe")
    scenes.add_base(session, tmp_path / "Modelle ü" / "tiny")
    scenes.add_dataset(session)
    add_tune(session)
    add_tune(session)
    return session


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Callable[[Session], WizardWindow]]:
    opened: list[WizardWindow] = []

    def make(session: Session) -> WizardWindow:
        window = WizardWindow(session)
        opened.append(window)
        window.resize(1000, 750)
        window.show()
        window.activateWindow()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in opened:
        window.shut_down()
        window.close()


@pytest.fixture
def window(
    tuned: Session, openers: Openers, open_window: Callable[[Session], WizardWindow], qtbot: QtBot
) -> WizardWindow:
    """A window that shows the chat."""
    made = open_window(tuned)
    made.show_place(Place.CHAT)
    page = made.page
    assert isinstance(page, ChatPage)
    qtbot.waitUntil(lambda: page.partners is not None)
    return made
