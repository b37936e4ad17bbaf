"""Offers to draw questions from texts that have none."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.data.draft import DraftSummary
from core.language import _
from gui.examples.pairs.dialog import PairsDialog
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, set_look, stacked
from gui.kit.theme import Space
from gui.wizard.session import Session

_WITH_TEXTS = ("text", "mixed")


class PairsCard(QFrame):
    """Hidden where the examples are questions with answers.

    Attributes:
        made: a file of the pairs that you accepted.
    """

    made = Signal(Path)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="neutral")
        self._session = session
        self._summary: DraftSummary | None = None
        self.dialog: PairsDialog | None = None
        texts = stacked(
            label(_("Questions from your documents"), "strong"),
            label(
                _(
                    "As plain text, the model learns to continue your documents. To teach it "
                    "answers, let a base model draw questions and answers from them."
                ),
                "small",
            ),
        )
        self.open = QPushButton(_("Make questions …"))
        self.open.clicked.connect(self.open_dialog)
        vbox(Flow(texts, self.open, stretch=texts), on=self, margins=Space.CARD)
        self.hide()

    def show_summary(self, summary: DraftSummary) -> None:
        """Offer it for these files, if they hold texts."""
        self._summary = summary
        self.setVisible(summary.shape in _WITH_TEXTS and not self._session.read_only)

    def open_dialog(self) -> None:
        """Open the dialog for the present files."""
        if self._summary is None:
            return
        self.dialog = PairsDialog(self._session, self._summary, self)
        self.dialog.made.connect(self.made)
        self.dialog.open()
