"""One line about the card, its free memory, the driver and the disk; without a card, what works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from core.hardware.cards.reader import CardReport, read_cards
from core.hardware.cards.usable import why_unusable
from core.hardware.system.machine import Machine, read_machine
from core.language import N_, _, ngettext
from core.wording import gigabytes
from gui.kit.boxes import hbox
from gui.kit.icons import pixmap
from gui.kit.labels import label, set_look
from gui.kit.theme import Space, colors

LOOKING = N_("Checking the graphics card …")
WITHOUT_CARD = N_("Small models such as the sample train on the processor too, only more slowly.")


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
        self._text = label(_(LOOKING))
        hbox(
            (self._sign, 0, Qt.AlignmentFlag.AlignTop),
            (self._text, 1),
            on=self,
            margins=(Space.MEDIUM, Space.SMALL),
            spacing=Space.MEDIUM,
        )
        self._show("card", _(LOOKING))

    def show_hardware(self, found: Hardware) -> None:
        """Name the card, or say that there is none and what still works."""
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
        self.setAccessibleName(_("This computer: {text}", text=text))


def _with_card(found: Hardware) -> str:
    lines = []
    for card in found.cards.cards:
        parts = [card.name]
        if card.memory_free is not None and card.memory_total is not None:
            parts.append(_memory(card.memory_free, card.memory_total))
        if card.driver:
            parts.append(_("driver {version}", version=card.driver))
        lines.append(" · ".join(parts))
        lines += [reason] if (reason := why_unusable(card)) else []
    return "\n".join([*lines, _disk(found.machine)])


def _without_card(found: Hardware) -> str:
    machine = found.machine
    cores = ngettext("{count:,} processor core", "{count:,} processor cores", machine.cores)
    memory = _memory(machine.ram_free, machine.ram_total)
    facts = " · ".join([cores, memory, _disk(machine)])
    return f"{found.cards.reason}\n{_(WITHOUT_CARD)}\n{facts}"


def _memory(free: int, total: int) -> str:
    return _("{free} of {total} memory free", free=gigabytes(free), total=gigabytes(total))


def _disk(machine: Machine) -> str:
    if machine.disk_free is None:
        return _("free disk space unknown")
    return _("{size} free on disk", size=gigabytes(machine.disk_free))
