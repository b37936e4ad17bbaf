"""The presets as cards, each with what it takes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from core.language import _
from core.planning.estimate import duration_text
from core.settings import Settings
from gui.kit.boxes import vbox
from gui.kit.choice_card import ChoiceCard
from gui.kit.theme import Space
from gui.wizard.training_plan import TrainingPlan, cost_with_scope


class PresetCards(QWidget):
    """One card a preset; the chosen one shows the changed values.

    Attributes:
        chosen: the key of the preset that was picked.
        cards: by key.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: dict[str, ChoiceCard] = {}
        self._group = QButtonGroup(self)
        self._column = vbox(on=self, margins=0, spacing=Space.SMALL)

    def show_plan(self, plan: TrainingPlan, settings: Settings) -> None:
        """Show the presets of a plan, with the chosen one chosen."""
        if list(self.cards) != [preset.key for preset in plan.presets]:
            self._rebuild(plan)
        self.blockSignals(True)  # nobody has picked it
        self.cards[plan.preset.key].choose()
        self.blockSignals(False)
        for preset in plan.presets:
            chosen = preset.key == plan.preset.key
            found = plan.estimate(plan.config if chosen else preset.config, settings.tariff)
            facts = [duration_text(found.seconds), plan.fit(found).sentence.rstrip(".。")]
            cost = cost_with_scope(found, settings)
            facts += [cost] if cost else []
            card = self.cards[preset.key]
            card.set_text(f"{preset.description}\n{' · '.join(facts)}")
            card.set_badge(_("Customised") if chosen and plan.overrides else "")

    def focus_chosen(self, key: str) -> None:
        """Move the keyboard to the card of a preset."""
        self.cards[key].button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _rebuild(self, plan: TrainingPlan) -> None:
        for card in self.cards.values():
            self._group.removeButton(card.button)
            self._column.removeWidget(card)
            card.deleteLater()
        self.cards = {}
        for preset in plan.presets:
            card = ChoiceCard(preset.title, preset.description)
            self.cards[preset.key] = card
            self._group.addButton(card.button)
            self._column.addWidget(card)
            card.chosen.connect(lambda key=preset.key: self.chosen.emit(key))
