"""What a user does on the page, with real keys and clicks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.models.hub.download import on_disk
from core.models.hub.store import run_folder, staging_folder
from gui.shell.window import WizardWindow
from tests.gui import scenes

LEFT = Qt.MouseButton.LeftButton
SPACE = Qt.Key.Key_Space
WEIGHTS = "model.safetensors"
SLACK = 100_000
Opened = Callable[[], WizardWindow]


def look_up(window: WizardWindow, qtbot: QtBot, name: str) -> None:
    page = window.page
    page.get.name.clear()
    qtbot.keyClicks(page.get.name, name)
    qtbot.mouseClick(page.get.connect_button, LEFT)


def agree(window: WizardWindow, qtbot: QtBot, name: str) -> object:
    """Look a model up, accept the offer, and return the row of its download."""
    look_up(window, qtbot, name)
    get = window.page.get
    scenes.until(qtbot, get.offer.isVisible)
    qtbot.mouseClick(get.offer.download, LEFT)
    scenes.until(qtbot, lambda: bool(window.page.downloads.rows))
    (row,) = window.page.downloads.rows.values()
    return row


def arrived(share: float, size: int) -> Callable[[], bool]:
    return lambda: on_disk(staging_folder(run_folder("Own/Name"))) > share * size


def chosen(window: WizardWindow) -> str:
    card = window.page.chosen()
    return card.candidate.name if card else ""
