"""What the model will learn from, in a few sentences; the examples and their tokens on demand."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.chat.label_preview import LabelPreview
from core.errors import UserFacingError
from core.language import _, ngettext
from gui.jobs.job_progress import JobProgress
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, set_look
from gui.kit.theme import Space
from gui.settings.label_preview.check import (
    LongerLimit,
    cut_sentence,
    done_sentences,
    figures,
    lost_sentence,
    missing_sentence,
    no_end_sentence,
)
from gui.settings.label_preview.view import LabelPreviewView


class LabelPreviewCard(QFrame):
    """Waiting, checking, sound, or with something to fix.

    Attributes:
        look_again: the user wants the check to run (again).
        leave_out: the user wants a version without what cannot be learned.
        limit_chosen: the user wants this length limit (tokens).
    """

    look_again = Signal()
    leave_out = Signal()
    limit_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offer: LongerLimit | None = None
        self.status = label("")
        self.more = label("", "muted")
        self.progress = JobProgress()
        self.again = QPushButton(_("Check the examples"))
        self.again.clicked.connect(self.look_again)
        self.drop = QPushButton("")
        self.drop.clicked.connect(self.leave_out)
        self.longer = QPushButton("")
        self.longer.clicked.connect(self._choose_limit)
        self._needs = label("", "muted")
        self.look = QPushButton(_("Look at examples"))
        self.look.setAccessibleName(_("Look at what the model will learn from"))
        self.look.setCheckable(True)
        self.look.toggled.connect(self._toggle)
        self.view = LabelPreviewView()
        self.view.hide()
        self._lay_out()
        self.show_waiting()

    def _lay_out(self) -> None:
        title = label(_("What the model will learn from"), "heading")
        head = Flow(title, self.look, stretch=title)
        buttons = Flow(self.drop, self.longer, self._needs, self.again, stretch=self._needs)
        vbox(
            head,
            self.status,
            self.more,
            buttons,
            self.progress,
            self.view,
            on=self,
            margins=Space.CARD,
            spacing=Space.SMALL,
        )

    def show_waiting(self, *, checking: bool = False) -> None:
        """Nothing is known yet; the check is running or was cancelled."""
        text = _("Not checked with this base model yet.")
        if checking:
            text = _("Preparing the examples the way this base model reads them …")
        self._show("neutral", text)
        self.again.setVisible(not checking)

    def show_error(self, error: UserFacingError) -> None:
        """The check could not be done; a run could not either."""
        self._show("problem", error.what, error.todo)
        self.again.show()

    def show_preview(self, preview: LabelPreview, limit: int, offer: LongerLimit | None) -> None:
        """Say what is learned under a limit and what could be fixed.

        Args:
            offer: a longer limit that holds everything, if there is one.
        """
        self._offer = offer
        lost, cut = lost_sentence(preview, limit), cut_sentence(preview, limit)
        no_end = no_end_sentence(preview)
        sound = _("Every example can be learned, and none is cut off.")
        missing = missing_sentence(preview)
        if lost or no_end:
            self._show("problem", " ".join(filter(None, (lost, no_end, missing, cut))))
        else:
            bad = " ".join(filter(None, (missing, cut)))
            self._show("warning" if bad else "good", bad or sound)
        self.more.setText("\n".join([figures(preview, limit), *done_sentences(preview)]))
        self.more.show()
        self.look.show()
        count = len(preview.unlearnable(limit))
        self.drop.setText(ngettext("Leave it out", "Leave these {count:,} out", count))
        self.drop.setVisible(0 < count < len(preview))
        self._show_offer(bool(lost or cut))
        self.view.show_preview(preview, limit)
        self.view.setVisible(self.look.isChecked())

    def _show_offer(self, wanted: bool) -> None:
        offer = self._offer
        self.longer.setVisible(wanted and offer is not None)
        self._needs.setVisible(wanted and offer is not None)
        if offer is not None:
            self.longer.setText(
                ngettext(
                    "Raise the limit to {count:,} token",
                    "Raise the limit to {count:,} tokens",
                    offer.tokens,
                )
            )
            self.longer.setAccessibleDescription(offer.text)
            self._needs.setText(offer.text)
            self.longer.setEnabled(offer.level != "wont_fit")

    def _show(self, tone: str, what: str, more: str = "") -> None:
        set_look(self, card=tone)
        self.status.setText(what)
        self.more.setText(more)
        self.more.setVisible(bool(more))
        for widget in (self.drop, self.longer, self._needs, self.look, self.view, self.again):
            widget.hide()
        self.setAccessibleName(_("What the model will learn from. {status}", status=what))

    def _choose_limit(self) -> None:
        if self._offer is not None:
            self.limit_chosen.emit(self._offer.tokens)

    def _toggle(self, shown: bool) -> None:
        self.view.setVisible(shown)
        self.look.setText(_("Close") if shown else _("Look at examples"))
