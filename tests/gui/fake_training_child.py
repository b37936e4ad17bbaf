"""A child that trains nothing but tells like a training: for tests of the window only."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import ClassVar

from core import contract
from core.contract import JobParams, JobResult
from core.events import Started
from core.jobs import supervisor, worker
from core.jobs.link import JobLink, Request
from core.jobs.spec import TrainingFacts
from core.project import RunFolder
from core.storage.files import read_json, write_json
from tests.foreign_files import BEHAVIOUR
from tests.gui.scenes import training_events

TOTAL = 40
DIES_AT = 12
SAVED_AT = 10


class FakeTraining(JobParams[TrainingFacts]):
    """What becomes of a training that trains nothing."""

    kind: ClassVar[str] = "train"

    dataset_version: str = ""
    base_model: str = ""
    seconds: float = 0.01
    waits_at: int | None = None
    dies: bool = False


class Failing(JobParams[JobResult]):
    """A job with a mistake in it."""

    kind: ClassVar[str] = "fail"


contract.KINDS["fail"] = "tests.gui.fake_training_child:Failing"


def train(folder: RunFolder, params: FakeTraining, link: JobLink) -> TrainingFacts:
    """Forty quick steps; ``seconds`` a step and whether it is killed on the way are parameters.

    After the step ``waits_at`` it waits until something is asked of it, or :func:`let_go_on`.
    """
    behaviour = folder.root / BEHAVIOUR
    if behaviour.exists():
        params = params.model_copy(update=read_json(behaviour))
    first = 1
    if (folder.root / "died").exists():
        first = SAVED_AT + 1
    for event in training_events(TOTAL - first + 1, TOTAL, card=False, first=first):
        if isinstance(event, Started) and first == 1:
            continue
        link.emit(event)
        if event.kind != "train_step":
            continue
        time.sleep(params.seconds)
        if event.step == params.waits_at:
            _wait(folder, link)
        if params.dies and first == 1 and event.step == DIES_AT:
            Path(folder.root / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if link.wait_while_paused("You paused the training.") is Request.STOP:
            raise worker.Stopped(_facts(folder, params))
    return _facts(folder, params)


def _wait(folder: RunFolder, link: JobLink) -> None:
    while link.request() is Request.RUN and not (folder.root / "go").exists():
        time.sleep(0.01)


def let_go_on(folder: RunFolder) -> None:
    """End the waiting of a training with ``waits_at``."""
    (folder.root / "go").touch()


def _facts(folder: RunFolder, params: FakeTraining) -> TrainingFacts:
    facts = TrainingFacts(
        base_model=params.base_model,
        dataset_version=params.dataset_version,
        seconds=1.0,
        steps=TOTAL,
        best_loss=0.5,
    )
    write_json(folder.facts_file, facts.model_dump(exclude_unset=True))
    return facts


def fail(_folder: RunFolder, _params: Failing, _link: JobLink) -> JobResult:
    """A mistake in the application."""
    raise RuntimeError("unforeseen")


def command(folder: RunFolder) -> list[str]:
    """Return the command of this child, also for the trainings that its queue starts."""
    return [sys.executable, "-m", "tests.gui.fake_training_child", str(folder.root)]


if __name__ == "__main__":
    worker.JOBS.update(train=f"{__spec__.name}:train", fail=f"{__spec__.name}:fail")
    contract.KINDS["train"] = f"{__spec__.name}:FakeTraining"
    supervisor.worker_command = command
    sys.exit(worker.main(sys.argv[1:]))
