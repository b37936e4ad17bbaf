"""A gated model: found, opened, downloaded, paused, the window killed, resumed, planned, trained.

``HOMELAB_TUNER_GALLERY=FOLDER`` keeps a picture of each state.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.models.hub.store import run_folder
from core.wizard import Step
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.base_model.driving import SLACK, WEIGHTS, chosen
from tests.gui.base_model.walk_to_kill import draw, press
from tests.loopback_hub import TOKEN, LoopbackHub


@pytest.mark.sample
def test_the_walk_with_keys(
    session: Session, qtbot: QtBot, tmp_path: Path, tiny_model: Path, hub: LoopbackHub
) -> None:
    to = Path(os.environ.get("HOMELAB_TUNER_GALLERY", "") or tmp_path / "pictures")
    to.mkdir(parents=True, exist_ok=True)
    (to / "ready-to-be-killed").unlink(missing_ok=True)
    files = {path.name: path.read_bytes() for path in tiny_model.iterdir()}
    repo = hub.add("Own/Tiny", files, gated="auto")
    repo.accepted.add(TOKEN)
    hub.pace = 0.02
    root = tmp_path / "Weg ü"
    command = [sys.executable, "-m", "tests.gui.base_model.walk_to_kill"]
    first = subprocess.Popen([*command, str(root), "Own/Tiny", str(to)])
    try:
        scenes.until(
            qtbot, lambda: (to / "ready-to-be-killed").exists() or first.poll() is not None, 120
        )
        assert first.poll() is None
    finally:
        first.kill()
        first.wait()
    os.kill(int(run_folder("Own/Tiny").pid_file.read_text()), 9)

    hub.pace = 0.0
    session.open_project(root)
    session.go_to(Step.BASE_MODEL)
    window = WizardWindow(session)
    qtbot.addWidget(window)
    window.resize(1180, 800)
    window.show()
    scenes.until(qtbot, lambda: bool(window.page.downloads.rows))
    (row,) = window.page.downloads.rows.values()
    scenes.until(qtbot, row.resume.isVisible)
    draw(window, row, to / "walk-6-found-again.png")
    press(row.resume)
    scenes.until(qtbot, lambda: chosen(window) == "Own/Tiny")
    assert hub.served[WEIGHTS] <= len(files[WEIGHTS]) + 4 * SLACK
    draw(window, window.page.chosen(), to / "walk-7-there.png")

    press(window.footer.primary)
    assert session.state.current is Step.SETTINGS
    page = window.page
    scenes.until(qtbot, lambda: page.plan is not None)
    page.editor.edited.emit("max_steps", "4")
    scenes.until(qtbot, lambda: not window.footer.primary.isEnabled())  # the examples are checked
    scenes.until(qtbot, window.footer.primary.isEnabled)
    draw(window, page, to / "walk-8-planned.png")
    press(window.footer.primary)
    assert session.state.current is Step.TRAINING
    scenes.until(qtbot, lambda: not window.page.is_busy(), 180)
    assert session.state.training_done
    draw(window, window.page, to / "walk-9-trained.png")
    window.close()
