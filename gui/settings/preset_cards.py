"""The presets as cards, each with what it takes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from core.language import _
from core.planning.estimate import duration_text
from core.settings import Settings
from gui.kit.boxes import vbox
from gui.kit.cards.choice_card import ChoiceCard
from gui.kit.cards.tile_grid import TileGrid
from gui.kit.labels import letters
from gui.kit.theme import BADGE_TONES
from gui.wizard.training_plan import TrainingPlan, cost_with_scope

_COLUMNS = (4, 2, 1)
_SAID = ("tight", "wont_fit")


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
        self._grid: TileGrid[ChoiceCard] = TileGrid(letters(22), _COLUMNS)
        vbox(self._grid, on=self, margins=0)

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
            facts = [duration_text(found.seconds), cost_with_scope(found, settings)]
            card = self.cards[preset.key]
            card.set_text(f"{preset.description}\n{' · '.join(filter(None, facts))}")
            fit = plan.fit(found)
            if chosen and plan.overrides:
                card.set_badge(_("Customised"))
            elif fit.level in _SAID:  # memory is said once, below, but where there is not enough
                card.set_badge(fit.title, BADGE_TONES[fit.level])
            else:
                card.set_badge("")

    def focus_chosen(self, key: str) -> None:
        """Move the keyboard to the card of a preset."""
        self.cards[key].button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _rebuild(self, plan: TrainingPlan) -> None:
        for card in self.cards.values():
            self._group.removeButton(card.button)
        self.cards = {}
        for preset in plan.presets:
            card = ChoiceCard(preset.title, preset.description)
            self.cards[preset.key] = card
            self._group.addButton(card.button)
            card.chosen.connect(lambda key=preset.key: self.chosen.emit(key))
        self._grid.show_tiles(list(self.cards.values()))
