"""The first half of the walk, in a window of its own that is killed: named, opened, begun, paused.

Everything is done with keys; each state is drawn into a folder.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.settings import Settings
from core.wizard import Step
from gui.input.keyboard import bring_into_sight
from gui.kit.theme import apply_theme
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.gui import scenes
from tests.loopback_hub import TOKEN

_TURNS = 5000


def wait(condition: Callable[[], bool]) -> None:
    """Let the window live until ``condition`` holds."""
    for _turn in range(_TURNS):
        if condition():
            return
        QTest.qWait(20)
    raise TimeoutError


def press(widget: QWidget, key: Qt.Key = Qt.Key.Key_Space) -> None:
    """Press a key where the keyboard is brought to."""
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(widget, key)


def draw(window: WizardWindow, widget: QWidget, path: Path) -> None:
    bring_into_sight(widget)
    QTest.qWait(80)
    window.grab().save(str(path))


def main(root: str, model: str, pictures: str) -> None:
    app = QApplication([])
    apply_theme(app, "light")
    session = Session(Settings())
    session.create_project(Path(root), "Walk")
    scenes.add_dataset(session, rows=60)
    session.go_to(Step.BASE_MODEL)
    window = WizardWindow(session)
    window.resize(1180, 800)
    window.show()
    page, to = window.page, Path(pictures)
    get = page.get  # type: ignore[union-attr]
    QTest.keyClicks(get.name, model)
    draw(window, get.name, to / "walk-1-named.png")
    press(get.name, Qt.Key.Key_Return)
    wait(get.access.isVisible)
    draw(window, get.access, to / "walk-2-steps.png")
    QTest.keyClicks(get.access.token, TOKEN)
    press(get.access.token, Qt.Key.Key_Return)
    wait(get.offer.isVisible)
    draw(window, get.offer, to / "walk-3-offered.png")
    press(get.offer.download)
    rows = page.downloads.rows  # type: ignore[union-attr]
    wait(lambda: bool(rows))
    (row,) = rows.values()
    wait(lambda: row.bar.value() > 50)
    draw(window, row, to / "walk-4-downloading.png")
    press(row.pause)
    wait(row.resume.isVisible)
    draw(window, row, to / "walk-5-paused.png")
    press(row.resume)
    wait(lambda: row.pause.isVisible() and row.bar.value() > 100)
    (to / "ready-to-be-killed").touch()
    app.exec()


if __name__ == "__main__":
    main(*sys.argv[1:])
