"""What the page Saving is made of, and where it stands."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QWidget

from core.export.wording import verdict_text
from core.jobs.spec import ExportResult
from core.language import N_, _
from gui.kit.boxes import hbox, vbox
from gui.kit.labels import label, set_look
from gui.kit.look.sizes import READING
from gui.kit.message_bar import MessageBar
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.saving.ending_card import EndingCard
from gui.saving.saved_table import SavedTable
from gui.saving.tiles import Tiles
from gui.wizard.job_page import JobPage
from gui.wizard.session import Session

_ADAPTER = N_(
    "It holds the adapter, the chat template, the settings, what it was trained "
    "on, its scores, and a readme. It counts as saved only after it has been "
    "loaded again in a fresh process and has answered exactly like the trained "
    "model."
)
_WHOLE = N_(
    "It counts as saved only after it has been loaded again in a fresh process and has answered "
    "like the trained model."
)


class ArrangedSaving(JobPage):
    """Where it will be used, where it goes, how that went, what to do then, what was saved."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.target = QLineEdit()
        self.target.setAccessibleName(_("New folder for the adapter"))
        self.browse = QPushButton(_("Browse …"))
        self.result = MessageBar(dismissable=False)
        self.tiles = Tiles()
        self.tiles.changed.connect(self._form_chosen)
        self.ending = EndingCard()
        self.saved = SavedTable()
        self._holds = label("")
        self._needs = label("")
        parts = (self._form(), self.progress, self.result, self.ending, self.saved)
        content = vbox(*parts, 1, spacing=Space.MEDIUM)
        scrolled(self, content, READING)

    def _form(self) -> QFrame:
        card = QFrame()
        set_look(card, card="true")
        row = hbox((self.target, 1), self.browse)
        self._place = QWidget()
        vbox(
            self._holds,
            label(_("Save to a new folder"), "small"),
            row,
            self._needs,
            on=self._place,
            margins=0,
            spacing=Space.MEDIUM,
        )
        vbox(
            label(_("Where will you use it?"), "heading"),
            self.tiles,
            self._place,
            on=card,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        self._form_chosen()
        return card

    def _form_chosen(self) -> None:
        """Say what will be in the folder, and what it needs beside it."""
        choice = self.tiles.choice
        is_adapter = choice is not None and choice.form == "adapter"
        self._place.setVisible(choice is not None)
        self._needs.setVisible(is_adapter)
        self._holds.setText(_(_ADAPTER if is_adapter else _WHOLE))
        self.changed.emit()


def proof_in_words(result: ExportResult | None) -> str:
    """Say how the export was checked, and how far it differed."""
    if result is not None and result.likeness is not None:
        return verdict_text(result.likeness)
    difference = result.largest_difference if result is not None else None
    if difference is None:
        return _("It was loaded again in a fresh process and compared with the trained model.")
    if difference == 0:
        return _(
            "It was loaded again in a fresh process and compared with the trained model: no "
            "difference."
        )
    return _(
        "It was loaded again in a fresh process and compared with the trained model: largest "
        "difference {difference:.2g}.",
        difference=difference,
    )
