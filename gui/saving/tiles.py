"""The tiles of the Saving page: where the fine-tune will be used, and what that takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.export.gguf.installed import has_ollama, lm_studio_folder
from core.export.saves.forms import Choice, Place, Weights, choices
from core.export.saves.rates import Measured, about_bytes, about_seconds
from core.language import N_, _, one_after_another
from core.wording import duration, gigabytes
from gui.kit.boxes import vbox
from gui.kit.cards.choice_card import ChoiceCard
from gui.kit.cards.tile_grid import TileGrid
from gui.kit.fields.dropdown import Dropdown
from gui.kit.glossary import explained
from gui.kit.theme import Space

Tile = Place | Literal["here"]
HERE: Literal["here"] = "here"
"""No form: the fine-tune is used where it is."""

_TEXTS: dict[Tile, tuple[str, str]] = {
    "ollama": (
        N_("Ollama"),
        N_("A free program that answers on this computer. One file, and a page that describes it."),
    ),
    "lm_studio": (
        N_("LM Studio"),
        N_("A free program with a chat window. One file for its list of models."),
    ),
    HERE: (
        N_("This application"),
        N_("Ask it in the chat. It is kept in your project: nothing has to be saved."),
    ),
    "python": (N_("Python"), N_("For programs of your own, with peft or transformers.")),
    "machine": (
        N_("Another machine"),
        N_("A folder to copy, for peft, transformers, vLLM or llama.cpp."),
    ),
}
_LEAST_WIDTH = 220


@dataclass(frozen=True, slots=True)
class _Ways:
    """The forms that a tile offers, and the field to choose one."""

    choices: list[Choice]
    field: Dropdown

    @property
    def chosen(self) -> Choice:
        return self.choices[max(0, self.field.currentIndex())]


def usual_tile() -> Tile:
    """Return where a fine-tune is most likely used on this computer."""
    if has_ollama():
        return "ollama"
    return "lm_studio" if lm_studio_folder() is not None else HERE


class Tiles(QWidget):
    """One card for each place, with size and time beforehand.

    Attributes:
        changed: another place or form was chosen.
        cards: by their places.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weights: Weights | None = None
        self._measured: list[Measured] = []
        self.cards = {tile: ChoiceCard(_(title), _(text)) for tile, (title, text) in _TEXTS.items()}
        self._ways: dict[Tile, _Ways] = {}
        for tile, card in self.cards.items():
            card.chosen.connect(lambda tile=tile: self._chosen(tile))
            if tile != HERE:
                self._ways[tile] = self._offer(tile)
        self._format = QWidget()
        fields = [ways.field for ways in self._ways.values()]
        caption = explained(_("Format"), "saved_form", "small")
        vbox(caption, *fields, on=self._format, margins=0, spacing=Space.SMALL)
        grid = TileGrid[ChoiceCard](_LEAST_WIDTH)
        grid.show_tiles(list(self.cards.values()))
        vbox(grid, self._format, on=self, margins=0, spacing=Space.MEDIUM)
        self.cards[usual_tile()].choose()

    def _offer(self, tile: Place) -> _Ways:
        found, field = choices(tile), Dropdown()
        field.setAccessibleName(_("Format"))
        field.addItems([one.title for one in found])
        field.currentIndexChanged.connect(lambda _index: self._form_chosen())
        return _Ways(found, field)

    @property
    def tile(self) -> Tile:
        """The place that is chosen."""
        return next(tile for tile, card in self.cards.items() if card.is_chosen())

    @property
    def choice(self) -> Choice | None:
        """What would be saved; ``None`` where nothing is."""
        ways = self._ways.get(self.tile)
        return ways.chosen if ways is not None else None

    def restore(self, tile: object, title: object) -> None:
        """Choose what was chosen before, as far as it is still offered."""
        for known in self.cards:
            if known == tile:
                ways = self._ways.get(known)
                offered = ways.choices if ways is not None else []
                self.choose(known, next((one for one in offered if one.title == title), None))

    def choose(self, tile: Tile, choice: Choice | None = None) -> None:
        """Choose a place, and a form that it offers."""
        self.cards[tile].choose()
        if choice is not None:
            ways = self._ways[tile]
            ways.field.setCurrentIndex(ways.choices.index(choice))

    def tell(self, weights: Weights | None, measured: list[Measured]) -> None:
        """Say how large each form of this fine-tune will be, and how long it will take."""
        self._weights, self._measured = weights, measured
        self._tell()

    def _chosen(self, tile: Tile) -> None:
        for other, card in self.cards.items():
            if other != tile:
                card.button.setChecked(False)
        for other, ways in self._ways.items():
            ways.field.setVisible(other == tile)
        self._format.setVisible(tile in self._ways)
        self.changed.emit()

    def _form_chosen(self) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        for tile, ways in self._ways.items():
            said = _(_TEXTS[tile][1])
            if self._weights is not None:
                takes = _(
                    "About {size}, and about {time} to save and check it.",
                    size=gigabytes(about_bytes(ways.chosen, self._weights)),
                    time=duration(about_seconds(ways.chosen, self._weights, self._measured)),
                )
                said = one_after_another([said, takes])
            self.cards[tile].set_text(said)
