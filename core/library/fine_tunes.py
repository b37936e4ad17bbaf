"""Every fine-tune of your projects, with the facts that make it worth keeping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.bin import Binned, put_in_bin
from core.errors import UserFacingError
from core.events import Count, Finite
from core.hardware.system.energy import Usage
from core.jobs.spec import TrainParams, asked_of
from core.jobs.status import RunState
from core.jobs.supervisor import is_alive
from core.language import _
from core.project import Project, RunFolder
from core.queue.entries import read_queue
from core.storage.files import read_json
from core.storage.names import FolderText, Name
from core.storage.ordinary import is_ordinary_file
from core.training.result import read_trained


class _Facts(BaseModel):
    """What is needed here of ``facts.json``, which may come from elsewhere."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    base_model: FolderText
    dataset_version: Name
    seconds: Finite
    steps: Count
    best_loss: float
    energy_joules: Finite | None = None
    energy_seconds: Finite | None = None
    energy_missed: Finite | None = None


class _Scores(BaseModel):
    """The same of one side of ``evaluation.json``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    perplexity: float = Field(ge=0)


@dataclass(frozen=True, slots=True)
class FineTune:
    """One finished run.

    ``perplexity`` is (base, tuned) on unseen examples, ``None`` before an evaluation; ``seconds``
    the training time; ``energy`` is ``None`` where power could not be read.
    """

    project: Project
    run: RunFolder
    base_model: Path
    dataset_version: str
    seconds: float
    steps: int
    best_loss: float
    energy: Usage | None
    perplexity: tuple[float, float] | None


def list_fine_tunes(projects: Iterable[Path]) -> list[FineTune]:
    """Return the finished trainings of all projects that still exist, newest run first."""
    found = []
    for root in projects:
        try:
            project = Project.open(root)
        except UserFacingError:
            continue
        runs = sorted(project.runs("train"), key=lambda run: run.name, reverse=True)
        found += [tune for run in runs if (tune := _read(project, run))]
    return found


def _read(project: Project, run: RunFolder) -> FineTune | None:
    try:
        facts = _Facts.model_validate(dict(read_trained(run)))
    except (UserFacingError, ValidationError):
        return None  # unfinished, without a result, or not ours
    return FineTune(
        project=project,
        run=run,
        base_model=Path(facts.base_model),
        dataset_version=facts.dataset_version,
        seconds=facts.seconds,
        steps=facts.steps,
        best_loss=facts.best_loss,
        energy=_usage(facts),
        perplexity=_perplexity(run),
    )


def _usage(facts: _Facts) -> Usage | None:
    if facts.energy_joules is None:
        return None
    return Usage(facts.energy_joules, facts.energy_seconds or 0.0, facts.energy_missed or 0.0)


def _perplexity(run: RunFolder) -> tuple[float, float] | None:
    if not is_ordinary_file(run.evaluation_file):
        return None
    try:
        scores = read_json(run.evaluation_file)
        base, tuned = (_Scores.model_validate(scores[side]) for side in ("base", "tuned"))
    except (UserFacingError, ValidationError, KeyError, TypeError):
        return None
    return base.perplexity, tuned.perplexity


def delete(tune: FineTune, steps: Mapping[str, str | bool] | None = None) -> Binned:
    """Put one run with its adapter and checkpoints into the bin; exports elsewhere stay.

    Args:
        steps: what the wizard's steps knew of it.

    Raises:
        UserFacingError: a job still works in it, or the disk refuses.
    """
    require_unused(tune)
    return put_in_bin(tune.project, tune.run, steps=steps)


def require_unused(tune: FineTune) -> None:
    """Refuse to let something disappear under other work.

    Raises:
        UserFacingError: it is trained, compared or saved right now, or a run that waits or
            runs begins with it (code ``run.busy``).
    """
    name = tune.run.name
    if is_alive(tune.run):
        raise _busy(_("“{run}” is still running.", run=name), _("Stop it first, then delete it."))
    for kind in ("evaluate", "export"):
        for job in tune.project.runs(kind):
            if is_alive(job) and getattr(asked_of(job), "run", "") == tune.run.name:
                what = _("“{run}” is being used right now.", run=name)
                raise _busy(what, _("Wait until that is done, then delete it."))
    for entry in read_queue(tune.project):
        asked = asked_of(tune.project.run(entry.item.run))
        wanted = isinstance(asked, TrainParams) and asked.more_of == tune.run.name
        if wanted and entry.state in (RunState.WAITING, RunState.RUNNING, RunState.INTERRUPTED):
            what = _("A run in the queue continues from “{run}”.", run=name)
            todo = _(
                "Remove “{title}” from the queue first, or let it finish.", title=entry.item.title
            )
            raise _busy(what, todo)


def _busy(what: str, todo: str) -> UserFacingError:
    return UserFacingError("run.busy", what, todo)
