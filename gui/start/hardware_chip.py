"""A chip about the card, its free memory, the driver and the disk; without a card, what works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QPushButton, QWidget

from core.hardware.cards.reader import CardReport, read_cards
from core.hardware.cards.usable import why_unusable
from core.hardware.system.machine import Machine, read_machine
from core.language import N_, _, ngettext
from core.wording import gigabytes
from gui.kit.boxes import hbox, vbox
from gui.kit.icons import icon
from gui.kit.labels import label, set_tip
from gui.kit.theme import Space, colors

LOOKING = N_("Checking the graphics card …")
WITHOUT_CARD = N_("Small models such as the sample train well enough without one.")


@dataclass(frozen=True, slots=True)
class Hardware:
    """What was found, at one moment."""

    cards: CardReport
    machine: Machine


def look_at_hardware(folder: Path) -> Hardware:
    """Read cards and machine; takes up to a few seconds when a driver hangs."""
    return Hardware(read_cards(), read_machine(folder))


class HardwareChip(QWidget):
    """Says what it knows; ``show_hardware`` fills it in, a click tells everything.

    Attributes:
        chip: the card, or the processor where there is none.
        remark: what works without a card.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole: str = _(LOOKING)
        self.chip = QPushButton()
        self.chip.setProperty("kind", "chip")
        self.chip.clicked.connect(self.open_doctor)
        self.remark = label("", "small")
        vbox(hbox(self.chip, 1), self.remark, on=self, margins=0, spacing=Space.TINY)
        self._show("processor", _(LOOKING), "")

    def show_hardware(self, found: Hardware) -> None:
        """Name the card, or say that there is none and what still works."""
        if found.cards:
            self._whole = _with_card(found)
            first = found.cards.cards[0]
            memory = ""
            if first.memory_free is not None and first.memory_total is not None:
                memory = _memory(first.memory_free, first.memory_total)
            unusable = [reason for card in found.cards.cards if (reason := why_unusable(card))]
            self._show("card", " · ".join(filter(None, [first.name, memory])), "\n".join(unusable))
        else:
            self._whole = _without_card(found)
            machine = found.machine
            cores = ngettext("{count:,} processor core", "{count:,} processor cores", machine.cores)
            memory = _memory(machine.ram_free, machine.ram_total)
            self._show(
                "processor", f"{cores} · {memory}", f"{found.cards.reason} {_(WITHOUT_CARD)}"
            )

    def text(self) -> str:
        """Return everything that is known."""
        return self._whole

    def open_doctor(self) -> None:
        """Tell everything, line by line."""
        from gui.start.doctor_sheet import DoctorSheet  # only loaded when it is asked for

        DoctorSheet(self._whole, self.window()).open()

    def _show(self, picture: str, text: str, remark: str) -> None:
        self.chip.setIcon(icon(picture, colors().accent))
        self.chip.setText(f" {text}")
        set_tip(self.chip, self._whole)
        self.remark.setText(remark)
        self.remark.setVisible(bool(remark))
        self.chip.setAccessibleName(_("This computer: {text}", text=self._whole))


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
