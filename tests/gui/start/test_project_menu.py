from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from gui.start.project_menu import ProjectMenu


@pytest.fixture
def menu(qtbot: QtBot) -> ProjectMenu:
    made = ProjectMenu(Path("/x/lamps"))
    qtbot.addWidget(made)
    made.show_name("Lamps")
    return made


def test_another_name_is_asked_for(menu: ProjectMenu, qtbot: QtBot) -> None:
    assert menu.accessibleName() == "More about “Lamps”"
    dialog = menu.ask_name()
    assert dialog.textValue() == "Lamps"
    dialog.setTextValue("  Lamps at home ")
    with qtbot.waitSignal(menu.renamed) as renamed:
        dialog.accept()
    assert renamed.args == ["Lamps at home"]
    told: list[str] = []
    menu.renamed.connect(told.append)
    for name in ("Lamps", "   "):
        again = menu.ask_name()
        again.setTextValue(name)
        again.accept()
    assert not told


def test_its_folder_is_opened(menu: ProjectMenu, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    menu.folder.trigger()
    assert opened == [str(Path("/x/lamps"))]
