"""``evaluation.json`` of a run, read as data: the run may come from elsewhere."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.data.example import Role
from core.errors import UserFacingError
from core.evaluation.facts.cases import MOST_CASES, FactCase
from core.jobs.spec import EvaluationResult
from core.language import _
from core.project import RunFolder
from core.storage.files import read_json

_MOST_ANSWERS = 5000
MOST_ROWS = 2000


class Turn(BaseModel):
    """One turn of a talk."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: Role
    text: str


class Answers(BaseModel):
    """One question with both answers; ``kind`` is ``"held_out"``, ``"general"`` or ``"own"``.

    Attributes:
        turns: what was said before the answer, where that is more than one question.
        cut: one of the two answers is longer than shown; ``base_cut``, ``tuned_cut``: which one,
            where that was kept.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    base: str
    tuned: str
    reference: str = ""
    kind: str = "held_out"
    turns: list[Turn] = []
    cut: bool = False
    base_cut: bool = False
    tuned_cut: bool = False


class Row(BaseModel):
    """What both models lost on one unseen example; the first rows belong to the first answers.

    Attributes:
        tokens: of its answer, 0 where nothing of it is learned.
        base, tuned: nats over all of them.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    tokens: int = Field(ge=0)
    base: float
    tuned: float
    task: str = ""


class Evaluation(EvaluationResult):
    """Scores with the answers and losses that they were computed from."""

    answers: list[Answers] = Field(default=[], max_length=_MOST_ANSWERS)
    rows: list[Row] = Field(default=[], max_length=MOST_ROWS)
    cases: list[FactCase] = Field(default=[], max_length=MOST_CASES)

    @property
    def held_out(self) -> list[Answers]:
        """The answers to examples that were not trained on, in their order."""
        return [answer for answer in self.answers if answer.kind == "held_out"]

    @property
    def scores(self) -> EvaluationResult:
        """The same without the answers."""
        return EvaluationResult.model_validate(dict(self))


def read_evaluation(run: RunFolder) -> Evaluation:
    """Return what was measured, as it is stored.

    Raises:
        UserFacingError: missing, or not as the job writes it (code ``evaluation.damaged``).
    """
    stored = read_json(run.evaluation_file)
    try:
        return Evaluation.model_validate(stored, strict=True)
    except ValidationError as error:
        raise UserFacingError(
            "evaluation.damaged",
            _("The comparison of “{run}” with its base model is damaged.", run=run.name),
            _("Let both models answer again."),
            str(error),
        ) from error
