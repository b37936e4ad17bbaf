"""The window's tests leave no timer and no thread behind."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QThread, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow
from pytestqt.qtbot import QtBot

from core.jobs import supervisor
from core.models.inspection import inspect_model
from core.planning.environment import examine_machine
from core.settings import Settings
from core.wizard import Step
from gui.jobs.task_thread import wait_for_tasks
from gui.kit.theme import apply_theme
from gui.wizard.page import Page
from gui.wizard.session import Session
from gui.wizard.training_plan import TrainingPlan
from tests.gui import fake_training_child, scenes

for _waiting in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals, QtBot.waitExposed):
    _waiting.__kwdefaults__["timeout"] = 60_000  # its own 5 s are short on a busy computer
_TESTS, _FULL_EVERY = count(1), 25


@pytest.fixture(autouse=True)
def nobody_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No other program has models here; return the home folder in which none lie."""
    home = tmp_path / "nobody"
    monkeypatch.setattr(Path, "home", lambda: home)
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME",
                 "UNSLOTH_STUDIO_HOME", "STUDIO_HOME"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(autouse=True)
def garbage_dies_in_this_thread() -> Iterator[None]:
    """As in the application: Qt's objects may not be destroyed in a thread that reads something.

    What a test has made is young, so that old objects are looked through now and then only. A test
    outside this folder lets Python collect by itself again.
    """
    if gc.isenabled():
        gc.disable()
        gc.collect()
        gc.freeze()
    yield
    gc.collect(2 if next(_TESTS) % _FULL_EVERY == 0 else 1)


@pytest.fixture(autouse=True)
def no_qt_leftovers(
    garbage_dies_in_this_thread: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Timers and QThreads that Python code starts must have ended with the test."""
    started: list[weakref.ref[QTimer | QThread]] = []
    for kind in (QTimer, QThread):
        begin = kind.start

        def start(self, *arguments, _begin=begin):  # type: ignore[no-untyped-def]
            started.append(weakref.ref(self))
            return _begin(self, *arguments)

        monkeypatch.setattr(kind, "start", start)
    yield
    delete_windows()
    wait_for_tasks()
    alive = []
    for reference in started:
        thing = reference()
        try:
            if isinstance(thing, QTimer) and thing.isActive():
                alive.append(f"timer of {thing.parent()}")
            if isinstance(thing, QThread) and thing.isRunning():
                alive.append(f"thread {thing}")
        except RuntimeError:  # its C++ object is gone
            continue
    assert not alive, f"left running: {alive}"


def delete_windows() -> None:
    """Delete what tests left on the screen; a new stylesheet is slow while old windows live on."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        for window in app.topLevelWidgets():
            if isinstance(window, QMainWindow | QDialog):
                window.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    apply_theme(qapp, "light")
    made = Session(Settings())
    yield made
    made.close()


@pytest.fixture
def project_session(session: Session, tmp_path: Path) -> Session:
    """A session with an open, empty project whose path has a space, an umlaut and Han signs."""
    session.create_project(tmp_path / "Projekt ü 漢字", "Probe")
    return session


@pytest.fixture
def fake_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs of the kind ``train`` are the quick fake ones."""
    monkeypatch.setattr(supervisor, "worker_command", fake_training_child.command)


@pytest.fixture
def ready_session(session: Session, tmp_path: Path) -> Session:
    """A session with examples and a base model, on a project with an awkward path."""
    session.create_project(tmp_path / "Projekt ü 漢字", "Probe")
    scenes.add_dataset(session)
    scenes.add_base(session, tmp_path / "Modelle ü" / "tiny")
    session.go_to(Step.BASE_MODEL)
    return session


@pytest.fixture
def two_cards() -> Iterator[None]:
    with scenes.cards(2):
        yield


@pytest.fixture
def plan(ready_session: Session) -> TrainingPlan:
    project, state = ready_session.require_project(), ready_session.state
    around = examine_machine(project.root, project.versions / state.dataset_version)
    facts = inspect_model(Path(state.base_model))
    return TrainingPlan(around, around.plan_input(facts.shape, facts.model_type), "balanced")


@pytest.fixture
def open_page(qtbot: QtBot) -> Iterator[Callable[[type[Page], Session], Page]]:
    """Return a function that shows a page as the window does."""
    opened: list[Page] = []

    def make(kind: type[Page], session: Session) -> Page:
        page = kind(session)
        qtbot.addWidget(page)
        opened.append(page)
        page.resize(900, 700)
        page.show()
        page.enter()
        return page

    yield make
    for page in opened:
        page.leave()
        page.shut_down()
