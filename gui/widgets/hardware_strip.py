"""One line about the card, its free memory, the driver and the disk; without a card, what works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from core.hardware.gpu import CardReport, read_cards
from core.hardware.machine import Machine, read_machine
from core.hardware.usable import why_unusable
from gui.icons import pixmap
from gui.theme import Space, colors
from gui.widgets.labels import label, set_look
from gui.wording import gigabytes

LOOKING = "Looking at the graphics card …"
WITHOUT_CARD = "Small models, like the sample, train on the processor too, only slower."


@dataclass(frozen=True, slots=True)
class Hardware:
    """What was found, at one moment."""

    cards: CardReport
    machine: Machine


def look_at_hardware(folder: Path) -> Hardware:
    """Read cards and machine; takes up to a few seconds when a driver hangs."""
    return Hardware(read_cards(), read_machine(folder))


class HardwareStrip(QFrame):
    """Says what it knows; ``show_hardware`` fills it in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self._sign = QLabel()
        self._text = label(LOOKING)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.MEDIUM, Space.SMALL, Space.MEDIUM, Space.SMALL)
        row.setSpacing(Space.MEDIUM)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self._show("card", LOOKING)

    def show_hardware(self, found: Hardware) -> None:
        """Name the card, or say plainly that there is none and what still works."""
        if found.cards:
            self._show("card", _with_card(found))
        else:
            self._show("processor", _without_card(found))

    def text(self) -> str:
        """Return what the strip says."""
        return self._text.text()

    def _show(self, picture: str, text: str) -> None:
        self._sign.setPixmap(pixmap(picture, colors().accent, 22))
        self._text.setText(text)
        self.setAccessibleName(f"This computer: {text}")


def _with_card(found: Hardware) -> str:
    lines = []
    for card in found.cards.cards:
        parts = [card.name]
        if card.memory_free is not None and card.memory_total is not None:
            free, total = gigabytes(card.memory_free), gigabytes(card.memory_total)
            parts.append(f"{free} of {total} memory free")
        if card.driver:
            parts.append(f"driver {card.driver}")
        lines.append(" · ".join(parts))
        lines += [reason] if (reason := why_unusable(card)) else []
    return "\n".join([*lines, _disk(found.machine)])


def _without_card(found: Hardware) -> str:
    machine = found.machine
    memory = f"{gigabytes(machine.ram_free)} of {gigabytes(machine.ram_total)} memory free"
    facts = " · ".join([f"{machine.cores} processor cores", memory, _disk(machine)])
    return f"{found.cards.reason}\n{WITHOUT_CARD}\n{facts}"


def _disk(machine: Machine) -> str:
    if machine.disk_free is None:
        return "disk space cannot be read"
    return f"{gigabytes(machine.disk_free)} disk free"
