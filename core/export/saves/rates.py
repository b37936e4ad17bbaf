"""How long saving takes: from what earlier savings took on this computer, else from its cores."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.errors import UserFacingError
from core.export.saves.forms import FORMS, Choice, Weights
from core.settings import application_folder
from core.storage.files import read_json, write_json

_KEPT = 60  # measured savings
_STARTING = 45.0  # seconds for loading programs, however small the model is
_LIMIT = 1 << 16  # bytes
_MOST = 30.0  # a measured time counts as at most so many times the estimated one, or its inverse


class Measured(BaseModel):
    """One saving: its form, the size of the whole model in 16 bits, and its seconds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    form: str
    quant: str = ""
    model: int = Field(gt=0)
    seconds: float = Field(gt=0, allow_inf_nan=False)


_LIST = TypeAdapter(list[Measured])


def _file() -> Path:
    return application_folder() / "savings.json"


def measured() -> list[Measured]:
    """Return what was measured on this computer, the newest last."""
    try:
        return _LIST.validate_python(read_json(_file(), _LIMIT))
    except (UserFacingError, ValidationError):
        return []


def note_seconds(choice: Choice, model: int, seconds: float) -> None:
    """Remember how long a saving took; ``model``: bytes of the whole model in 16 bits."""
    with suppress(UserFacingError, ValidationError):  # then the next estimate is a little worse
        one = Measured(form=choice.form, quant=choice.quant, model=model, seconds=seconds)
        kept = [*measured(), one][-_KEPT:]
        write_json(_file(), [entry.model_dump() for entry in kept])


def about_seconds(choice: Choice, weights: Weights, known: list[Measured] | None = None) -> float:
    """Return about how long it will take here.

    What was measured for the nearest size corrects what is expected of this computer's cores.

    Args:
        known: what was measured, by default read from the disk.
    """
    expected = _expected(choice, weights.model)
    earlier = measured() if known is None else known
    same = [one for one in earlier if (one.form, one.quant) == (choice.form, choice.quant)]
    if not same:
        return expected
    nearest = min(reversed(same), key=lambda one: abs(math.log(one.model / max(1, weights.model))))
    factor = nearest.seconds / _expected(choice, nearest.model)
    return expected * min(_MOST, max(1 / _MOST, factor))


def about_bytes(choice: Choice, weights: Weights) -> float:
    """Return about how much room it takes on the disk."""
    return FORMS[choice.form].size(weights, choice.quant)


def _expected(choice: Choice, model: int) -> float:
    effort = FORMS[choice.form].effort(choice.quant)
    return _STARTING + effort * model / 1e9 / (os.cpu_count() or 1)
