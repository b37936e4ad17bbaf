"""What to do after a comparison, by what it found."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.evaluation.rating.ratings import RatingSession
from core.language import N_, _
from core.wizard import Step
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, set_look
from gui.kit.theme import Space
from gui.wizard.page import Place

_RATE = N_("Rate the answers blind. Scores cannot tell which answers you prefer.")
_SAVE = N_("Save the fine-tune, or try it in the chat first.")
_UNSETTLED = N_("Your ratings do not settle it. More examples or other settings may help.")
_WORSE = N_("This fine-tune is not the better one. More examples or other settings may help.")
_AFTER = {"not_enough": _UNSETTLED, "probably_worse": _WORSE, "worse": _WORSE}


class NextSteps(QFrame):
    """One sentence, and ways to go besides the main button.

    Attributes:
        wanted: the ``Step`` or ``Place`` to go to.
        row: a layout for the buttons.
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.text = label("")
        self.chat = self._button(_("Chat"), Place.CHAT)
        self.examples = self._button(_("Add examples …"), Step.EXAMPLES)
        self.settings = self._button(_("Change the settings …"), Step.SETTINGS)
        self.row = Flow(self.chat, self.examples, self.settings)
        vbox(
            label(_("What to do next"), "heading"),
            self.text,
            self.row,
            on=self,
            margins=Space.CARD,
            spacing=Space.SMALL,
        )

    def _button(self, text: str, to: Step | Place) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda: self.wanted.emit(to))
        return button

    def show_state(self, session: RatingSession | None, *, revealed: bool) -> None:
        """Say what comes next.

        Args:
            session: the blind rating, ``None`` where none is possible.
            revealed: its result is shown.
        """
        said = _SAVE if session is None else _RATE
        if session is not None and revealed:
            said = _AFTER.get(session.totals().verdict.outcome, _SAVE)
        self.text.setText(_(said))
        self.chat.setVisible(said != _RATE)
        for button in (self.examples, self.settings):
            button.setVisible(said in (_UNSETTLED, _WORSE))
