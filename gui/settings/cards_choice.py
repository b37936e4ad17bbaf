"""How many of several equal cards train together: all of them, or only one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.language import N_, _
from gui.kit.boxes import hbox, vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.labels import label
from gui.kit.theme import Space

_TEXT = N_(
    "Identical cards share the work of each step. The result is the same as with one card. Use "
    "only one to keep the others free."
)
# Translators: graphics cards
_NAME = N_("Cards")


class CardsChoice(QWidget):
    """Hidden where there is nothing to choose.

    Attributes:
        chosen: how many train; 0 means all.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = Dropdown()
        self.choice.setAccessibleName(_(_NAME))
        self.choice.setAccessibleDescription(_(_TEXT))
        self.choice.activated.connect(lambda _row: self.chosen.emit(self.choice.currentData()))
        name = label(_(_NAME), wrap=False)
        name.setBuddy(self.choice)
        row = hbox(name, self.choice, 1, spacing=Space.MEDIUM)
        vbox(row, label(_(_TEXT), "small"), on=self, margins=0, spacing=Space.TINY)
        self.hide()

    def show_cards(self, most: int, used: int) -> None:
        """Offer all ``most`` cards or one; ``used`` are taken now."""
        self.choice.clear()
        together = _("Both together") if most == 2 else _("All {count} together", count=most)
        self.choice.addItem(together, 0)
        self.choice.addItem(_("Only one"), 1)
        self.choice.setCurrentIndex(int(used == 1))
        self.setVisible(most > 1)
