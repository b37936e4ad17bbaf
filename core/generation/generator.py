"""The loop that writes many answers at once, token by token, while new requests are read."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.chat.tokens import render_prompt
from core.data.example import Message
from core.errors import UserFacingError, is_out_of_memory
from core.generation.answers import stop_tokens
from core.generation.sampling import Draw, next_tokens
from core.generation.spec import BASE, Ask, Done, Hearer, Piece, Refused
from core.generation.text import Writer, Written
from core.language import _

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from core.generation.decoder import Decoder

Reason = Literal["stop", "length", "cancelled"]

_LEAST_ROOM = 16  # tokens that an answer must have room for
_CHUNK = 512  # tokens of a prompt that are read between two steps of the others

logger = logging.getLogger(__name__)


@dataclass
class _Answer:
    """One request in progress.

    Attributes:
        ids: tokens of the prompt.
        read: so many of them are in the row.
        token: the one that was written last, not yet in the row.
    """

    ask: Ask
    hear: Hearer
    begun: float
    adapter: int
    ids: list[int]
    writer: Writer
    most: int
    dice: random.Random
    row: int = -1
    read: int = 0
    token: int = -1
    tokens: int = 0
    first: float | None = None
    cancelled: bool = False

    def next_draw(self) -> Draw:
        return Draw(self.ask.temperature, self.ask.top_p, self.dice.random())


@dataclass
class _Row:
    """What a row holds: tokens that were read or written with an adapter."""

    adapter: int = 0
    ids: list[int] = field(default_factory=list)


class BatchGenerator:
    """A :class:`core.generation.spec.Generator` on a decoder; works in a thread of its own."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        decoder: Decoder,
        models: Sequence[str] = (BASE,),
    ) -> None:
        """Take a loaded model.

        Args:
            models: names by the number of their adapter, the base first.
        """
        self.models: Sequence[str] = tuple(models)
        self.context, self.slots = decoder.context, decoder.slots
        self._tokenizer, self._decoder = tokenizer, decoder
        self._stops = frozenset(stop_tokens(model, tokenizer))
        self._waiting: deque[_Answer] = deque()
        self._answers: dict[str, _Answer] = {}
        self._rows = [_Row() for _ in range(decoder.slots)]
        self._active: dict[int, _Answer] = {}
        self._news = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="answers", daemon=True)
        self._thread.start()

    def ask(self, ask: Ask, hear: Hearer) -> None:
        """See :class:`core.generation.spec.Generator`; a bad request is refused in this thread."""
        try:
            answer = self._prepared(ask, hear)
        except UserFacingError as error:
            hear(_refusal(ask, error))
            return
        with self._news:
            if self._closing or ask.id in self._answers:
                code = "generation.closed" if self._closing else "generation.id_in_use"
                hear(_refusal(ask, _not_now(code)))
                return
            self._answers[ask.id] = answer
            self._waiting.append(answer)
            self._news.notify()

    def cancel(self, id: str) -> None:
        """See :class:`core.generation.spec.Generator`."""
        with self._news:
            if id in self._answers:
                self._answers[id].cancelled = True
                self._news.notify()

    def close(self) -> None:
        """See :class:`core.generation.spec.Generator`; returns when the thread has ended."""
        with self._news:
            self._closing = True
            for answer in self._answers.values():
                answer.cancelled = True
            self._news.notify()
        self._thread.join()

    def _prepared(self, ask: Ask, hear: Hearer) -> _Answer:
        begun = time.monotonic()
        if ask.model not in self.models:
            raise UserFacingError(
                "generation.unknown_model",
                _("There is no model called “{name}” here.", name=ask.model[:100]),
                _("Choose one of: {names}.", names=", ".join(self.models)),
            )
        messages = [Message(turn.role, turn.content) for turn in ask.messages]
        prompt = render_prompt(self._tokenizer, messages)
        ids = list(self._tokenizer(prompt, add_special_tokens=False)["input_ids"])
        room = self.context - len(ids)
        if room < _LEAST_ROOM:
            raise UserFacingError(
                "generation.prompt_too_long",
                _(
                    "The conversation has {count:,} tokens. There is room for {most:,}, the "
                    "answer included.",
                    count=len(ids),
                    most=self.context,
                ),
                _("Shorten it, or begin a new conversation."),
            )
        return _Answer(
            ask=ask,
            hear=hear,
            begun=begun,
            adapter=self.models.index(ask.model),
            ids=ids,
            writer=Writer(self._tokenizer, prompt, ask.stop),
            most=min(ask.max_tokens or room, room),
            dice=random.Random(ask.seed),  # noqa: S311 - nothing secret
        )

    def _work(self) -> None:
        while self._await_work():
            try:
                self._turn()
            except Exception as error:
                self._refuse_all(error)

    def _await_work(self) -> bool:
        """Wait for something to do; false at the end."""
        with self._news:
            while not (self._answers or self._closing):
                self._news.wait()
            return bool(self._answers)

    def _turn(self) -> None:
        """Let every answer in progress become one token longer, and read some of one prompt."""
        with self._news:
            gone = [answer for answer in self._answers.values() if answer.cancelled]
        for answer in gone:
            self._end(answer, "cancelled")
        self._admit()
        reading = next((a for a in self._active.values() if a.read < len(a.ids)), None)
        if reading is not None:
            self._read_some(reading)
        self._step()

    def _admit(self) -> None:
        """Give waiting requests a row, in their order."""
        while True:
            with self._news:
                free = [row for row in range(self.slots) if row not in self._active]
                if not (free and self._waiting):
                    return
                answer = self._waiting.popleft()
            answer.row = self._best_row(answer, free)
            held = self._rows[answer.row]
            same = _common(held, answer)
            answer.read = self._decoder.keep(answer.row, same)
            self._rows[answer.row] = _Row(answer.adapter, answer.ids[: answer.read])
            self._active[answer.row] = answer

    def _best_row(self, answer: _Answer, free: Sequence[int]) -> int:
        """The row that holds most of the prompt already, as in a conversation; else the first."""
        return max(free, key=lambda row: (_common(self._rows[row], answer), -row))

    def _read_some(self, answer: _Answer) -> None:
        some = answer.ids[answer.read : answer.read + _CHUNK]
        logits = self._decoder.read(answer.row, some, answer.adapter)
        answer.read += len(some)
        self._rows[answer.row].ids += some
        if answer.read == len(answer.ids):
            (token,) = next_tokens(logits[None], [answer.next_draw()])
            self._take(answer, token)

    def _step(self) -> None:
        writing = {row: a for row, a in sorted(self._active.items()) if a.token >= 0}
        if not writing:
            return
        logits: Tensor = self._decoder.step(
            {row: a.token for row, a in writing.items()},
            {row: a.adapter for row, a in writing.items()},
        )
        tokens = next_tokens(logits, [a.next_draw() for a in writing.values()])
        for answer, token in zip(writing.values(), tokens, strict=True):
            self._rows[answer.row].ids.append(answer.token)
            self._take(answer, token)

    def _take(self, answer: _Answer, token: int) -> None:
        """Tell of a token that was written, and end the answer where it ends."""
        answer.first = answer.first or time.monotonic()
        if token in self._stops:
            self._end(answer, "stop")
            return
        answer.token, answer.tokens = token, answer.tokens + 1
        self._tell(answer, answer.writer.feed(token))
        if answer.writer.stopped:
            self._end(answer, "stop")
        elif answer.tokens >= answer.most:
            self._end(answer, "length")

    def _tell(self, answer: _Answer, written: Sequence[Written]) -> None:
        for some in written:
            answer.hear(Piece(id=answer.ask.id, text=some.text, thinking=some.thinking))

    def _end(self, answer: _Answer, reason: Reason) -> None:
        self._tell(answer, answer.writer.close())
        now = time.monotonic()
        self._forget(answer)
        answer.hear(
            Done(
                id=answer.ask.id,
                reason=reason,
                prompt_tokens=len(answer.ids),
                tokens=answer.tokens,
                first_token_seconds=answer.first - answer.begun if answer.first else None,
                seconds=now - answer.begun,
            )
        )

    def _forget(self, answer: _Answer) -> None:
        self._active.pop(answer.row, None)
        with self._news:
            self._answers.pop(answer.ask.id, None)
            if answer in self._waiting:
                self._waiting.remove(answer)

    def _refuse_all(self, error: Exception) -> None:
        """A step failed: nothing that was in progress can be finished."""
        logger.exception("answers were broken off")
        for row in range(self.slots):
            self._rows[row] = _Row()
            self._decoder.keep(row, 0)
        why = _broken_off(error)
        for answer in list(self._active.values()) or list(self._waiting):
            self._forget(answer)
            answer.hear(_refusal(answer.ask, why))


