"""The findings of a draft as cards, with undo for the last decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from core.data.cleaning import Choices
from core.data.draft import Draft
from core.data.findings.kinds import HARMFUL, INFO, Action, Kind
from core.language import _, ngettext
from gui.examples.findings.card import FindingCard
from gui.examples.findings.edit_history import edit_in_words
from gui.input.keyboard import bring_into_sight
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label
from gui.kit.theme import Space


class FindingList(QWidget):
    """One card for each kind that was found; those first that wait for a decision.

    Args:
        kinds: which kinds have their cards here.

    Attributes:
        action_chosen: see :class:`FindingCard`.
        row_chosen: see :class:`FindingCard`.
        undone: the user takes the last decision back.
    """

    action_chosen = Signal(object, object)
    row_chosen = Signal(int, object)
    undone = Signal()

    def __init__(self, kinds: Iterable[Kind], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds = tuple(kinds)
        self.cards: dict[Kind, FindingCard] = {}
        self.found = label("", "heading")
        self.undo = QPushButton(f" {_('Undo')}")
        self.undo.setIcon(icon("undo"))
        self.undo.setProperty("kind", "quiet")
        self.undo.clicked.connect(self.undone)
        head = Flow(self.found, self.undo, stretch=self.found)
        self._column = vbox(head, on=self, margins=0, spacing=Space.SMALL)

    def show_draft(self, draft: Draft) -> None:
        """Make the cards of a draft."""
        for card in self.cards.values():
            self._column.removeWidget(card)
            card.deleteLater()
        found = [kind for kind in self._kinds if kind in draft.summary.findings]
        found.sort(key=lambda kind: INFO[kind].default is not Action.IGNORE)
        self.cards = {kind: FindingCard(kind, draft) for kind in found}
        for card in self.cards.values():
            card.action_chosen.connect(self.action_chosen)
            card.row_chosen.connect(self.row_chosen)
            card.undone.connect(self.undone)
            self._column.addWidget(card)

    def _headline(self, undecided: Collection[Kind]) -> str:
        count = len(self.cards)
        if any(kind in HARMFUL for kind in self.cards):
            is_open = any(kind in undecided for kind in self.cards)
            return _("Decide this first") if is_open else _("What the model could repeat")
        if not count:
            return _("Nothing to fix")
        return ngettext("{count:,} kind of finding", "{count:,} kinds of findings", count)

    def show_choices(self, choices: Choices, last: str, undecided: Collection[Kind] = ()) -> None:
        """Say what happens to each kind.

        Args:
            last: names the decision that undo takes back.
            undecided: the kinds that wait for a decision.
        """
        self.found.setText(self._headline(undecided))
        for card in self.cards.values():
            card.show_choices(choices, last, undecided)
        self.undo.setEnabled(bool(last))
        about = {edit_in_words(kind, action) for kind in Kind for action in Action}
        # A decision about a kind is taken back on its card.
        self.undo.setVisible(bool(last) and last not in about and not set(self._kinds) & {*HARMFUL})
        self.undo.setText(f" {_('Undo ({decision})', decision=last) if last else _('Undo')}")

    def look(self) -> None:
        """Unfold the first card and bring it into sight."""
        card = next(iter(self.cards.values()))
        card.view.setFocus(Qt.FocusReason.OtherFocusReason)
        card.view.setChecked(True)
        bring_into_sight(card)
