"""A worker whose trainings train nothing: how each ends is a parameter of its job."""

import os
import signal
import sys
import time

from core.errors import UserFacingError
from core.files import read_json
from core.jobs import worker
from core.jobs.events import StateChanged
from core.jobs.link import Ended, Request
from tests.strangers import BEHAVIOUR


def train(folder, params, link):
    behaviour = folder.root / BEHAVIOUR
    params = {**params, **(read_json(behaviour) if behaviour.exists() else {})}
    ends = params.get("ends", "done")
    for step in range(params.get("steps", 1)):
        link.progress("Training", step)
        if link.request() is Request.STOP:
            raise worker.Stopped({})
        time.sleep(0.01)
    if params.get("too_hot"):
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
    return {}


if __name__ == "__main__":
    worker.JOBS["train"] = f"{__spec__.name}:train"
    sys.exit(worker.main(sys.argv[1:]))
