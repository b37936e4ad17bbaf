"""A worker whose trainings train nothing: how each ends is a parameter of its job."""

import os
import signal
import sys
import time
from typing import ClassVar

from core import contract
from core.contract import JobParams
from core.errors import UserFacingError
from core.events import StateChanged
from core.jobs import worker
from core.jobs.link import Ended, Request
from core.jobs.spec import TrainingFacts
from core.storage.files import read_json
from tests.foreign_files import BEHAVIOUR


class FakeTraining(JobParams[TrainingFacts]):
    """How a training that trains nothing ends."""

    kind: ClassVar[str] = "train"

    ends: str = "done"
    steps: int = 1
    too_hot: bool = False


def train(folder, params, link):
    behaviour = folder.root / BEHAVIOUR
    if behaviour.exists():
        params = params.model_copy(update=read_json(behaviour))
    ends = params.ends
    for step in range(params.steps):
        link.progress("Training", step)
        if link.request() is Request.STOP:
            raise worker.Stopped(TrainingFacts())
        time.sleep(0.01)
    if params.too_hot:
        link.emit(StateChanged(state="paused", reason="The card is too hot.", by_itself=True))
        link.emit(StateChanged(state="running"))
        link.emit(StateChanged(state="paused", reason="You paused the training."))
    if ends == "logged out":
        raise Ended
    if ends == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if ends == "failed":
        raise UserFacingError("fake.failed", "It failed.", "Do something else.")
    if ends == "card lost":
        raise UserFacingError("card.lost", "The card is gone.", "Restart the computer.")
    return TrainingFacts()


if __name__ == "__main__":
    worker.JOBS["train"] = f"{__spec__.name}:train"
    contract.KINDS["train"] = f"{__spec__.name}:FakeTraining"
    sys.exit(worker.main(sys.argv[1:]))
