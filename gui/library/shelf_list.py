"""The fine-tunes as cards, of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QWidget

from core.language import _, ngettext
from core.library.shelf import Kept
from core.settings import Settings
from core.wording import gigabytes
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, stacked
from gui.kit.theme import Space
from gui.library.fine_tune_card import FineTuneCard


class ShelfList(QWidget):
    """Archived ones are listed where that is asked for.

    Args:
        beside: stands behind how many there are.

    Attributes:
        changed: another one is chosen.
        opened: the chosen one was clicked twice.
        cards: those that are listed.
        is_read: the projects have been looked through.
    """

    changed = Signal()
    opened = Signal()

    def __init__(self, beside: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shelf: list[Kept] = []
        self._settings = Settings()
        self._wanted: Path | None = None
        self.cards: list[FineTuneCard] = []
        self.is_read = False
        self._group = QButtonGroup(self)
        self.empty = label(_("Looking through your projects …"), "muted")
        self.sum = label("", "muted")
        self.archived = QCheckBox()
        self.archived.toggled.connect(lambda _on: self._list())
        self._column = vbox(spacing=Space.MEDIUM)
        head = stacked(self.empty, self.sum)
        vbox(
            Flow(head, self.archived, beside, stretch=head),
            self._column,
            on=self,
            margins=0,
            spacing=Space.MEDIUM,
        )
        for hidden in (self.sum, self.archived):
            hidden.hide()

    @property
    def listed(self) -> list[Kept]:
        """Everything on the shelf, archived or not."""
        return self._shelf

    def show_shelf(self, shelf: Sequence[Kept], settings: Settings) -> None:
        """List these; the chosen one stays chosen."""
        self._shelf, self._settings, self.is_read = list(shelf), settings, True
        self.empty.setText(_("Nothing here yet. A fine-tune appears when its run has finished."))
        self.empty.setVisible(not self._shelf)
        self.sum.setVisible(bool(self._shelf))
        self.sum.setText(
            ngettext(
                "{count:,} fine-tune takes {size}.",
                "{count:,} fine-tunes take {size}.",
                len(self._shelf),
                size=gigabytes(sum(kept.size for kept in self._shelf)),
            )
        )
        away = sum(kept.about.archived for kept in self._shelf)
        self.archived.setText(_("Show archived ({count:,})", count=away))
        self.archived.setVisible(away > 0)
        self._list()

    def choose(self, run: Path) -> None:
        """Choose the fine-tune of this run folder, also if it is listed only later."""
        card = self._card_of(run)
        if card is None:
            self._wanted = run
        else:
            card.choose()

    def chosen(self) -> Kept | None:
        """Return the chosen one."""
        return next((card.kept for card in self.cards if card.is_chosen()), None)

    def focus_chosen(self) -> bool:
        """Move the keyboard to the chosen one, if there is one."""
        card = next((card for card in self.cards if card.is_chosen()), None)
        if card is not None:
            card.button.setFocus(Qt.FocusReason.OtherFocusReason)
        return card is not None

    def _list(self) -> None:
        chosen = self.chosen()
        before = self._wanted or (chosen.tune.run.root if chosen else Path())
        had_keyboard = any(card.button.hasFocus() for card in self.cards)
        for card in self.cards:
            self._group.removeButton(card.button)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        listed = [k for k in self._shelf if self.archived.isChecked() or not k.about.archived]
        self.cards = [self._card(kept) for kept in listed]
        if self.cards:
            (self._card_of(before) or self.cards[0]).choose()
        if had_keyboard:
            self.focus_chosen()
        self._wanted = None
        self.changed.emit()

    def _card_of(self, run: Path) -> FineTuneCard | None:
        return next((card for card in self.cards if card.kept.tune.run.root == run), None)

    def _card(self, kept: Kept) -> FineTuneCard:
        card = FineTuneCard(kept, self._settings)
        self._group.addButton(card.button)
        card.chosen.connect(self.changed)
        card.installEventFilter(self)
        self._column.addWidget(card)
        return card

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Two clicks on a card open it."""
        if event.type() is QEvent.Type.MouseButtonDblClick and isinstance(watched, FineTuneCard):
            self.opened.emit()
        return super().eventFilter(watched, event)
