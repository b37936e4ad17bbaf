"""What ``job.json`` says, taken as data: a run folder may come from elsewhere.

Only a training is ever taken up again from its file, and only from the values below. Whatever else
the file names is not obeyed: where a job reads and writes follows from its run folder alone.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UserFacingError
from core.files import read_json
from core.names import FolderText, Name
from core.project import RunFolder

_LIMIT = 1 << 20
_MOST_CARDS = 64


class TrainingParams(BaseModel):
    """The parameters of the job ``train``, see :mod:`core.training.job`.

    A new parameter must be declared here, or resuming forgets it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    dataset_version: Name
    base_model: FolderText
    more_of: Name | None = None
    processes: int | None = Field(default=None, ge=0, le=_MOST_CARDS)

    def to_json(self) -> dict[str, Any]:
        """Return the parameters as the job takes them."""
        return self.model_dump(exclude_none=True)


def training_params(run: RunFolder) -> dict[str, Any]:
    """Return what the training in ``run`` was asked to do.

    Raises:
        UserFacingError: ``job.json`` is missing, damaged, of another kind of job, or names what
            cannot be (code ``job.no_training``).
    """
    spec = read_json(run.job_file, _LIMIT)
    try:
        if spec["kind"] != "train":
            raise ValueError(f"a job of the kind {str(spec['kind'])[:40]!r}")
        return TrainingParams.model_validate(spec["params"]).to_json()
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise UserFacingError(
            "job.no_training",
            f"“{run.name}” is no training that this application can start or continue.",
            "Start a new training on the Settings page.",
            str(error),
        ) from error


def asked_of(run: RunFolder) -> dict[str, Any]:
    """Return the parameters of any job, only to look at; none where they cannot be read."""
    try:
        params = read_json(run.job_file)["params"]
    except (UserFacingError, KeyError, TypeError):
        return {}
    return params if isinstance(params, dict) else {}
