"""What crosses into a child process and back: the parameters and the result of a job, as types.

Every kind of job has one class of parameters, and that class names the class of its result: a job
that is given :class:`core.jobs.spec.TrainParams` gives :class:`core.jobs.spec.TrainingFacts`. On
disk both are plain JSON beside the kind of the job, which tells them apart (``job.json``: ``kind``
and ``params``; the event ``Finished``: ``job`` and ``result``).

The classes lie where their fields are known, so they are named here and imported when one is read:
no package has to know those that are built on it.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.language import Sentence

KINDS: dict[str, str] = {
    "scan": "core.data.spec:ScanParams",
    "prepare": "core.data.spec:PrepareParams",
    "learning": "core.jobs.spec:LabelPreviewParams",
    "leave_out": "core.data.spec:LeaveOutParams",
    "sample_model": "core.jobs.spec:SampleModelParams",
    "model_offer": "core.models.hub.offer:OfferParams",
    "download": "core.models.hub.download:DownloadParams",
    "engine": "core.installation.spec:EngineParams",
    "update": "core.installation.updates.spec:UpdateParams",
    "doctor": "core.doctor.spec:DoctorParams",
    "trial": "core.jobs.spec:TrialParams",
    "train": "core.jobs.spec:TrainParams",
    "queue": "core.jobs.spec:QueueParams",
    "evaluate": "core.jobs.spec:EvaluateParams",
    "prompts": "core.evaluation.prompts.spec:PromptsParams",
    "export": "core.jobs.spec:ExportParams",
    "proof": "core.jobs.spec:ProofParams",
    "merged_proof": "core.export.spec:MergedProofParams",
    "pairs": "core.pairs.spec:PairsParams",
    "four_bits_proof": "core.export.four_bits.spec:FourBitsProofParams",
    "gguf": "core.export.gguf.spec:GgufParams",
    "gguf_proof": "core.export.gguf.spec:GgufProofParams",
}


class JobResult(BaseModel):
    """What a job gives; a subclass for each kind of job."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")

    kind: ClassVar[str] = ""

    def document(self) -> dict[str, object]:
        """Return the result as JSON in English, for a file or for ``--json``."""
        return {name: plain(value) for name, value in self.model_dump().items()}


def plain(value: object) -> object:
    """Return a value as JSON in English: sentences are written in their source language."""
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value.english if isinstance(value, Sentence) else value


Result = TypeVar("Result", bound=JobResult)


class JobParams(BaseModel, Generic[Result]):
    """What a job is asked to do; a subclass for each kind of job, which names its result."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: ClassVar[str] = ""

    @classmethod
    def result_type(cls) -> type[JobResult]:
        """Return the class of the result."""
        for parent in cls.__mro__:
            given = getattr(parent, "__pydantic_generic_metadata__", {}).get("args") or (None,)
            if isinstance(given[0], type) and issubclass(given[0], JobResult):
                return given[0]
        raise TypeError(f"{cls.__name__} names no result")

    def values(self) -> dict[str, object]:
        """Return the parameters as ``job.json`` holds them."""
        return self.model_dump(mode="json", exclude_none=True)


def params_type(kind: str) -> type[JobParams[Any]]:
    """Return the class of the parameters of this kind of job.

    Raises:
        KeyError: there is no such kind.
    """
    module, _, name = KINDS[kind].partition(":")
    found: type[JobParams[Any]] = getattr(importlib.import_module(module), name)
    return found


def read_result(kind: object, values: object) -> JobResult | None:
    """Return a recorded result; ``None`` if there is none, or none of this kind."""
    if not isinstance(values, Mapping) or not isinstance(kind, str) or kind not in KINDS:
        return None
    try:
        return params_type(kind).result_type().model_validate(values)
    except ValidationError:
        return None
