from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from core.jobs.status import is_running
from core.library.inventory import unfinished
from core.models.hub.store import run_folder
from tests.gui import scenes
from tests.gui.base_model.driving import (
    LEFT,
    SLACK,
    WEIGHTS,
    Opened,
    agree,
    arrived,
    chosen,
    look_up,
)
from tests.loopback_hub import LoopbackHub


def test_killed_with_its_child_it_is_found_again_and_resumed(
    opened: Opened,
    qtbot: QtBot,
    hub: LoopbackHub,
    large: int,
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "tests.gui.base_model.window_to_kill"]
    killed = subprocess.Popen([*command, str(tmp_path / "Anderes ü"), "Own/Name"])
    scenes.until(qtbot, arrived(0.2, large))
    killed.kill()
    killed.wait()
    run = run_folder("Own/Name")
    assert is_running(run), "the download outlives the window"
    os.kill(int(run.pid_file.read_text()), signal.SIGKILL)
    scenes.until(qtbot, lambda: not is_running(run))
    assert [one.repo for one in unfinished()] == ["Own/Name"]

    window = opened()
    scenes.until(qtbot, lambda: bool(window.page.downloads.rows))
    (row,) = window.page.downloads.rows.values()
    assert row.resume.isVisible() and row.bar.value() > 150
    look_up(window, qtbot, "Own/Name")
    assert not window.page.get.progress.isVisible(), "it has been agreed to"
    qtbot.mouseClick(row.resume, LEFT)
    scenes.until(qtbot, lambda: chosen(window) == "Own/Name")
    assert hub.served[WEIGHTS] <= large + 2 * SLACK


def test_a_window_that_comes_back_follows_what_goes_on(
    opened: Opened, qtbot: QtBot, large: int
) -> None:
    window = opened()
    agree(window, qtbot, "Own/Name")
    scenes.until(qtbot, arrived(0.2, large))
    window.session.change_settings(text_scale=1.2)  # everything is built again
    page = window.page
    scenes.until(qtbot, lambda: bool(page.downloads.rows))
    (row,) = page.downloads.rows.values()
    assert row.is_running()
    scenes.until(qtbot, lambda: chosen(window) == "Own/Name")
