from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core import doctor
from core.doctor import SelfCheck
from core.language import _
from gui.start.doctor_sheet import DoctorSheet


def test_every_check_is_a_line_with_what_to_do(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        SelfCheck(_("disk"), False, "2 GB free", "Free at least 5 GB."),
        SelfCheck(_("computer"), True, "Linux"),
    ]
    monkeypatch.setattr(doctor, "glance", lambda: found)
    sheet = DoctorSheet("A card.")
    sheet.show()
    qtbot.waitUntil(sheet._waiting.isHidden)
    said = {text.text() for text in sheet.findChildren(QLabel)}
    assert {"A card.", "disk", "2 GB free", "Free at least 5 GB.", "Linux"} <= said
    sheet.reject()
