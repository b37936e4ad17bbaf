"""A question with its answers, two beside each other where two models answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from core.conversations.conversation import Exchange
from core.conversations.export import NO_NAMES, side_name
from core.language import _
from gui.chat.transcript.answer_card import AnswerCard
from gui.chat.transcript.later import Later
from gui.chat.view_model import LiveAnswer
from gui.kit.boxes import hbox, vbox
from gui.kit.choice_button import ChoiceButton
from gui.kit.flow import Flow
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
        picked: whose answer is better.
        link_chosen: an address.
    """

    edit_asked = Signal()
    again_asked = Signal()
    thumbed = Signal(str, str)
    corrected = Signal(str, str)
    taught = Signal()
    picked = Signal(str)
    link_chosen = Signal(str)

    def __init__(
        self, place: int, question: str, *, blind: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.place, self.blind = place, blind
        self.cards: list[AnswerCard] = []
        self._names = NO_NAMES
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
        self.choices = [ChoiceButton(_("A is better")), ChoiceButton(_("B is better"))]
        for side, button in enumerate(self.choices):
            button.clicked.connect(lambda _on=False, side=side: self._pick(side))
        self._choice = QWidget()
        self._choice.setLayout(Flow(*self.choices, even=True))
        vbox(frame, self._columns, self._choice, on=self, margins=0, spacing=Space.SMALL)
        self._choice.hide()
        self.allow_change(on=False)

    def show_kept(self, exchange: Exchange, later: Later | None = None) -> None:
        """Show the answers that are kept; ``later`` draws their texts."""
        for answer in exchange.answers:
            self._add(answer.model).show_answer(answer, later)
        self._offer_choice(exchange)

    def _offer_choice(self, exchange: Exchange) -> None:
        self._choice.setVisible(self.blind and len(exchange.answers) == len(self.choices))
        for button, answer in zip(self.choices, exchange.answers, strict=False):
            button.setChecked(answer.thumb == "up")

    def _pick(self, side: int) -> None:
        for place, button in enumerate(self.choices):
            button.setChecked(place == side)
        self.picked.emit(self.cards[side].model)

    def reveal(self) -> None:
        """Show who wrote which answer."""
        self.blind = False
        self._choice.hide()
        for card in self.cards:
            card.reveal()

    def call(self, names: Mapping[str, str]) -> None:
        """Name who answered as you call them, by the run."""
        self._names = names
        for card in self.cards:
            card.call(names)

    def show_live(self, answers: Sequence[LiveAnswer]) -> None:
        """Show answers that are being written from now on."""
        for answer in answers:
            self._add(answer.model).follow(answer)

    def follow(self, answers: Sequence[LiveAnswer]) -> None:
        """Take what is new in them."""
        for card, answer in zip(self.cards, answers, strict=True):
            card.follow(answer)
        both = all(answer.done is not None and bool(answer.text) for answer in answers)
        self._choice.setVisible(self.blind and both)

    def allow_change(self, *, on: bool) -> None:
        """Offer to edit the question and to answer it again; only for the last one."""
        self.edit.setVisible(on and not self.blind)
        self.again.setVisible(on and not self.blind)

    def _add(self, model: str) -> AnswerCard:
        card = AnswerCard(model, side_name(len(self.cards)) if self.blind else "")
        card.call(self._names)
        card.thumbed.connect(lambda thumb: self.thumbed.emit(model, thumb))
        card.corrected.connect(lambda text: self.corrected.emit(model, text))
        card.again.connect(self.again_asked)
        card.taught.connect(self.taught)
        card.link_chosen.connect(self.link_chosen)
        self.cards.append(card)
        self._columns.add(card)
        return card
