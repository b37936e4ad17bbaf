"""The conversation as it is read: it follows what is written, unless you read above its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QPushButton, QScrollArea, QWidget

from core.conversations.conversation import Conversation
from core.conversations.export import NO_NAMES
from core.language import _
from gui.chat.transcript.exchange_view import ExchangeView
from gui.chat.transcript.later import Later
from gui.chat.view_model import LiveAnswer
from gui.kit.boxes import vbox
from gui.kit.labels import label
from gui.kit.theme import Space

_AT_ONCE = 12  # exchanges that are shown without being asked for
_NEAR = 40  # pixels from the end that count as the end


class Transcript(QScrollArea):
    """Shows the newest exchanges of a conversation.

    Attributes:
        edit_asked, again_asked: of the last question.
        thumbed: place, who answered, thumb.
        corrected: place, who answered, text.
        taught: corrected answers are to become examples.
        picked: place, and whose answer is better.
        link_chosen: an address.
    """

    edit_asked = Signal()
    again_asked = Signal()
    thumbed = Signal(int, str, str)
    corrected = Signal(int, str, str)
    taught = Signal()
    picked = Signal(int, str)
    link_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.views: list[ExchangeView] = []
        self._conversation = Conversation()
        self._first = self._reached = 0
        self._later = Later(self)
        self._follows = True
        self._names = NO_NAMES
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Conversation"))
        self.empty = label("", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.earlier = QPushButton(_("Show earlier questions"))
        self.earlier.setProperty("kind", "link")
        self.earlier.clicked.connect(self._show_earlier)
        inner = QWidget()
        self._column = vbox(
            self.empty, self.earlier, 1, on=inner, margins=(0, 0, Space.SMALL, 0),
            spacing=Space.LARGE,
        )  # fmt: skip
        self.setWidget(inner)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._range_changed)
        bar.valueChanged.connect(self._moved)
        self.show_conversation(Conversation())

    def show_conversation(self, conversation: Conversation) -> None:
        """Show a conversation that is kept, its end first."""
        self._clear()
        self._conversation = conversation
        self._reached = count = len(conversation.exchanges)
        self._first = max(0, count - _AT_ONCE)
        self._follows = True
        self._add_one_more()
        self._offer()

    def _show_earlier(self) -> None:
        self._first = max(0, self._first - _AT_ONCE)
        self._follows = False
        self._add_one_more()
        self._offer()

    def _add_one_more(self) -> bool:
        """Show the exchange before those that are shown, and the others later."""
        if self._reached > self._first:
            self._reached -= 1
            exchange = self._conversation.exchanges[self._reached]
            view = self._add(self._reached, at=0, blind=exchange.blind)
            view.show_kept(exchange, self._later)
            self._offer()
        if self._reached > self._first:
            self._later.add(self._add_one_more)
        return False

    def begin(
        self, place: int, question: str, answers: Sequence[LiveAnswer], *, blind: bool = False
    ) -> None:
        """Show a question that is being answered, in the place of what was there."""
        while self.views and self.views[-1].place >= place:
            self._drop(self.views.pop())
        self._add(place, question, blind=blind).show_live(answers)
        self._offer(ended=all(answer.is_over for answer in answers))
        self._follows = True
        self._to_end()

    def call(self, names: Mapping[str, str]) -> None:
        """Name who answered as you call them, by the run."""
        self._names = names
        for view in self.views:
            view.call(names)

    def shut_down(self) -> None:
        """Draw nothing more."""
        self._later.forget()

    def follow(self, answers: Sequence[LiveAnswer]) -> None:
        """Take what is new in the answers of the last question."""
        if self.views and answers:
            self.views[-1].follow(answers)
            self._offer(ended=all(answer.is_over for answer in answers))

    def view_at(self, place: int) -> ExchangeView | None:
        """Return the view of one exchange, if it is shown."""
        return next((view for view in self.views if view.place == place), None)

    def reveal(self) -> None:
        """Show who wrote the blind answers."""
        self._conversation = self._conversation.revealed()
        for view in self.views:
            if view.blind:
                view.reveal()

    def scroll_pages(self, pages: int) -> None:
        """Go down by so many pages, or up."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + pages * bar.pageStep())

    def _add(
        self, place: int, question: str = "", at: int | None = None, *, blind: bool = False
    ) -> ExchangeView:
        view = ExchangeView(
            place, question or self._conversation.exchanges[place].question, blind=blind
        )
        view.edit_asked.connect(self.edit_asked)
        view.again_asked.connect(self.again_asked)
        view.taught.connect(self.taught)
        view.picked.connect(lambda model: self.picked.emit(place, model))
        view.thumbed.connect(lambda model, thumb: self.thumbed.emit(place, model, thumb))
        view.corrected.connect(lambda model, text: self.corrected.emit(place, model, text))
        view.link_chosen.connect(self.link_chosen)
        where = len(self.views) if at is None else at
        view.call(self._names)
        self.views.insert(where, view)
        self._column.insertWidget(where + 2, view)
        return view

    def _drop(self, view: ExchangeView) -> None:
        self._column.removeWidget(view)
        view.hide()
        view.deleteLater()

    def _clear(self) -> None:
        self._later.forget()
        for view in self.views:
            self._drop(view)
        self.views = []

    def _offer(self, *, ended: bool = True) -> None:
        self.empty.setVisible(not self.views)
        self.earlier.setVisible(self._first > 0)
        for view in self.views:
            is_last = view is self.views[-1]
            view.allow_change(on=is_last and ended)

    def _range_changed(self, _low: int, high: int) -> None:
        typed_in = self.focusWidget()
        if isinstance(typed_in, QPlainTextEdit) and self.isAncestorOf(typed_in):
            self.ensureWidgetVisible(typed_in)  # an older answer is being corrected
        elif self._follows:
            self.verticalScrollBar().setValue(high)

    def _moved(self, value: int) -> None:
        self._follows = value >= self.verticalScrollBar().maximum() - _NEAR

    def _to_end(self) -> None:
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
