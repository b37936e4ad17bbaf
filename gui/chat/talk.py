"""One conversation under way: what is asked, heard, shown and kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.conversations.conversation import Answer, Conversation, Thumb
from core.errors import UserFacingError
from core.generation.spec import Ask
from core.language import _
from core.serving.use.comparison import Outcome
from gui.chat.blind import BlindTrial, Question, outcome_in_words
from gui.chat.holder import Event, ModelHolder, Opener, Wanted
from gui.chat.keeper import Keeper
from gui.chat.partners import Partners
from gui.chat.transcript.view import Transcript
from gui.chat.use_notes import UseNotes
from gui.chat.view_model import ChatViewModel, LiveAnswer
from gui.wizard.session import Session


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What the same page built again continues with."""

    holder: ModelHolder
    view_model: ChatViewModel
    text: str = ""


class Talk(QObject):
    """Stands between the transcript, the model and the disk.

    Attributes:
        changed: writing begins or ends, or the model's state is another.
        opened: another conversation is shown.
        failed: a ``UserFacingError`` that belongs to no answer.
        told: something good to know.
        model: the conversation.
        holder: the loaded model.
    """

    changed = Signal()
    opened = Signal()
    failed = Signal(object)
    told = Signal(str)

    def __init__(
        self, session: Session, transcript: Transcript, opener: Opener, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._transcript = transcript
        self._opener = opener
        self.model = ChatViewModel()
        self.partners = Partners()
        self._keeper = Keeper(self)
        self._keeper.failed.connect(self.failed)
        self._notes: UseNotes | None = None
        self._follow(ModelHolder(opener))
        self.blind = BlindTrial(self)
        self.blind.drawn.connect(self._ask_blindly)
        self.blind.ended.connect(self._reveal)
        self.blind.failed.connect(self.failed)
        transcript.picked.connect(self._pick)
        transcript.again_asked.connect(self.ask_again)
        transcript.thumbed.connect(self._rate)
        transcript.corrected.connect(self._correct)

    def _follow(self, holder: ModelHolder) -> None:
        self.holder = holder
        holder.setParent(self)
        holder.changed.connect(self.changed)
        holder.heard.connect(self._hear)
        holder.failed.connect(self._fail)
        holder.gave_way.connect(self._gave_way)

    def ask(self, question: str, partners: Partners) -> None:
        """Ask something; the model is loaded first if it is not.

        Raises:
            UserFacingError: the conversation takes no more.
        """
        if self.model.is_full:
            raise UserFacingError(
                "chat.too_long",
                _("This conversation has become too long to be kept."),
                _("Start a new one."),
            )
        self.partners = partners
        project = self._session.project
        if self.model.partner == "blind" and project is not None:
            self.blind.draw(project, self.model.tune, question)
        else:
            self._send(self.model.ask(question))

    def _ask_blindly(self, question: Question) -> None:
        self._send(self.model.ask(question.text, question.drawn))

    def _pick(self, place: int, model: str) -> None:
        project = self._session.project
        if project is not None and not self._session.read_only:
            self.blind.pick(project, *self.model.choose(place, model))
            self._keep()

    def end_blind(self) -> None:
        """Stop comparing; the names are told."""
        project = self._session.project
        if project is not None and not self._session.read_only:
            self.blind.end(project)

    def _reveal(self, outcome: Outcome) -> None:
        self.model.conversation = self.model.conversation.revealed()
        self._transcript.reveal()
        self._keep()
        self.told.emit(outcome_in_words(outcome, self.partners.names))

    def ask_again(self) -> None:
        """Answer the last question once more."""
        if not self.model.is_writing and self.model.is_worth_keeping:
            self._send(self.model.again())

    def _send(self, asks: list[Ask]) -> None:
        model, project = self.model, self._session.project
        place = len(model.conversation.exchanges) - 1
        question = model.conversation.exchanges[place].question
        blind = model.conversation.exchanges[place].blind
        self._transcript.begin(place, question, model.live, blind=blind)
        self._keep()
        base = self.partners.base_of(model.tune)
        if project is not None and base is not None:
            runs = self.partners.loaded_with(model.tune)
            self.holder.ask(Wanted(project.root, base, runs), asks)
        self.changed.emit()

    def stop(self) -> None:
        """End what is being written."""
        self.holder.cancel()

    def unload(self) -> None:
        """Let the model's memory go."""
        self.holder.unload()

    def _hear(self, events: list[Event]) -> None:
        heard = [answer for event in events if (answer := self.model.take(event)) is not None]
        self._transcript.follow(self.model.live)
        ended = [answer for answer in heard if answer.is_over]
        for answer in ended:
            self._note(answer)
        if ended:
            self._keep()
            self.changed.emit()

    def _note(self, answer: LiveAnswer) -> None:
        notes = self._open_notes()
        if notes is not None and answer.done is not None and answer.done.tokens:
            notes.finished(answer.ask, "".join(answer.text), answer.done)

    def _open_notes(self) -> UseNotes | None:
        project = self._session.project
        if project is None or self._session.read_only:
            return None
        if self._notes is None:
            self._notes = UseNotes(project)
        return self._notes

    def _fail(self, error: UserFacingError) -> None:
        if not self.model.is_writing:
            self.failed.emit(error)
            return
        self.model.refuse(error)
        self._transcript.follow(self.model.live)
        self.changed.emit()

    def _gave_way(self, name: str) -> None:
        self.told.emit(
            _("The model was unloaded, because “{run}” needs the graphics card.", run=name)
        )

    def _rate(self, place: int, model: str, thumb: Thumb) -> None:
        self._judged(place, self.model.rate(place, model, thumb))

    def _correct(self, place: int, model: str, text: str) -> None:
        self._judged(place, self.model.correct(place, model, text))

    def flush(self) -> None:
        """Write what waits to be written."""
        self._keeper.flush()

    def _judged(self, place: int, answer: Answer) -> None:
        view = self._transcript.view_at(place)
        for card in view.cards if view is not None else ():
            if card.model == answer.model:
                card.show_judgement(answer)
        if (notes := self._open_notes()) is not None:
            notes.judged(answer)
        self._keep()

    def start_new(self) -> None:
        """Begin another conversation."""
        self._show("", Conversation())

    def open(self, name: str, *, quietly: bool = False) -> None:
        """Continue a conversation that is kept; ``quietly`` if it need not be there any more."""

        def ignore(_error: UserFacingError) -> None:
            return

        failed = ignore if quietly else self.failed.emit
        folder = self._session.require_project().chats
        self._keeper.read(folder, name, partial(self._show, name), failed)

    def _show(self, name: str, conversation: Conversation) -> None:
        self.holder.cancel()
        if name:
            self.model.open(name, conversation)
        else:
            self.model.start_new()
        self._transcript.show_conversation(self.model.conversation)
        self.opened.emit()
        self.changed.emit()

    def note_deleted(self, name: str) -> None:
        """The conversation of this name is gone."""
        self._keeper.forget(name)
        if name == self.model.name:
            self.model.start_new()
            self._transcript.show_conversation(self.model.conversation)

    def note_renamed(self, name: str, title: str) -> None:
        """The conversation of this name has another title."""
        if name == self.model.name:
            renamed = self.model.conversation.model_copy(update={"title": title})
            self.model.conversation = renamed

    def _keep(self) -> None:
        project = self._session.project
        if project is not None and not self._session.read_only and self.model.is_worth_keeping:
            self._keeper.keep(project.chats, self.model.name, self.model.conversation)

    def hand_over(self, text: str) -> UnderWay:
        """Let go of the model and the conversation."""
        holder = self.holder
        for signal in (holder.changed, holder.heard, holder.failed, holder.gave_way):
            signal.disconnect()
        holder.setParent(None)
        self.holder = ModelHolder(self._opener, self)
        return UnderWay(holder, self.model, text)

    def take_over(self, found: UnderWay) -> None:
        """Continue with the model and the conversation of the page before."""
        self._follow(found.holder)
        self.model = found.view_model
        conversation, live = self.model.conversation, self.model.live
        if live:
            place = len(conversation.exchanges) - 1
            before = conversation.model_copy(update={"exchanges": conversation.exchanges[:place]})
            self._transcript.show_conversation(before)
            last = conversation.exchanges[place]
            self._transcript.begin(place, last.question, live, blind=last.blind)
        else:
            self._transcript.show_conversation(conversation)
        self.changed.emit()

    def shut_down(self) -> None:
        """Let the model go, and finish writing."""
        self.blind.shut_down()
        self.holder.shut_down()
        self._transcript.shut_down()
        self._keeper.flush()
        if self._notes is not None:
            self._notes.close()
