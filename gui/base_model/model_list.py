"""The models that can be used now, as cards of which one is chosen."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from core.language import _, language_named
from core.planning.environment import Environment
from core.planning.languages import was_made_for
from gui.base_model.model_card import Candidate, ModelCard
from gui.kit.boxes import vbox
from gui.kit.message_bar import MessageBar
from gui.kit.theme import Space


class ModelList(QWidget):
    """What fits comes first.

    Attributes:
        changed: another card is chosen, or one is gone.
        chosen_one: a card became the choice.
        wanted: models for a language are to be looked for; carries its English name.
        other_language: said while the chosen model was not made for the language of the answers.
        cards: in the order in which they stand.
    """

    changed = Signal()
    chosen_one = Signal()
    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[ModelCard] = []
        self._environment: Environment | None = None
        self._group = QButtonGroup(self)
        self._column = vbox(margins=0, spacing=Space.MEDIUM)
        self.other_language = MessageBar(dismissable=False)
        vbox(self._column, self.other_language, on=self, margins=0, spacing=Space.MEDIUM)
        self.changed.connect(self._compare_languages)

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
        self._compare_languages()

    def _compare_languages(self) -> None:
        card, here = self.chosen(), self._environment
        entry = card.candidate.entry if card is not None else None
        if here is None or entry is None or was_made_for(entry, here.language):
            self.other_language.hide()
            return
        language = here.language
        self.other_language.say(
            "warning",
            _(
                "Your answers are in {language}; {model} was made for {languages}. It will write "
                "{language} with many mistakes, whatever it learns here.",
                language=language_named(language),
                model=entry.name,
                languages=entry.languages_in_words,
            ),
            _(
                "That is enough to try things out. For real use, choose a model that knows your "
                "language."
            ),
            actions=(
                (
                    _("Show models for {language}", language=language_named(language)),
                    lambda: self.wanted.emit(language),
                ),
            ),
        )

    def _sort(self) -> None:
        self.cards.sort(key=ModelCard.rank)
        for position, card in enumerate(self.cards):
            self._column.insertWidget(position, card)

    def _card_of(self, folder: Path) -> ModelCard | None:
        return next((card for card in self.cards if card.candidate.folder == folder), None)
