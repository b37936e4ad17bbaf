"""What jobs are given and what they give, and ``job.json``, which holds the former.

``job.json`` is written once, before the child starts. A run folder may come from elsewhere, so that
file is taken as data: only a run is ever taken up again from it, and only from the values
that :class:`TrainParams` allows. Where a job reads and writes follows from its run folder alone.

The parameters of jobs about files and about the hub lie with them: :mod:`core.data.spec`,
:mod:`core.models.hub.offer` and :mod:`core.models.hub.download`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from core.contract import JobParams, JobResult, params_type
from core.errors import UserFacingError
from core.jobs.likeness import Answered, Likeness
from core.jobs.scores import Difference, Forgetting, FormatRule, Prompted, Scores
from core.language import _
from core.project import RunFolder
from core.storage.files import read_json, write_json
from core.storage.names import FolderText, Name

_LIMIT = 1 << 20
_MOST_CARDS = 64
DEFAULT_QUANT = "Q4_K_M"
DEFAULT_PROMPTED = 20
"""This many of them are also asked with examples before them."""
DEFAULT_QUESTIONS = 50
"""This many held-out questions are answered unless another number is asked for."""


class LabelPreviewResult(JobResult):
    """How many examples were looked at, and how many of them cannot be learned from."""

    kind: ClassVar[str] = "learning"

    examples: int = 0
    faults: int = 0


class LabelPreviewParams(JobParams[LabelPreviewResult]):
    """Look at every example of a version as a base model reads it."""

    kind: ClassVar[str] = "learning"

    dataset_version: Name
    base_model: FolderText


class SampleModelResult(JobResult):
    """Where the sample model is."""

    kind: ClassVar[str] = "sample_model"

    base_model: FolderText


class SampleModelParams(JobParams[SampleModelResult]):
    """Make the sample model."""

    kind: ClassVar[str] = "sample_model"


class TrialResult(JobResult):
    """What a trial measured.

    Attributes:
        tokens_per_second: speed of training.
        peak_memory_bytes: reserved on the card, or of the process.
        total_seconds: of the whole run without early stopping.
        energy_joules: ``None`` where power cannot be read, as ``watts``.
    """

    kind: ClassVar[str] = "trial"

    tokens_per_second: float
    validation_seconds: float | None = None
    save_seconds: float | None = None
    peak_memory_bytes: int | None = None
    total_seconds: float | None = None
    seconds_per_epoch: float | None = None
    device: str = ""
    energy_joules: float | None = None
    watts: float | None = None


class TrialParams(JobParams[TrialResult]):
    """Measure a few steps of such a run, on one card. The settings are in ``config.yaml``."""

    kind: ClassVar[str] = "trial"

    dataset_version: Name
    base_model: FolderText
    more_of: Name | None = None


class TrainingFacts(JobResult):
    """What is known about a run that ended; also the content of ``facts.json``.

    Attributes:
        more_of: the finished run whose adapter was trained further.
        base_contents: hash of the base's weights.
        preferences: whether it learned from judgements.
        best_step: step of the best validation, 0 when it is the one before the first step.
        energy_joules: ``None`` where power could not be read.
        energy_missed: seconds whose energy is not known.
        judged_questions: hashes of the questions about which it, or what it began with, learned
            judgements; for this model they are no unseen questions.
        environment: the versions that a result depends on.
    """

    kind: ClassVar[str] = "train"

    dataset_version: str = ""
    base_model: str = ""
    more_of: str | None = None
    processes: int | None = None
    steps: int = 0
    total_steps: int = 0
    epochs: float = 0.0
    base_contents: str = ""
    base_loss: float = float("nan")
    best_loss: float = float("inf")
    best_step: int | None = None
    last_loss: float = float("nan")
    seconds: float = 0.0
    tokens: int = 0
    trainable_parameters: int = 0
    energy_joules: float | None = None
    energy_seconds: float | None = None
    energy_missed: float | None = None
    device: str = ""
    environment: dict[str, str] = Field(default_factory=dict)
    preferences: bool | None = None
    judged_questions: tuple[str, ...] = ()

    @model_serializer(mode="wrap")
    def _without_what_was_not_asked(
        self, write: SerializerFunctionWrapHandler
    ) -> dict[str, object]:
        data: dict[str, object] = write(self)
        return {
            name: value
            for name, value in data.items()
            if value is not None or name not in ("more_of", "processes", "preferences")
            if name != "judged_questions" or value
        }

    @property
    def learned(self) -> bool:
        """Whether the training gave an adapter that is not the untrained one.

        One that learned from ratings and was never better than its start gave nothing either.
        """
        began_trained = self.more_of is not None and not self.preferences
        return bool(self.steps) and (began_trained or self.best_step != 0)


class PreferenceParams(BaseModel):
    """How a run learns from judgements, see :mod:`core.training.preferences.objective`.

    Attributes:
        judgements: SHA-256 of ``judgements.jsonl`` in the run's folder.
        beta: how far the model may move; less lets it move further.
        anchor: weight of the loss per token of the answers that are wanted.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    judgements: str = Field(pattern=r"^[0-9a-f]{64}$")
    beta: float = Field(default=0.1, gt=0, le=10)
    anchor: float = Field(default=0.2, ge=0, le=10)


