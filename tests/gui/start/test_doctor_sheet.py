from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core.doctor import examination
from core.doctor.check import Remedy, SelfCheck
from core.language import _
from gui.start.doctor_sheet import DoctorSheet
from tests.gui import scenes


@pytest.fixture
def sheet(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> DoctorSheet:
    found = [
        SelfCheck(_("disk"), False, "2 GB free", "Free at least 5 GB."),
        SelfCheck(_("computer"), True, f"Linux in {Path.home()}"),
        SelfCheck(_("compiler"), True, "none", "Faster with one.", "sudo apt install gcc"),
        SelfCheck(_("PyTorch"), False, "gone", "Install it.", "x", Remedy.ENGINE),
    ]
    monkeypatch.setattr(examination, "glance", lambda: found)
    made = DoctorSheet("A card.")
    made.show()
    qtbot.waitUntil(made._waiting.isHidden)
    return made


def test_every_check_is_a_line_with_what_to_do(sheet: DoctorSheet) -> None:
    said = {text.text() for text in sheet.findChildren(QLabel)}
    assert {"A card.", "disk", "2 GB free", "Free at least 5 GB.", "sudo apt install gcc"} <= said
    sheet.reject()


def test_what_can_be_done_has_a_button_or_a_line_to_copy(sheet: DoctorSheet) -> None:
    shown = [(card.copy.isVisible(), card.engine_wanted.isVisible()) for card in sheet.cards]
    assert shown == [(False, False), (False, False), (True, False), (False, True)]
    sheet.cards[2].copy.click()
    assert QApplication.clipboard().text() == "sudo apt install gcc"
    sheet.cards[3].engine_wanted.click()
    dialog = sheet._open_engine()
    assert dialog.isVisible()
    for opened in sheet.findChildren(type(dialog)):
        opened.done(0)
    sheet.reject()


def test_the_copy_for_support_names_no_home(sheet: DoctorSheet) -> None:
    sheet.copy.click()
    text = QApplication.clipboard().text()
    assert '"2 GB free"' in text and "Linux in ~" in text and str(Path.home()) not in text
    sheet.reject()


def test_everything_is_checked_in_a_process_of_its_own(
    sheet: DoctorSheet, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "home"))
    sheet.all_button.click()
    assert not sheet.all_button.isEnabled()
    scenes.until(qtbot, sheet.all_button.isEnabled)
    said = {text.text() for card in sheet.cards for text in card.findChildren(QLabel)}
    assert {"PyTorch", "4-bit weights", "speed of the disk", "sleep"} <= said
    sheet.reject()
