"""The models that can be used now, as cards of which one is chosen."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from core.planning.environment import Environment
from gui.base_model.model_card import Candidate, ModelCard
from gui.kit.boxes import vbox
from gui.kit.theme import Space


class ModelList(QWidget):
    """What fits comes first.

    Attributes:
        changed: another card is chosen, or one is gone.
        chosen_one: a card became the choice.
        cards: in the order in which they stand.
    """

    changed = Signal()
    chosen_one = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[ModelCard] = []
        self._environment: Environment | None = None
        self._group = QButtonGroup(self)
        self._column = vbox(on=self, margins=0, spacing=Space.MEDIUM)

    def chosen(self) -> ModelCard | None:
        """Return the chosen card."""
        return next((card for card in self.cards if card.is_chosen()), None)

    def focus_chosen(self) -> bool:
        """Move the keyboard to the chosen card, if there is one."""
        card = self.chosen()
        if card is not None:
            card.button.setFocus(Qt.FocusReason.OtherFocusReason)
        return card is not None

    def add(self, candidate: Candidate, *, choose: bool) -> None:
        """Add a card, unless there is one of the same folder."""
        card = self._card_of(candidate.folder)
        if card is None:
            card = ModelCard(candidate)
            self.cards.append(card)
            self._group.addButton(card.button)
            card.chosen.connect(self.changed)
            card.chosen.connect(self.chosen_one)
            self._column.addWidget(card)
            if self._environment is not None:
                card.show_fit(self._environment)
                self._sort()
        if choose:
            card.choose()

    def drop(self, gone: Collection[Path]) -> None:
        """Remove the cards of folders that are not there any more."""
        for card in [card for card in self.cards if card.candidate.folder in gone]:
            self.cards.remove(card)
            self._group.removeButton(card.button)
            card.hide()
            card.deleteLater()
            self.changed.emit()

    def choose(self, folder: Path, *, or_first: bool) -> None:
        """Choose the card of a folder, or the first one where that is wanted."""
        card = self._card_of(folder) or (self.cards[0] if or_first and self.cards else None)
        if card is not None:
            card.choose()

    def folders(self) -> set[Path]:
        """Return the folders of all cards."""
        return {card.candidate.folder for card in self.cards}

    def show_fit(self, environment: Environment) -> None:
        """Say on every card what it takes here."""
        self._environment = environment
        for card in self.cards:
            card.show_fit(environment)
        self._sort()

    def _sort(self) -> None:
        self.cards.sort(key=ModelCard.rank)
        for position, card in enumerate(self.cards):
            self._column.insertWidget(position, card)

    def _card_of(self, folder: Path) -> ModelCard | None:
        return next((card for card in self.cards if card.candidate.folder == folder), None)
