"""What the page remembers in the project: who was asked last, how, and in which conversation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.generation.spec import MOST_TOKENS
from core.storage.names import is_name
from gui.chat.view_model import ChatViewModel, Options, Partner


class Remembered(BaseModel):
    """May come from elsewhere with the project."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Annotated[str, Field(max_length=200)] = ""
    partner: Partner = "base"
    tune: Annotated[str, Field(max_length=200)] = ""
    system: Annotated[str, Field(max_length=20_000)] = ""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    length: Annotated[int, Field(ge=0, le=MOST_TOKENS)] = 0

    @classmethod
    def of(cls, model: ChatViewModel) -> Remembered:
        """Return what is worth finding again."""
        return cls(
            name=model.name if model.is_worth_keeping else "",
            partner=model.partner,
            tune=model.tune,
            **asdict(model.options),
        )

    @classmethod
    def read(cls, kept: Any) -> Remembered:
        """Return what is kept, or the defaults where it cannot be read."""
        try:
            found = cls.model_validate(kept)
        except ValidationError:
            return cls()
        return found if not found.name or is_name(found.name) else cls()

    def options(self) -> Options:
        """Return how answers were drawn."""
        return Options(self.system, self.temperature, self.length)
