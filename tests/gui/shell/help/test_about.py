from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core import __version__
from gui.shell.help import about
from gui.shell.help.about import AboutSheet
from gui.shell.help.recent_log import RecentLog


def test_version_and_licences_are_named(qtbot: QtBot) -> None:
    sheet = AboutSheet()
    qtbot.addWidget(sheet)
    said = "\n".join(text.text() for text in sheet.findChildren(QLabel))
    for part in (__version__, "Apache License 2.0", "SIL Open Font License", "Lucide", "torch"):
        assert part in said


def test_the_log_goes_to_the_clipboard(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(about, "report", lambda: "all is well")
    sheet = AboutSheet()
    qtbot.addWidget(sheet)
    sheet.copy.click()
    qtbot.waitUntil(sheet.copy.isEnabled)
    assert QApplication.clipboard().text() == "all is well"
    assert sheet.said.text() == "Copied to the clipboard."


def test_the_report_holds_versions_and_messages_and_no_home(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = RecentLog()
    monkeypatch.setattr(about, "recent_log", log)
    log._lines.append(f"opened {Path.home()}/lamps")
    text = about.report()
    assert f"Homelab Tuner {__version__}" in text
    assert '"checks"' in text
    assert "opened ~/lamps" in text
