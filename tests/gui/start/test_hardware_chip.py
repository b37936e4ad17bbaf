from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.hardware.cards.reader import Card, CardReport
from core.hardware.system.machine import Machine
from gui.start import hardware_chip
from gui.start.hardware_chip import LOOKING, Hardware, HardwareChip, look_at_hardware

MACHINE = Machine("Debian", "CPU", 8, 32_000_000_000, 20_000_000_000, 500_000_000_000)


def said(qtbot: QtBot, report: CardReport, machine: Machine = MACHINE) -> str:
    strip = HardwareChip()
    qtbot.addWidget(strip)
    assert strip.text() == LOOKING
    strip.show_hardware(Hardware(report, machine))
    assert strip.chip.accessibleName() == f"This computer: {strip.text()}"
    return strip.text()


@pytest.fixture(autouse=True)
def usable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware_chip, "why_unusable", lambda _card: "")


def test_a_card_that_cannot_be_used_says_why(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware_chip, "why_unusable", lambda _card: "It is too old.")
    assert said(qtbot, CardReport((Card(0, name="Card"),))) == (
        "Card\nIt is too old.\n500 GB free on disk"
    )


def test_a_card_is_named_with_memory_driver_and_disk(qtbot: QtBot) -> None:
    card = Card(
        0,
        name="NVIDIA GeForce RTX 3090",
        driver="550.54",
        memory_total=25_769_803_776,
        memory_free=21_000_000_000,
    )
    assert said(qtbot, CardReport((card,))) == (
        "NVIDIA GeForce RTX 3090 · 21.0 GB of 25.8 GB memory free · driver 550.54\n"
        "500 GB free on disk"
    )


def test_what_cannot_be_read_is_left_out(qtbot: QtBot) -> None:
    assert said(qtbot, CardReport((Card(0, name="Card"),))) == "Card\n500 GB free on disk"


def test_without_a_card_it_says_what_still_works(qtbot: QtBot) -> None:
    text = said(qtbot, CardReport(reason="No NVIDIA graphics card was found."))
    assert "No NVIDIA graphics card was found." in text
    assert "such as the sample train well enough without one" in text
    assert "8 processor cores" in text


def test_an_unreadable_disk_is_said(qtbot: QtBot) -> None:
    machine = Machine("x", "y", 1, 1, 1, None)
    assert "free disk space unknown" in said(qtbot, CardReport(reason="None."), machine)


def test_the_real_machine_can_be_read(tmp_path: Path) -> None:
    assert look_at_hardware(tmp_path).machine.cores >= 1
