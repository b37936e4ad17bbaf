"""What is asked of a loaded model, and what is heard of the answer while it is written.

These types cross processes as JSON lines (the chat asks a child process), so they are pydantic
models; a discriminator tells the events apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

BASE = "base"
"""The name under which the base model itself answers, beside its fine-tunes."""

MOST_TOKENS = 32_768


class Line(BaseModel):
    """What crosses to another process as one line."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def line(self) -> bytes:
        """Return this as one line of JSON."""
        return self.model_dump_json().encode() + b"\n"


class Turn(Line):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str


class Ask(Line):
    """A request for one answer.

    Attributes:
        id: chosen by whoever asks, unique among the requests in progress.
        model: :data:`BASE` or the name of a fine-tune (its run).
        messages: the conversation; the last turn is the one to answer.
        temperature: 0 always takes the likeliest token.
        top_p: only the likeliest tokens that together have this probability are drawn from.
        max_tokens: the answer ends after these, 0 for as many as there is room for.
        stop: texts that end the answer and do not belong to it.
        seed: the same seed draws the same answer where the same requests run beside it.
    """

    kind: ClassVar[str] = "ask"

    id: str
    model: str = BASE
    messages: tuple[Turn, ...] = Field(min_length=1)
    temperature: float = Field(default=0.7, ge=0.0, le=5.0)
    top_p: float = Field(default=0.95, gt=0.0, le=1.0)
    max_tokens: int = Field(default=0, ge=0, le=MOST_TOKENS)
    stop: tuple[str, ...] = Field(default=(), max_length=16)
    seed: int | None = None


class Piece(Line):
    """Some more text of an answer; the pieces of one kind make up the whole text.

    Attributes:
        thinking: it belongs to the model's reasoning, not to its answer.
    """

    kind: Literal["piece"] = "piece"
    id: str
    text: str
    thinking: bool = False


class Done(Line):
    """The answer has ended; nothing comes after it.

    Attributes:
        reason: the model ended it, its room was used up, or it was cancelled.
        first_token_seconds: from the request to the first token, waiting included.
        seconds: from the request to the end.
    """

    kind: Literal["done"] = "done"
    id: str
    reason: Literal["stop", "length", "cancelled"]
    prompt_tokens: int = 0
    tokens: int = 0
    first_token_seconds: float | None = None
    seconds: float = 0.0


class Refused(Line):
    """There will be no (further) answer, and why; nothing comes after it.

    Attributes:
        code: of the ``UserFacingError``, such as ``generation.prompt_too_long``.
        what: one sentence.
        todo: the next step.
    """

    kind: Literal["refused"] = "refused"
    id: str
    code: str
    what: str
    todo: str


Hearer = Callable[[Piece | Done | Refused], None]


class Generator(Protocol):
    """A loaded base with its fine-tunes that answers many requests at once.

    Attributes:
        models: the names that can be asked, :data:`BASE` first.
        context: tokens that prompt and answer may have together.
        slots: answers that are written at the same time; further requests wait in order.
    """

    models: Sequence[str]
    context: int
    slots: int

    def ask(self, ask: Ask, hear: Hearer) -> None:
        """Begin an answer and return at once.

        ``hear`` is called in the generator's own thread, in order, and must be quick; the last call
        is ``Done`` or ``Refused``, exactly once.
        """

    def cancel(self, id: str) -> None:
        """End an answer early (``Done`` with ``cancelled``); unknown names do nothing."""

    def close(self) -> None:
        """Cancel what is in progress and let the memory go."""
