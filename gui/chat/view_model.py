"""What is asked, answered and kept on the page Chat, without any widget."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from core.conversations.conversation import (
    MOST_EXCHANGES,
    Answer,
    Conversation,
    Exchange,
    Thumb,
    turns_for,
)
from core.conversations.store import new_name
from core.errors import UserFacingError
from core.generation.spec import BASE, Ask, Done, Piece, Refused

Partner = Literal["base", "tune", "both", "blind"]
Drawn = tuple[tuple[str, str], tuple[str, str]]
"""Request and model of answer A and of answer B."""
_CUT = 900_000  # characters; what is longer is not kept


@dataclass
class LiveAnswer:
    """An answer of the last question, written now or just before.

    Attributes:
        ask: what was asked.
        text, thinking: what has come so far.
        done: how it ended; ``None`` while it is written.
        refused: why there is none.
        details: technical text about that.
    """

    ask: Ask
    text: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    first: float | None = None
    thought_until: float | None = None
    done: Done | None = None
    refused: Refused | None = None
    details: str = ""

    @property
    def id(self) -> str:
        """The name of the request."""
        return self.ask.id

    @property
    def model(self) -> str:
        """Who answers."""
        return self.ask.model

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.done is not None or self.refused is not None

    def take(self, event: Piece | Done | Refused, now: float) -> None:
        """Take what was heard of it."""
        if isinstance(event, Done):
            self.done = event
        elif isinstance(event, Refused):
            self.refused = event
        else:
            if not event.text:
                return
            self.first = now if self.first is None else self.first
            if event.thinking:
                self.thinking.append(event.text)
                self.thought_until = now
            else:
                self.text.append(event.text)

    def thought_seconds(self) -> float:
        """Return how long it has thought."""
        if self.thought_until is None or self.first is None:
            return 0.0
        return max(0.0, self.thought_until - self.first)

    def answer(self) -> Answer:
        """Return it as it is kept."""
        done = self.done
        return Answer(
            model=self.model,
            text="".join(self.text)[:_CUT],
            thinking="".join(self.thinking)[:_CUT],
            thought_seconds=self.thought_seconds(),
            tokens=done.tokens if done else 0,
            seconds=done.seconds if done else 0.0,
            reason=done.reason if done else "cancelled",
            request=self.id,
        )


@dataclass
class Options:
    """How answers are drawn; ``length`` is the most tokens, 0 for as many as fit."""

    system: str = ""
    temperature: float = 0.7
    length: int = 0


class ChatViewModel:
    """One conversation at a time.

    Attributes:
        name: of its file; a new one has a name from the beginning.
        partner: who answers.
        tune: the fine-tune that answers, its run.
        live: the answers of the last question, if that was asked since it was opened.
        editing: the next question takes the place of the last one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.name = new_name()
        self.conversation = Conversation()
        self.options = Options()
        self.partner: Partner = "base"
        self.tune = ""
        self.live: list[LiveAnswer] = []
        self.editing = False

    def models(self) -> tuple[str, ...]:
        """Return who answers the next question."""
        if self.partner == "base" or not self.tune:
            return (BASE,)
        return (self.tune,) if self.partner == "tune" else (BASE, self.tune)

    @property
    def is_writing(self) -> bool:
        """Whether an answer is being written."""
        return any(not answer.is_over for answer in self.live)

    @property
    def is_full(self) -> bool:
        """Whether the conversation takes no more questions."""
        return len(self.conversation.exchanges) >= MOST_EXCHANGES

    def ask(self, question: str, drawn: Drawn | None = None) -> list[Ask]:
        """Begin an exchange and return what is to be asked; ``drawn``: blindly, by these."""
        place = len(self.conversation.exchanges)
        if self.editing and place:
            place -= 1
        return self._ask(question, place, drawn)

    def again(self) -> list[Ask]:
        """Ask the last question once more."""
        place = len(self.conversation.exchanges) - 1
        return self._ask(self.conversation.exchanges[place].question, place)

    def _ask(self, question: str, place: int, drawn: Drawn | None = None) -> list[Ask]:
        self.editing = False
        before = self.conversation.exchanges[:place]
        system = self.options.system
        exchange = Exchange(question=question, blind=drawn is not None)
        changed = self.conversation.with_exchange(exchange, place)
        self.conversation = changed.model_copy(update={"system": system})
        asks = [
            Ask(
                id=name,
                model=model,
                messages=turns_for(model, system, before, question),
                temperature=self.options.temperature,
                max_tokens=self.options.length,
            )
            for name, model in drawn or [(uuid.uuid4().hex, model) for model in self.models()]
        ]
        self.live = [LiveAnswer(ask) for ask in asks]
        return asks

    def take(self, event: Piece | Done | Refused) -> LiveAnswer | None:
        """Take what was heard; return the answer that it belongs to."""
        answer = next((answer for answer in self.live if answer.id == event.id), None)
        if answer is None or answer.is_over:
            return None
        answer.take(event, self._clock())
        if answer.is_over:
            self._keep()
        return answer

    def _keep(self) -> None:
        place = len(self.conversation.exchanges) - 1
        exchange = self.conversation.exchanges[place]
        rated = {answer.model: answer for answer in exchange.answers}
        ended = (one for one in self.live if one.done is not None)
        over = tuple(rated.get(one.model) or one.answer() for one in ended)
        kept = tuple(answer for answer in over if answer.text or answer.thinking)
        changed = exchange.model_copy(update={"answers": kept})
        self.conversation = self.conversation.with_exchange(changed, place)

    def refuse(self, error: UserFacingError) -> None:
        """No answer that is being written will end."""
        for answer in self.live:
            if not answer.is_over:
                answer.details = error.details
                refused = Refused(id=answer.id, code=error.code, what=error.what, todo=error.todo)
                self.take(refused)

    def begin_edit(self) -> str:
        """Return the last question, which the next one replaces."""
        self.editing = True
        return self.conversation.exchanges[-1].question

    def rate(self, place: int, model: str, thumb: Thumb) -> Answer:
        """Note what you think of an answer; the same thumb again takes it back."""
        answer = self.answer_of(place, model)
        return self._put(place, answer, thumb="" if answer.thumb == thumb else thumb)

    def correct(self, place: int, model: str, text: str) -> Answer:
        """Note how an answer should have been; the answer itself takes that back."""
        answer = self.answer_of(place, model)
        return self._put(place, answer, corrected="" if text == answer.text else text)

    def choose(self, place: int, model: str) -> tuple[str, str]:
        """Note which of two blind answers is better; return both requests, that one's first."""
        chosen = self._put(place, self.answer_of(place, model), thumb="up")
        answers = self.conversation.exchanges[place].answers
        other = next(answer for answer in answers if answer.model != model)
        self._put(place, other, thumb="")
        return chosen.request, other.request

    def answer_of(self, place: int, model: str) -> Answer:
        """Return one answer."""
        answers = self.conversation.exchanges[place].answers
        return next(answer for answer in answers if answer.model == model)

    def _put(self, place: int, answer: Answer, **changes: object) -> Answer:
        changed = answer.model_copy(update=changes)
        self.conversation = self.conversation.with_answer(place, changed)
        return changed

    def start_new(self) -> None:
        """Begin another conversation."""
        self.open(new_name(), Conversation())

    def open(self, name: str, conversation: Conversation) -> None:
        """Continue a conversation."""
        self.name, self.conversation = name, conversation
        self.live, self.editing = [], False

    @property
    def is_worth_keeping(self) -> bool:
        """Whether something was said."""
        return bool(self.conversation.exchanges)