class TrainParams(JobParams[TrainingFacts]):
    """Train, or continue from the newest whole checkpoint. The settings are in ``config.yaml``.

    Attributes:
        more_of: a finished run whose adapter is trained further.
        processes: how many train together; by default one for each card of the same kind.
        preferences: what was judged is learned, not the examples of the dataset version.
    """

    kind: ClassVar[str] = "train"

    dataset_version: Name
    base_model: FolderText
    more_of: Name | None = None
    processes: int | None = Field(default=None, ge=0, le=_MOST_CARDS)
    preferences: PreferenceParams | None = None

    @property
    def trial(self) -> TrialParams:
        """What a trial of this training is asked to do."""
        return TrialParams(
            dataset_version=self.dataset_version, base_model=self.base_model, more_of=self.more_of
        )


class QueueResult(JobResult):
    """The state in which each run of the queue ended, by name."""

    kind: ClassVar[str] = "queue"

    runs: dict[str, str] = Field(default_factory=dict)


class QueueParams(JobParams[QueueResult]):
    """Run what waits in the project's queue."""

    kind: ClassVar[str] = "queue"


class EvaluationResult(JobResult):
    """Scores of base and fine-tune.

    Attributes:
        part: the part of the dataset that they were measured on.
        examples: how many of its examples.
        left_out: how many more it has, about which this fine-tune learned judgements.
        nested: they chose the best step too, so each was measured with the step that the others
            choose (:mod:`core.evaluation.measuring.nested`).
        format: the regular expression that answers should match, ``""`` for none.
        forgetting: ``None`` where the base answers nothing.
        rules: where no format was given, what the training answers of each task share.
        differences: each score beside that of another model, with its interval.
        prompted: the base with examples in its prompt.
        single_tasks: each task of a mixture beside a run that learned it alone.
        own_learned: your own questions that were not asked, as the fine-tune was trained on them.
    """

    kind: ClassVar[str] = "evaluate"

    run: str = ""
    part: str = "validation"
    examples: int = Field(ge=0, le=2**53)
    left_out: int = Field(default=0, ge=0, le=2**53)
    nested: bool = False
    format: str = ""
    base: Scores
    tuned: Scores
    forgetting: Forgetting | None = None
    rules: dict[str, list[FormatRule]] = Field(default_factory=dict)
    differences: list[Difference] = Field(default_factory=list)
    prompted: list[Prompted] = Field(default_factory=list)
    single_tasks: list[Difference] = Field(default_factory=list)
    own_learned: list[str] = Field(default_factory=list)

    @model_serializer(mode="wrap")
    def _without_what_was_not_looked_at(
        self, write: SerializerFunctionWrapHandler
    ) -> dict[str, object]:
        data: dict[str, object] = write(self)
        for name in ("left_out", "nested"):
            if not data[name]:
                del data[name]
        return {name: value for name, value in data.items() if value not in ([], {})}


class EvaluateParams(JobParams[EvaluationResult]):
    """Compare the fine-tune of a run with its base, on at most ``questions`` questions.

    Attributes:
        prompted: on how many of them the base also answers with examples in its prompt.
        everyday: how many everyday questions are asked, as many of each kind; 0 for all.
    """

    kind: ClassVar[str] = "evaluate"

    run: Name
    questions: int = Field(default=DEFAULT_QUESTIONS, ge=1)
    prompted: int = Field(default=DEFAULT_PROMPTED, ge=0)
    everyday: int = Field(default=0, ge=0)


