"""What a job tells while it works: typed events, one JSON object a line.

Every event carries ``kind`` (which type it is) and ``at`` (seconds of the monotonic clock since the
child started; the order of training points is by step, never by time).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_serializer,
    model_validator,
)

from core.contract import JobResult, read_result
from core.errors import UserFacingError
from core.language import Sentence, Value, told
from core.storage.names import Name

EVENTS_VERSION = 1
_SHORT, _LONG = 2_000, 100_000  # characters


def _cut(limit: int) -> BeforeValidator:
    """A text that is too long to be read is cut, not refused: it may be the reason of a failure."""

    def cut(text: object) -> object:
        if not isinstance(text, str) or len(text) <= limit:
            return text
        half = limit // 2
        return f"{text[:half]} … {text[-half:]}"

    return BeforeValidator(cut)


def _keep_sentence(text: object, check: ValidatorFunctionWrapHandler) -> object:
    """Pydantic would make an ordinary ``str`` of a sentence, which then forgets its source."""
    return text if isinstance(text, Sentence) and len(text) <= _SHORT else check(text)


Short = Annotated[str, _cut(_SHORT)]
"""A name or a code."""

Said = Annotated[str, _cut(_SHORT), WrapValidator(_keep_sentence)]
"""A sentence for you; a :class:`core.language.Sentence` stays one."""

Long = Annotated[str, _cut(_LONG)]
"""A question, an answer or technical details."""

Count = Annotated[int, Field(ge=0, le=2**53)]
Finite = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")

    at: Finite = 0.0


class _Source(BaseModel):
    """What a sentence was made of, see :class:`core.language.Sentence`."""

    source: Short
    plural: Short = ""
    count: int = 0
    parameters: dict[str, _Source | Value] = Field(default_factory=dict)

    @classmethod
    def of(cls, text: Sentence) -> _Source:
        """Return what ``text`` was made of, sentences among its parameters too."""
        return cls(
            source=text.source,
            plural=text.plural,
            count=text.amount,
            parameters={
                name: cls.of(value) if isinstance(value, Sentence) else value
                for name, value in text.parameters.items()
            },
        )

    def told(self) -> str | None:
        """Return the sentence in the present language, ``None`` where it has no such sentence."""
        parameters: dict[str, Value] = {}
        for name, value in self.parameters.items():
            text = value.told() if isinstance(value, _Source) else value
            if text is None and value is not None:
                return None
            parameters[name] = text
        return told(self.source, self.plural, self.count, parameters)


class _SpokenEvent(_Event):
    """An event with sentences.

    They are written down in English, and what they were made of beside them (``said``), so that
    the event is read in another language than the one that it was recorded in.
    """

    @model_serializer(mode="wrap")
    def _in_english(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = write(self)
        sentences = {name: text for name, text in self if isinstance(text, Sentence)}
        for name, text in sentences.items():
            data[name] = text.english
        if sentences:
            data["said"] = {
                name: _Source.of(text).model_dump(exclude_defaults=True)
                for name, text in sentences.items()
            }
        return data

    @model_validator(mode="before")
    @classmethod
    def _in_the_present_language(cls, data: object) -> object:
        if not isinstance(data, dict) or not isinstance(data.get("said"), dict):
            return data
        here = dict(data)
        for name, made_of in data["said"].items():
            try:
                text = _Source.model_validate(made_of).told()
            except (ValidationError, RecursionError):
                continue
            if text is not None and name in here:
                here[name] = text
        return here


class Started(_Event):
    """The child is alive. ``job`` is the kind of job; ``version`` that of this event format.

    A resumed run says so in a second ``Started`` with the step it resumes from: what was told
    of later steps is void.
    """

    kind: Literal["started"] = "started"
    job: Short
    version: int = EVENTS_VERSION
    resumed_from_step: Count | None = None


class Progress(_SpokenEvent):
    """How far one phase is. ``total`` is 0 while it is unknown; ``unit`` names what is counted.

    Attributes:
        part: which of the job's ``parts`` the phase is, from 1; 0 where nobody knows.
    """

    kind: Literal["progress"] = "progress"
    phase: Said
    done: Count = 0
    total: Count = 0
    unit: Said = ""
    part: Count = 0
    parts: Count = 0

    def share(self) -> float | None:
        """Return how far the whole job is, or the phase of a job without parts, from 0 to 1."""
        here = self.done / self.total if self.total else None
        if not self.parts:
            return here
        return min(1.0, (max(0, self.part - 1) + (here or 0.0)) / self.parts)


class Notice(_SpokenEvent):
    """One plain sentence for you, with a next step where there is one."""

    kind: Literal["notice"] = "notice"
    level: Literal["info", "good", "warning", "problem"] = "info"
    code: Short
    text: Said
    todo: Said = ""


class TrainStep(_Event):
    """One optimizer step.

    ``loss`` is the mean negative log-likelihood in nats per trained token, ``tokens`` all tokens
    computed, ``trained_tokens`` those with a label, ``seconds`` the wall time of the step, ``rows``
    the indices of the training examples that were used, ``row_losses`` and ``row_tokens`` the mean
    loss of each and its trained tokens, ``seconds_left`` the time to the end of the whole job,
    ``None`` until it was measured.
    """

    kind: Literal["train_step"] = "train_step"
    step: Count
    total_steps: Count
    epoch: Finite
    loss: float
    learning_rate: float
    grad_norm: float
    tokens: Count
    trained_tokens: Count
    seconds: Finite
    rows: tuple[Count, ...] = ()
    row_losses: tuple[float, ...] = ()
    row_tokens: tuple[Count, ...] = ()
    seconds_left: Finite | None = None


class Validation(_Event):
    """Loss (nats per trained token) on the held-out validation part after ``step``.

    ``by_task`` has the loss of each kind of task where the data name several; ``everyday`` is the
    loss on a few everyday answers, which nobody learns from; ``row_nats`` has the summed loss of
    each row of a small part, so that scores need not be those that chose the best step.
    """

    kind: Literal["validation"] = "validation"
    step: Count
    epoch: Finite
    loss: float
    is_best: bool
    by_task: dict[str, float] = Field(default_factory=dict)
    everyday: float | None = None
    row_nats: tuple[float, ...] = ()


class HealthVerdict(_SpokenEvent):
    """How the training goes, told when it changes: a light, one sentence and one action.

    ``settings`` holds values of the training's settings that would fix it (empty where none
    would), so that they can be offered. A red verdict is followed by the end of the job, with the
    last good state kept. ``rows`` are indices of training examples that it is about.
    """

    kind: Literal["health"] = "health"
    level: Literal["green", "amber", "red"]
    code: Short
    step: Count
    text: Said
    todo: Said = ""
    settings: dict[str, float] = Field(default_factory=dict)
    rows: tuple[Count, ...] = ()


class SampleAnswer(_Event):
    """A short answer of the model in training to one held-out question.

    ``expected``: what the example answers; ``""`` where nobody has answered.
    """

    kind: Literal["sample_answer"] = "sample_answer"
    step: Count
    question: Long
    answer: Long
    expected: Long = ""


class CheckpointSaved(_Event):
    """A checkpoint was verified and is the newest to resume from."""

    kind: Literal["checkpoint_saved"] = "checkpoint_saved"
    step: Count


class Telemetry(_Event):
    """One reading of the card and the machine; what cannot be read is ``None``.

    Temperatures in °C, power in watts, energy in joules since the job began, memory in bytes,
    utilisation and fan in percent, clock in MHz. ``cards`` counts those that train, 0 where the
    processor does; ``card`` is their name, ``""`` without one or while they cannot be read.
    ``ram_used`` is the computer's memory used by all programs, ``ram_own`` by this job alone.
    ``throttle`` names why the card runs below its clock, ``others`` counts other programs on it.
    ``warn_at`` and ``pause_at`` bound the warning band; ``lost_seconds`` is the time lost so far
    because the card slowed itself down, ``energy_missed`` the seconds whose energy is not known.
    """

    kind: Literal["telemetry"] = "telemetry"
    cards: Count = 0
    card: Short = ""
    temperature: Finite | None = None
    slowdown_at: Finite | None = None
    power: Finite | None = None
    energy: Finite | None = None
    energy_missed: Finite = 0.0
    memory_used: Count | None = None
    memory_total: Count | None = None
    utilisation: Finite | None = None
    throttled: bool | None = None
    throttle: tuple[Short, ...] = ()
    others: Count = 0
    memory_temperature: Finite | None = None
    warn_at: Finite | None = None
    pause_at: Finite | None = None
    lost_seconds: Finite = 0.0
    power_limit: Finite | None = None
    clock: Finite | None = None
    fan: Finite | None = None
    cpu_percent: Finite | None = None
    ram_used: Count | None = None
    ram_own: Count | None = None

    @property
    def on_card(self) -> bool:
        """Whether a card trains, be it readable now or not."""
        return bool(self.cards or self.card)


class Transfer(_Event):
    """How far a download is; bytes as they lie on the disk, never as they are announced.

    ``file`` is being fetched or checked now; while it is checked, ``done`` and ``total`` are those
    of the file. ``rate`` (bytes a second, over the last seconds) and
    ``seconds_left`` are ``None`` until they were measured.
    """

    kind: Literal["transfer"] = "transfer"
    phase: Literal["downloading", "checking"] = "downloading"
    file: Short
    done: Count
    total: Count
    rate: Finite | None = None
    seconds_left: Finite | None = None


class StateChanged(_SpokenEvent):
    """The job waits or works again; ``reason`` says why in plain words.

    ``by_itself``: it waits for the card or the disk and resumes without you.
    """

    kind: Literal["state_changed"] = "state_changed"
    state: Literal["running", "paused"]
    reason: Said = ""
    by_itself: bool = False


class QueueMoved(_Event):
    """A queue took up the training ``run``, or that training came to its end (``state``)."""

    kind: Literal["queue_moved"] = "queue_moved"
    run: Name
    state: Literal["running", "done", "stopped", "failed", "interrupted"]


class Finished(_Event):
    """The job ended. ``job`` is its kind and ``result`` what it gives.

    A result is ``None`` where a job gave none or one that this version does not understand. Earlier
    versions wrote no ``job``: then it is the kind that ``Started`` named, see :func:`from_line`.
    """

    kind: Literal["finished"] = "finished"
    outcome: Literal["completed", "stopped", "cancelled"]
    job: Short = ""
    result: SerializeAsAny[JobResult] | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_its_kind(cls, data: object, info: ValidationInfo) -> object:
        if not isinstance(data, dict):
            return data
        result = data.get("result")
        if isinstance(result, JobResult):
            return {**data, "job": result.kind}
        return {**data, "result": read_result(data.get("job") or info.context, result)}


class Failed(_SpokenEvent):
    """The job could not continue. The texts are for you, ``details`` is technical."""

    kind: Literal["failed"] = "failed"
    code: Short
    what: Said
    todo: Said
    details: Long = ""

    def as_error(self, todo: str = "") -> UserFacingError:
        """Return it as an error, with another next step where one is given."""
        return UserFacingError(self.code, self.what, todo or self.todo, self.details)


Event = Annotated[
    Started
    | Progress
    | Notice
    | TrainStep
    | Validation
    | HealthVerdict
    | SampleAnswer
    | CheckpointSaved
    | Telemetry
    | Transfer
    | StateChanged
    | QueueMoved
    | Finished
    | Failed,
    Field(discriminator="kind"),
]

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def to_line(event: Event) -> str:
    """Return the event as one line of JSON, with its line end."""
    return event.model_dump_json() + "\n"


def from_line(line: str, job: str = "") -> Event | None:
    """Return the event in ``line``, or ``None`` if the line is no known event.

    Args:
        job: the kind of job that tells, for lines that do not say it.
    """
    try:
        return _EVENT.validate_json(line, context=job)
    except ValidationError:
        return None


class EventSink(Protocol):
    """Where events go: the child's end of a job."""

    def emit(self, event: Event) -> None: ...  # noqa: D102
