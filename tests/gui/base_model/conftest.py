"""The page in the real window, beside a hub on loopback."""
# ruff: noqa: F811 - the hub is a fixture that is imported

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.wizard import Step
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.core.models.hub.conftest import hub  # noqa: F401 - a fixture
from tests.gui import scenes
from tests.gui.base_model.driving import WEIGHTS, Opened
from tests.loopback_hub import LoopbackHub, model_files


@pytest.fixture
def opened(session: Session, qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    """Return a function that opens the window on the page."""
    windows: list[WizardWindow] = []

    def open_window() -> WizardWindow:
        if session.project is None:
            session.create_project(tmp_path / "Projekt ü", "Probe")
            scenes.add_dataset(session)
        session.go_to(Step.BASE_MODEL)
        window = WizardWindow(session)
        qtbot.addWidget(window)
        window.resize(1000, 800)
        window.show()
        windows.append(window)
        return window

    yield open_window
    for window in windows:
        window.shut_down()


@pytest.fixture
def large(hub: LoopbackHub) -> int:
    """A model that takes about two seconds; return the bytes of its weights."""
    files = model_files(vocab=40_000)
    hub.add("Own/Name", files)
    hub.pace = 0.006
    return len(files[WEIGHTS])
