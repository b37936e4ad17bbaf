"""``evaluation.json`` of a run, read as data: the run may come from elsewhere."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UserFacingError
from core.files import read_json
from core.jobs.events import Count
from core.language import _
from core.project import RunFolder

_MOST_ANSWERS = 5000


class _Scores(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    perplexity: float = Field(ge=0)
    format_share: float | None = None
    exact_match: float | None = None
    bleu: float | None = None
    chrf: float | None = None


class _Forgetting(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    base: float
    tuned: float


class _Answers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    question: str
    base: str
    tuned: str
    reference: str = ""
    kind: str = "held_out"
    cut: bool = False


class _Evaluation(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    examples: Count
    base: _Scores
    tuned: _Scores
    forgetting: _Forgetting | None = None
    answers: list[_Answers] = Field(default=[], max_length=_MOST_ANSWERS)


def read_evaluation(run: RunFolder) -> dict[str, Any]:
    """Return what was measured, as it is stored.

    Raises:
        UserFacingError: missing, or not as the job writes it (code ``evaluation.damaged``).
    """
    stored = read_json(run.evaluation_file)
    try:
        _Evaluation.model_validate(stored, strict=True)
    except ValidationError as error:
        raise UserFacingError(
            "evaluation.damaged",
            _("The comparison of “{run}” with its base model is damaged.", run=run.name),
            _("Let both models answer again."),
            str(error),
        ) from error
    found: dict[str, Any] = stored
    return found
