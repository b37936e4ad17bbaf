"""What the job that tries prompts is asked to do and what it gives."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from core.contract import JobParams, JobResult
from core.jobs.scores import Word
from core.jobs.spec import DEFAULT_PROMPTED
from core.storage.names import FolderText, Name


class Tried(BaseModel):
    """How the base answered with this many examples in its prompt.

    Attributes:
        scores: of the answers, by name.
        word: what these say beside the answers without examples, by the result's measure.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    shots: int = Field(ge=0)
    scores: dict[str, float]
    word: Word = "unknown"


class PromptsResult(JobResult):
    """How far a prompt gets, and whether the base knows the subject.

    Attributes:
        part: the part of the dataset whose questions were asked.
        questions: how many.
        measure: the score by which answers are judged.
        tried: 0, 1, 3 and 5 examples, as far as there is room.
        answers: nats per token of the expected answers under the base; ``tasks``: by task.
        everyday: the same of everyday answers.
    """

    kind: ClassVar[str] = "prompts"

    part: str = "validation"
    questions: int = Field(default=0, ge=0)
    measure: str = "chrf"
    tried: list[Tried] = Field(default_factory=list)
    answers: float | None = None
    tasks: dict[str, float] = Field(default_factory=dict)
    everyday: float | None = None

    @property
    def best(self) -> Tried | None:
        """The one with the best score; of equal ones that with the fewest examples."""
        return max(
            self.tried,
            key=lambda one: (one.scores.get(self.measure, 0.0), -one.shots),
            default=None,
        )


class PromptsParams(JobParams[PromptsResult]):
    """Ask a base model some unseen questions with 0, 1, 3 and 5 examples before each."""

    kind: ClassVar[str] = "prompts"

    dataset_version: Name
    base_model: FolderText
    questions: int = Field(default=DEFAULT_PROMPTED, ge=1)
