from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.bin import Binned
from core.project import Project, RunFolder
from gui.library.bin_panel import BinPanel


def binned(number: int) -> Binned:
    project = Project(Path("/p/Support"))
    return Binned(project, RunFolder(project.bin / f"train-{number:03d}"), 0.0, 600_000_000)


def test_the_newest_are_offered_and_the_space_is_told(qtbot: QtBot) -> None:
    panel = BinPanel()
    qtbot.addWidget(panel)
    assert panel.isHidden()
    found = [binned(number) for number in range(6)]
    panel.show_bin(found)
    panel.show()
    assert len(panel.buttons) == 4
    assert panel.empty.text() == "Delete forever (frees 3.6 GB)"
    first = next(iter(panel.buttons.values()))
    with qtbot.waitSignal(panel.brought_back) as told:
        qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert told.args == [found[0]]
    panel.show_bin(found, "Open elsewhere.")
    assert not panel.empty.isEnabled()
    panel.show_bin([])
    assert panel.isHidden()
