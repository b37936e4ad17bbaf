"""Well-known base models to download: what they are good at and whether they would fit here."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from core.language import _, ngettext
from core.models.catalogue import CatalogueEntry, load_catalogue
from core.planning.environment import Environment
from core.planning.memory import Badge
from gui.base_model.known_card import KnownCard
from gui.base_model.model_card import RANKS
from gui.base_model.model_filter import ModelFilter
from gui.input.keyboard import bring_into_sight
from gui.kit.boxes import hbox, vbox
from gui.kit.cards.tile_grid import TileGrid
from gui.kit.labels import label, letters
from gui.kit.theme import Space

_FIRST = 8  # cards; the others come up when they are asked for
_CARD_LETTERS = 38


class KnownModels(QWidget):
    """Cards to choose a name from; nothing here uses the network.

    Attributes:
        picked: a card was pressed; carries the model's name on the hub.
        cards: those that are shown, what fits here first.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = [entry for entry in load_catalogue() if not entry.packaged]
        self._environment: Environment | None = None
        self._badges: dict[str, Badge] = {}  # by the entry's key
        self._most = _FIRST
        self._named = ""  # the model that is to be got
        self._group = QButtonGroup(self)  # the arrow keys lead from card to card
        self._group.setExclusive(False)
        self.filter = ModelFilter(self._entries)
        self.filter.changed.connect(self._narrow)
        self.nothing = label(_("No model matches."), "muted")
        self.nothing.hide()
        self._grid: TileGrid[KnownCard] = TileGrid(letters(_CARD_LETTERS), (2, 1))
        self.more = QPushButton()
        self.more.clicked.connect(self._show_all)
        vbox(
            label(_("Well-known models"), "heading"),
            self.filter,
            self.nothing,
            self._grid,
            hbox(self.more, 1),
            on=self,
            margins=(0, Space.SMALL, 0, 0),
            spacing=Space.MEDIUM,
        )
        self._list()

    @property
    def cards(self) -> list[KnownCard]:
        """The cards that are shown."""
        return self._grid.tiles

    def show_language(self, language: str) -> None:
        """List what knows a language, and bring it into sight."""
        self.filter.choose_language(language)
        self.filter.language.setFocus(Qt.FocusReason.OtherFocusReason)
        first = self.cards[0] if self.cards else self.nothing
        bring_into_sight(first)

    def mark(self, name: str) -> None:
        """Show which of the cards stands for the model that is named."""
        self._named = name
        for card in self.cards:
            card.show_named(card.entry.hub_id == name)

    def _narrow(self) -> None:
        self._most = _FIRST
        self._list()

    def _show_all(self) -> None:
        place = len(self.cards)
        self._most = len(self._entries)
        self._list()
        self.cards[place].setFocus(Qt.FocusReason.OtherFocusReason)

    def _list(self) -> None:
        """Show what the choices let through, and no more cards than one looks through."""
        found = [
            entry for entry in self._entries
            if self.filter.lets_through(entry, fits=self._fits(entry))
        ]  # fmt: skip
        found.sort(key=self._rank)
        self._grid.show_tiles([self._card(entry) for entry in found[: self._most]])
        self.nothing.setVisible(not found)
        others = len(found) - len(self.cards)
        self.more.setText(ngettext("Show {count:,} more", "Show {count:,} more", others))
        self.more.setVisible(others > 0)

    def _fits(self, entry: CatalogueEntry) -> bool:
        badge = self._badges.get(entry.key)
        return badge is None or badge.level in ("fits", "tight")

    def _rank(self, entry: CatalogueEntry) -> int:
        badge = self._badges.get(entry.key)
        return RANKS[badge.level] if badge is not None else 0

    def _card(self, entry: CatalogueEntry) -> KnownCard:
        card = KnownCard(entry)
        card.show_named(entry.hub_id == self._named)
        card.clicked.connect(lambda: self.picked.emit(entry.hub_id))
        self._group.addButton(card)
        if self._environment is not None:
            card.show_fit(self._environment, self._badges[entry.key])
        return card

    def show_fit(self, environment: Environment) -> None:
        """Say what each takes here, and list what fits."""
        self._environment = environment
        for entry in self._entries:
            self._badges[entry.key] = environment.badge(entry.shape, entry.model_type)
        if not self.filter.fitting.isEnabled():  # for the first time
            self.filter.fitting.setEnabled(True)
            self.filter.blockSignals(True)  # it is listed once, below
            self.filter.fitting.setChecked(any(map(self._fits, self._entries)))
            self.filter.blockSignals(False)
        self._list()
