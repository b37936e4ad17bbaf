"""One conversation: questions with the answers that were given, and what a model is sent of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.generation.spec import Turn
from core.language import _

LONGEST_TEXT = 1 << 20
MOST_EXCHANGES = 2000
MOST_ANSWERS = 2
_TITLE_LETTERS = 60

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Name = Annotated[str, Field(max_length=200)]
Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Thumb = Literal["", "up", "down"]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Answer(_Kept):
    """What one model answered.

    Attributes:
        model: ``"base"`` or the name of a run.
        text: the answer, without the model's reasoning.
        thinking: its reasoning.
        thought_seconds: how long that took.
        tokens: of both together.
        seconds: from the question to the end.
        reason: why it ended (as in ``core.generation.spec.Done``).
        thumb: what you thought of it.
        corrected: the answer as you would have wanted it, ``""`` for not corrected.
        request: its name in the record of use.
    """

    model: Name
    text: Text = ""
    thinking: Text = ""
    thought_seconds: Amount = 0.0
    tokens: Annotated[int, Field(ge=0, le=10**9)] = 0
    seconds: Amount = 0.0
    reason: Literal["stop", "length", "cancelled"] = "stop"
    thumb: Thumb = ""
    corrected: Text = ""
    request: Name = ""

    @property
    def shown(self) -> str:
        """The text that counts: the correction, if there is one."""
        return self.corrected or self.text


class Exchange(_Kept):
    """A question and its answers; two models may have answered the same question.

    Attributes:
        blind: the names of who answered are not shown.
    """

    question: Text
    blind: bool = False
    answers: Annotated[tuple[Answer, ...], Field(max_length=MOST_ANSWERS)] = ()

    def answer_for(self, model: str) -> Answer | None:
        """Return what ``model`` answered, else what another one did."""
        own = (answer for answer in self.answers if answer.model == model)
        return next(own, self.answers[0] if self.answers else None)


class Conversation(_Kept):
    """What is kept of a conversation.

    Attributes:
        title: as you named it; ``""`` shows the first words instead.
        system: what the model was told before the first question.
        changed: when it was changed last, as ``YYYY-MM-DDTHH:MM:SS+00:00``.
    """

    format: Literal[1] = 1
    title: Name = ""
    system: Text = ""
    changed: Annotated[str, Field(max_length=40)] = ""
    exchanges: Annotated[tuple[Exchange, ...], Field(max_length=MOST_EXCHANGES)] = ()

    @property
    def headline(self) -> str:
        """The title, or the first words of the first question."""
        if self.title:
            return self.title
        first = self.exchanges[0].question if self.exchanges else ""
        words = " ".join(first[: 10 * _TITLE_LETTERS].split())
        if len(words) > _TITLE_LETTERS:
            return words[:_TITLE_LETTERS].rsplit(" ", 1)[0] + " …"
        return words or _("Conversation")

    def with_exchange(self, exchange: Exchange, place: int) -> Conversation:
        """Return it with ``exchange`` at ``place``, and nothing after it."""
        kept = (*self.exchanges[:place], exchange)
        return self.model_copy(update={"exchanges": kept})

    def revealed(self) -> Conversation:
        """Return it with all names."""
        shown = (one.model_copy(update={"blind": False}) for one in self.exchanges)
        return self.model_copy(update={"exchanges": tuple(shown)})

    def with_answer(self, place: int, answer: Answer) -> Conversation:
        """Return it with ``answer`` in the place of what the same model answered there."""
        exchange = self.exchanges[place]
        answers = tuple(answer if old.model == answer.model else old for old in exchange.answers)
        changed = exchange.model_copy(update={"answers": answers})
        exchanges = (*self.exchanges[:place], changed, *self.exchanges[place + 1 :])
        return self.model_copy(update={"exchanges": exchanges})


def turns_for(
    model: str, system: str, before: tuple[Exchange, ...], question: str
) -> tuple[Turn, ...]:
    """Return what a model is sent: each sees its own earlier answers."""
    turns = [Turn(role="system", content=system)] if system.strip() else []
    for exchange in before:
        answer = exchange.answer_for(model)
        if answer is None or not answer.shown:
            continue  # a question that nobody answered would stand beside the next one
        turns.append(Turn(role="user", content=exchange.question))
        turns.append(Turn(role="assistant", content=answer.shown))
    return (*turns, Turn(role="user", content=question))
