"""A window in a process of its own that downloads a model until it is killed."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from core.settings import Settings
from core.wizard import Step
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.gui import scenes


def main(root: str, model: str) -> None:
    """Show the page on the project in ``root`` and agree to whatever is offered."""
    app = QApplication([])
    session = Session(Settings())
    session.create_project(Path(root), "Probe")
    scenes.add_dataset(session)
    session.go_to(Step.BASE_MODEL)
    window = WizardWindow(session)
    window.show()
    get = window.page.get  # type: ignore[union-attr]
    get.name.setText(model)
    get.connect_button.click()
    agree = QTimer()
    agree.timeout.connect(lambda: get.offer.isVisible() and get.offer.download.click())
    agree.start(50)
    app.exec()


if __name__ == "__main__":
    main(*sys.argv[1:])