def _common(row: _Row, answer: _Answer) -> int:
    """How many tokens of the prompt, but the last, the row holds already."""
    if row.adapter != answer.adapter:
        return 0
    count = 0
    for held, wanted in zip(row.ids, answer.ids[:-1], strict=False):
        if held != wanted:
            break
        count += 1
    return count


def _refusal(ask: Ask, error: UserFacingError) -> Refused:
    return Refused(id=ask.id, code=error.code, what=str(error.what), todo=str(error.todo))


def _not_now(code: str) -> UserFacingError:
    if code == "generation.closed":
        return UserFacingError(code, _("The model is being unloaded."), _("Load it again."))
    return UserFacingError(
        code, _("A request of this name is in progress."), _("Wait for its answer.")
    )


def _broken_off(error: Exception) -> UserFacingError:
    if isinstance(error, UserFacingError):
        return error
    if is_out_of_memory(error):
        return UserFacingError(
            "generation.out_of_memory",
            _("There was not enough memory for this answer."),
            _("Shorten the conversation, or close other programs that use the card."),
        )
    return UserFacingError(
        "generation.failed",
        _(
            "The answer was broken off by a fault: {fault}",
            fault=f"{type(error).__name__}: {error}",
        ),
        _("Ask again. If it happens each time, load the model again."),
    )
