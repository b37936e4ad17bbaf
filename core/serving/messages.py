"""What the child that holds a model is told and tells, besides questions and answers.

One JSON object a line: :class:`~core.generation.spec.Ask` and :class:`Cancel` go in; the events of
answers and the states :class:`Loading`, :class:`Ready` and :class:`LoadFailed` come out.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from core.generation.spec import Ask, Done, Line, Piece, Refused

Phase = Literal["libraries", "weights"]


class Cancel(Line):
    """The answer to this request is no longer wanted."""

    kind: Literal["cancel"] = "cancel"
    id: str


class Loading(Line):
    """The model is being loaded."""

    kind: Literal["loading"] = "loading"
    phase: Phase


class Ready(Line):
    """The model is loaded.

    Attributes:
        models: the names that can be asked.
        context: tokens that prompt and answer may have together.
        slots: answers that are written at the same time.
        memory: bytes that the child holds on the card, or of the computer's memory.
    """

    kind: Literal["ready"] = "ready"
    models: tuple[str, ...]
    context: int
    slots: int
    memory: int = 0


class LoadFailed(Line):
    """The model could not be loaded, or is gone."""

    kind: Literal["failed"] = "failed"
    code: str
    what: str
    todo: str
    details: str = ""


class Unloaded(Line):
    """The model was let go because nothing was asked for a while, or on demand."""

    kind: Literal["unloaded"] = "unloaded"


Answer = Piece | Done | Refused
Status = Loading | Ready | LoadFailed | Unloaded
_TOLD: TypeAdapter[Answer | Status] = TypeAdapter(
    Annotated[
        Piece | Done | Refused | Loading | Ready | LoadFailed | Unloaded,
        Field(discriminator="kind"),
    ]
)


def read_told(line: str | bytes) -> Answer | Status:
    """Return what the child told in one line.

    Raises:
        ValidationError: it is nothing known.
    """
    return _TOLD.validate_json(line)


def read_request(line: str | bytes) -> Ask | Cancel:
    """Return what the child is told in one line.

    Raises:
        ValueError: it is nothing known.
    """
    value = json.loads(line)
    if isinstance(value, dict) and value.get("kind") == "cancel":
        return Cancel.model_validate(value)
    return Ask.model_validate(value)