class Proven(JobResult):
    """What the proof of an export found.

    Attributes:
        largest_difference: between the adapter's logits and those of the trained model; ``None``
            for other forms.
        answer: what it answered to the first probe.
        ended_by_itself: the answer ended before the limit.
        onto: what the adapter was merged into.
        candidates: what was measured, by what the adapter was merged into.
        likeness: of what was saved; ``None`` for an adapter, which must be equal.
        quant: how GGUF is packed.
        speed: tokens a second on this computer, by what loads it; llama.cpp uses the processor.
        answers: held-out questions with the fine-tune's answers and its own.
    """

    largest_difference: float | None = None
    answer: str = ""
    ended_by_itself: bool = False
    onto: str = ""
    candidates: dict[str, Likeness] = Field(default_factory=dict)
    likeness: Likeness | None = None
    quant: str = ""
    speed: float | None = None
    answers: list[Answered] = Field(default_factory=list)


class ExportResult(Proven):
    """Where the export is, what its proof found, and the bytes of the whole folder."""

    kind: ClassVar[str] = "export"

    folder: str
    form: str = "adapter"
    size: int = 0

    @model_serializer(mode="wrap")
    def _without_what_an_adapter_has_not(
        self, write: SerializerFunctionWrapHandler
    ) -> dict[str, object]:
        data: dict[str, object] = write(self)
        extra = ("onto", "candidates", "likeness", "quant", "speed", "answers", "size")
        return {n: v for n, v in data.items() if v or n not in extra}


class ExportParams(JobParams[ExportResult]):
    """Save the fine-tune of a run in the new folder ``to``; ``quant``: how GGUF is packed."""

    kind: ClassVar[str] = "export"

    run: Name
    to: FolderText
    form: str = "adapter"
    quant: str = DEFAULT_QUANT


class ProofResult(JobResult):
    """What an export computes in a process of its own.

    Attributes:
        ended: the answer ended before the limit.
        speed: tokens a second of that answer.
        text: what its tokenizer or template does differently, ``""`` for nothing.
    """

    kind: ClassVar[str] = "proof"

    largest_difference: float
    answer: str
    ended: bool
    speed: float = 0.0
    text: str = ""


class ProofParams(JobParams[ProofResult]):
    """Load an export and compute what the trained model computed.

    Attributes:
        chats: conversations, as the chat template takes them.
        prompts: what it makes of them.
        ids: their token numbers.
    """

    kind: ClassVar[str] = "proof"

    export: FolderText
    base_model: FolderText
    quantisation: str
    chats: list[list[dict[str, JsonValue]]]
    prompts: list[str]
    ids: list[list[int]]


def write_spec(run: RunFolder, params: JobParams[Any]) -> None:
    """Write ``job.json``.

    Raises:
        UserFacingError: the disk refuses.
    """
    write_json(run.job_file, {"kind": params.kind, "params": params.values()})


def read_spec(run: RunFolder) -> JobParams[Any]:
    """Return what the job in ``run`` is asked to do.

    Raises:
        UserFacingError: ``job.json`` is missing or damaged, its kind is not known (code
            ``job.unknown``), or its values cannot be used (code ``job.damaged``).
    """
    spec = read_json(run.job_file)
    kind = spec.get("kind") if isinstance(spec, dict) else None
    try:
        wanted = params_type(str(kind))
    except KeyError:
        raise UserFacingError(
            "job.unknown",
            _(
                "This version of Homelab Tuner does not know jobs of the kind “{kind}”.",
                kind=str(kind)[:40],
            ),
            _("Open the project with the version of Homelab Tuner that made it."),
        ) from None
    try:
        return wanted.model_validate(spec.get("params"))
    except ValidationError as error:
        raise UserFacingError(
            "job.damaged",
            _("The stored settings of “{run}” are damaged.", run=run.name),
            _("Start it again from its page."),
            str(error),
        ) from error


def training_params(run: RunFolder) -> TrainParams:
    """Return what the training in ``run`` was asked to do.

    Raises:
        UserFacingError: ``job.json`` is missing, damaged, of another kind of job, or names what
            cannot be (code ``job.no_training``).
    """
    spec = read_json(run.job_file, _LIMIT)
    try:
        if spec["kind"] != "train":
            raise ValueError(f"a job of the kind {str(spec['kind'])[:40]!r}")
        return TrainParams.model_validate(spec["params"])
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise UserFacingError(
            "job.no_training",
            _("“{run}” is not a run that this application can start or resume.", run=run.name),
            _("Start a new run on the Settings page."),
            str(error),
        ) from error


def asked_of(run: RunFolder) -> JobParams[Any] | None:
    """Return the parameters of any job, only to look at; ``None`` where they cannot be read."""
    try:
        return read_spec(run)
    except UserFacingError:
        return None


def no_result() -> UserFacingError:
    """Return what to say where a job ended but its result cannot be read."""
    return UserFacingError(
        "job.no_result", _("The job ended, but its result cannot be read."), _("Start it again.")
    )
