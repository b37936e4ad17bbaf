"""A question with its answers, two beside each other where two models answered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from core.conversations.conversation import Exchange
from core.language import _
from gui.chat.transcript.answer_card import AnswerCard
from gui.chat.transcript.later import Later
from gui.chat.view_model import LiveAnswer
from gui.kit.boxes import hbox, vbox
from gui.kit.labels import selectable, set_look
from gui.kit.side_by_side import SideBySide
from gui.kit.theme import Space
from gui.kit.tool_button import tool_button


class ExchangeView(QWidget):
    """One question.

    Attributes:
        place: which one of the conversation.
        edit_asked: the question is to be changed.
        again_asked: it is to be answered once more.
        thumbed: who answered, and the thumb.
        corrected: who answered, and how it should have been.
        taught: corrected answers are to become examples.
        link_chosen: an address.
    """

    edit_asked = Signal()
    again_asked = Signal()
    thumbed = Signal(str, str)
    corrected = Signal(str, str)
    taught = Signal()
    link_chosen = Signal(str)

    def __init__(self, place: int, question: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self.cards: list[AnswerCard] = []
        frame = QFrame()
        set_look(frame, card="question")
        text = selectable(question)
        text.setAccessibleName(_("Question"))
        self.edit = tool_button("edit", _("Edit the question"), self.edit_asked.emit)
        self.again = tool_button("again", _("Answer again"), self.again_asked.emit)
        hbox(
            (text, 1),
            self.edit,
            self.again,
            on=frame,
            margins=(Space.MEDIUM, Space.SMALL, Space.SMALL, Space.SMALL),
            spacing=0,
        )
        self._columns = SideBySide()
        vbox(frame, self._columns, on=self, margins=0, spacing=Space.SMALL)
        self.allow_change(on=False)

    def show_kept(self, exchange: Exchange, later: Later | None = None) -> None:
        """Show the answers that are kept; ``later`` draws their texts."""
        for answer in exchange.answers:
            self._add(answer.model).show_answer(answer, later)

    def show_live(self, answers: Sequence[LiveAnswer]) -> None:
        """Show answers that are being written from now on."""
        for answer in answers:
            self._add(answer.model).follow(answer)

    def follow(self, answers: Sequence[LiveAnswer]) -> None:
        """Take what is new in them."""
        for card, answer in zip(self.cards, answers, strict=True):
            card.follow(answer)

    def allow_change(self, *, on: bool) -> None:
        """Offer to edit the question and to answer it again; only for the last one."""
        self.edit.setVisible(on)
        self.again.setVisible(on)

    def _add(self, model: str) -> AnswerCard:
        card = AnswerCard(model)
        card.thumbed.connect(lambda thumb: self.thumbed.emit(model, thumb))
        card.corrected.connect(lambda text: self.corrected.emit(model, text))
        card.again.connect(self.again_asked)
        card.taught.connect(self.taught)
        card.link_chosen.connect(self.link_chosen)
        self.cards.append(card)
        self._columns.add(card)
        return card
