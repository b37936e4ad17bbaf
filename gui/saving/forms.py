"""The forms that a fine-tune can be saved in, by where it will be used."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.errors import UserFacingError
from core.export.gguf.quants import BITS, QUANTS
from core.export.merge import merged_bytes
from core.jobs.spec import DEFAULT_QUANT
from core.language import _
from gui.kit.boxes import vbox
from gui.kit.choice_card import ChoiceCard
from gui.kit.dropdown import Dropdown
from gui.kit.theme import Space

HERE = "here"
"""No form: the fine-tune is used where it is."""


class Forms(QWidget):
    """One card for each form, and how the GGUF file is packed."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._merged_bytes = 0
        self.cards = {
            "adapter": ChoiceCard(_("Python"), _("The adapter alone, a small file.")),
            "merged": ChoiceCard(_("Other programs"), ""),
            "gguf": ChoiceCard(_("Ollama and LM Studio"), ""),
            HERE: ChoiceCard(_("This application"), _("Ask it in the chat. Nothing is saved.")),
        }
        self.quant = Dropdown()
        self.quant.setAccessibleName(_("packing of GGUF"))
        self.quant.addItems(list(QUANTS))
        self.quant.setCurrentText(DEFAULT_QUANT)
        self.quant.currentTextChanged.connect(lambda _text: self._tell_sizes())
        self.cards["gguf"].body.addWidget(self.quant)
        vbox(*self.cards.values(), on=self, margins=0, spacing=Space.SMALL)
        self.cards["adapter"].choose()
        for name, card in self.cards.items():
            card.chosen.connect(lambda name=name: self._chosen(name))
        self._chosen("adapter")

    @property
    def form(self) -> str:
        """The form that is chosen."""
        return next(name for name, card in self.cards.items() if card.is_chosen())

    def set_base(self, base: Path) -> None:
        """Say how large each form of a fine-tune of this base model will be."""
        try:
            self._merged_bytes = merged_bytes(base)
        except (UserFacingError, OSError):
            self._merged_bytes = 0
        self._tell_sizes()

    def _chosen(self, name: str) -> None:
        for other, card in self.cards.items():
            if other != name:
                card.button.setChecked(False)
        self.quant.setEnabled(name == "gguf")
        self._tell_sizes()
        self.changed.emit()

    def _tell_sizes(self) -> None:
        if not self._merged_bytes:
            for name in ("merged", "gguf"):
                self.cards[name].set_text("")
            return
        size = self._merged_bytes / 1e9
        packed = size * BITS[self.quant.currentText()] / 16
        self.cards["merged"].set_text(
            _(
                "One whole model of 16 bits for transformers and vLLM, about {size:.1f} GB.",
                size=size,
            )
        )
        self.cards["gguf"].set_text(
            _("One GGUF file for llama.cpp with a Modelfile, about {size:.1f} GB.", size=packed)
        )
