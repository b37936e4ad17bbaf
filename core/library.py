"""Every fine-tune of the person's projects, with the facts that make it worth keeping."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.bin import Binned, put_in_bin
from core.errors import UserFacingError
from core.files import read_json
from core.hardware.energy import Usage
from core.jobs.queue import read_queue
from core.jobs.run_state import RunState
from core.jobs.supervisor import is_alive
from core.project import Project, RunFolder
from core.training.more import MORE_OF


@dataclass(frozen=True, slots=True)
class FineTune:
    """One finished training.

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
        facts = read_json(run.facts_file)
        return FineTune(
            project=project,
            run=run,
            base_model=Path(facts["base_model"]),
            dataset_version=facts["dataset_version"],
            seconds=facts["seconds"],
            steps=facts["steps"],
            best_loss=facts["best_loss"],
            energy=_usage(facts),
            perplexity=_perplexity(run),
        )
    except (UserFacingError, KeyError, TypeError):
        return None  # unfinished, or not ours


def _usage(facts: dict[str, Any]) -> Usage | None:
    joules = facts.get("energy_joules")
    seconds, missed = (facts.get(f"energy_{name}") or 0.0 for name in ("seconds", "missed"))
    return None if joules is None else Usage(joules, seconds, missed)


def _perplexity(run: RunFolder) -> tuple[float, float] | None:
    if not run.evaluation_file.is_file():
        return None
    scores: dict[str, Any] = read_json(run.evaluation_file)
    return scores["base"]["perplexity"], scores["tuned"]["perplexity"]


def delete(tune: FineTune) -> Binned:
    """Put one run with its adapter and checkpoints into the bin; exports elsewhere stay.

    Raises:
        UserFacingError: a job still works in it, or the disk refuses.
    """
    require_unused(tune)
    return put_in_bin(tune.project, tune.run)


def require_unused(tune: FineTune) -> None:
    """Refuse to let something disappear under other work.

    Raises:
        UserFacingError: it is trained, compared or saved right now, or a training that waits or
            runs begins with it (code ``run.busy``).
    """
    if is_alive(tune.run):
        raise _busy(tune, "is still running", "Stop it first, then delete it.")
    for kind in ("evaluate", "export"):
        for job in tune.project.runs(kind):
            if is_alive(job) and _params(job).get("run") == tune.run.name:
                raise _busy(tune, "is being used right now", "Wait for that, then delete it.")
    for entry in read_queue(tune.project):
        wanted = _params(tune.project.run(entry.item.run)).get(MORE_OF) == tune.run.name
        if wanted and entry.state in (RunState.WAITING, RunState.RUNNING, RunState.INTERRUPTED):
            todo = f"Take “{entry.item.title}” out of the queue first, or let it end."
            raise _busy(tune, "is what a training in the queue goes on from", todo)


def _busy(tune: FineTune, why: str, todo: str) -> UserFacingError:
    return UserFacingError("run.busy", f"“{tune.run.name}” {why}.", todo)


def _params(run: RunFolder) -> dict[str, Any]:
    try:
        params = read_json(run.job_file)["params"]
    except (UserFacingError, KeyError, TypeError):
        return {}
    return params if isinstance(params, dict) else {}


def adapters_on(base_model: Path, projects: Iterable[Path]) -> list[FineTune]:
    """Return the fine-tunes that stop working when ``base_model`` is deleted."""
    return [tune for tune in list_fine_tunes(projects) if tune.base_model == base_model]
